// Functions in every place where an expression can stand: whoever lets the planner see one runs it, and it says so in the
// server's log. Each place is a file of its own, and the objects are in the database beforehand.

import type { TestDatabase } from './database.ts'
import type { Files } from './gate.ts'
import type { ServerVersion } from './servers.ts'

const trap = (name: string, effect: string): string => `BEGIN
  RAISE LOG 'TRAP ${name} as % on %', current_user, pg_catalog.current_setting('application_name');
  ${effect} END`

/** `effect` is what each function does besides saying that it ran. */
const functions = (effect: string): string => `
CREATE FUNCTION app.evil(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('evil', `${effect} RETURN $1;`)} $f$;
CREATE FUNCTION app.constant() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('constant', `${effect} RETURN 1;`)} $f$;
CREATE FUNCTION app.steady(int) RETURNS int LANGUAGE plpgsql STABLE AS $f$ ${trap('steady', `${effect} RETURN $1;`)} $f$;
CREATE FUNCTION app.restless(int) RETURNS boolean LANGUAGE plpgsql AS $f$ ${trap('restless', `${effect} RETURN true;`)} $f$;
CREATE FUNCTION app.inlined(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT app.evil(7) + $1';
CREATE FUNCTION app.written_in() RETURNS int LANGUAGE sql AS 'SELECT app.evil(8)';
CREATE FUNCTION app."Odd name"(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('odd', `${effect} RETURN $1;`)} $f$;
CREATE FUNCTION app.with_default(a int DEFAULT app.evil(9)) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN a; END';
CREATE FUNCTION app.equals(int, int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('equals', `${effect} RETURN $1 = $2;`)} $f$;
CREATE FUNCTION app.is_same(int, int) RETURNS boolean LANGUAGE plpgsql AS $f$ ${trap('is_same', `${effect} RETURN $1 = $2;`)} $f$;
CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = app.equals);
CREATE OPERATOR app.==== (LEFTARG = int, RIGHTARG = int, FUNCTION = app.is_same, RESTRICT = eqsel);
CREATE DOMAIN app.checked AS int CHECK (app.restless(VALUE));
CREATE DOMAIN app.bounded AS int CHECK (VALUE > app.evil(2));
CREATE TYPE app.pair AS (a app.checked, b int);
CREATE FUNCTION app.takes(app.checked[]) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION app.apart(int, int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('apart', `${effect} RETURN $1 - $2;`)} $f$;
CREATE TYPE app.span AS RANGE (SUBTYPE = int4, SUBTYPE_DIFF = app.apart);
CREATE TYPE app.mood AS ENUM ('ok');
CREATE FUNCTION app.as_number(app.mood) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('as_number', `${effect} RETURN 1;`)} $f$;
CREATE CAST (app.mood AS int) WITH FUNCTION app.as_number(app.mood) AS IMPLICIT;
CREATE FUNCTION app.step(app.pair, int) RETURNS app.pair LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE AGGREGATE app.total(int) (SFUNC = app.step, STYPE = app.pair, INITCOND = '(5,5)');
CREATE FUNCTION app.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('public.lower', `${effect} RETURN $1;`)} $f$;
CREATE FUNCTION public.near(macaddr, varchar) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('public.near', `${effect} RETURN true;`)} $f$;
CREATE OPERATOR public.>= (LEFTARG = macaddr, RIGHTARG = varchar, FUNCTION = public.near);
CREATE FUNCTION public.alike(varchar, varchar) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('public.alike', `${effect} RETURN true;`)} $f$;
CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.alike);`

const everywhere: Readonly<Record<string, string>> = {
  check: `CREATE TABLE app.t_check (id int, CONSTRAINT c CHECK (id > app.evil(2)), CONSTRAINT d CHECK (id > app.constant()),
    CONSTRAINT e CHECK (id > app.inlined(1)), CONSTRAINT f CHECK (id > app."Odd name"(1)), CONSTRAINT g CHECK (app.restless(id)),
    CHECK (id < app.evil(3)))`,
  by_default: `CREATE TABLE app.t_default (a int DEFAULT app.evil(2), b int DEFAULT app.constant(), c int DEFAULT app.written_in(),
    d int DEFAULT app.with_default(), e int DEFAULT app.takes('{5}'), f int DEFAULT app.steady(1), g bigserial)`,
  generated:
    'CREATE TABLE app.t_generated (id int, b int GENERATED ALWAYS AS (id + app.evil(2)) STORED)',
  indexed: `CREATE TABLE app.t_index (id int); CREATE INDEX t_index_evil ON app.t_index ((id + app.evil(2)));
    CREATE UNIQUE INDEX t_index_some ON app.t_index (id) WHERE id > app.evil(3); CREATE INDEX ON app.t_index ((id - app.constant()))`,
  policy: `CREATE TABLE app.t_policy (id int); ALTER TABLE app.t_policy ENABLE ROW LEVEL SECURITY;
    CREATE POLICY p ON app.t_policy USING (id > app.evil(2)) WITH CHECK (id > app.constant());
    CREATE POLICY q ON app.t_policy USING (EXISTS (SELECT FROM app.t_check c WHERE c.id = app.steady(2)))`,
  seen: `CREATE VIEW app.v_called AS SELECT app.evil(2) AS x; CREATE VIEW app.v_steady AS SELECT id FROM app.t_check WHERE id = app.steady(2);
    CREATE VIEW app.v_nested AS SELECT x + 1 AS y FROM app.v_called; CREATE VIEW app.v_indexed AS SELECT id FROM app.t_index WHERE id = 3;
    CREATE VIEW app.v_policy AS SELECT id FROM app.t_policy WHERE id = 4; CREATE VIEW app.v_total AS SELECT app.total(id) AS x FROM app.t_check;
    CREATE MATERIALIZED VIEW app.m AS SELECT app.evil(2) AS x WITH NO DATA`,
  estimated: `CREATE TABLE app.t_known (id int, s app.span);
    CREATE VIEW app.v_known AS SELECT id FROM app.t_known WHERE id OPERATOR(app.====) 3;
    CREATE VIEW app.v_span AS SELECT id FROM app.t_known WHERE s && '[3,9)'::app.span;
    CREATE TABLE app.t_counted (id int); CREATE STATISTICS app.s ON (id + app.evil(2)), (id * 2) FROM app.t_counted;
    CREATE VIEW app.v_counted AS SELECT id FROM app.t_counted WHERE id * 2 = 4`,
  trigger: `CREATE TABLE app.t_trigger (id int);
    CREATE TRIGGER g BEFORE INSERT ON app.t_trigger FOR EACH ROW WHEN (NEW.id > app.evil(2)) EXECUTE FUNCTION app.fire()`,
  rule: `CREATE TABLE app.t_rule (id int); CREATE RULE r AS ON UPDATE TO app.t_rule DO ALSO SELECT app.evil(2);
    CREATE VIEW app.v_rule AS SELECT id FROM app.t_rule WHERE id = 5`,
  domain: `CREATE TABLE app.t_domain (a app.checked DEFAULT 5, b app.checked[] DEFAULT '{5}', c app.pair DEFAULT '(5,5)',
    d app.pair[] DEFAULT '{"(5,5)"}', e app.span DEFAULT '[1,2)', f int DEFAULT 3::app.checked, CHECK (b <> '{6}'), CHECK (c <> '(6,6)'::app.pair),
    CONSTRAINT c CHECK (f <> ('{7}'::app.checked[])[1]))`,
  typed: `SET search_path TO app, public; CREATE TABLE t_typed (a bounded, b bounded[], c pair, d span); SET search_path TO DEFAULT`,
  partitioned: `CREATE TABLE app.t_parts (id int NOT NULL, x int) PARTITION BY RANGE ((id + app.evil(2)));
    CREATE TABLE app.t_part PARTITION OF app.t_parts FOR VALUES FROM (app.evil(1)) TO (9);
    CREATE VIEW app.v_parts AS SELECT x FROM app.t_parts WHERE x = 6;
    CREATE TABLE app.t_parent (id int CHECK (id > 0)); CREATE TABLE app.t_child (CHECK (id > app.evil(3))) INHERITS (app.t_parent);
    CREATE VIEW app.v_parent AS SELECT id FROM app.t_parent WHERE id = 7`,
  operator: `CREATE TABLE app.t_operator (id int, CONSTRAINT c CHECK (3 OPERATOR(app.===) 3 AND id > 0), CONSTRAINT d CHECK (id OPERATOR(app.====) 3));
    CREATE VIEW app.v_operator AS SELECT 3 OPERATOR(app.===) 4 AS x`,
  cast: `CREATE TABLE app.t_cast (id int, m app.mood, CONSTRAINT c CHECK (id > 'ok'::app.mood), CONSTRAINT d CHECK (coalesce('ok', m)::int > 0),
    n int DEFAULT 'ok'::app.mood)`,
  shadowed: `CREATE TABLE app.t_shadow (a varchar(9), CONSTRAINT c CHECK (lower(a) <> lower('A'::varchar)), b boolean DEFAULT 'x'::varchar = 'y'::varchar,
    d boolean DEFAULT '08:00:2b:01:02:03'::macaddr >= 'x'::varchar, e boolean DEFAULT ('x'::varchar IN ('y'::varchar)))`,
  row: `CREATE TABLE app.t_row (id int); CREATE FUNCTION public.column_like(app.t_row) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ ${trap('column_like', 'RETURN 1;')} $f$;
    CREATE VIEW app.v_row AS SELECT ('(5)'::app.t_row).column_like AS x`,
}

const virtual = 'CREATE TABLE app.t_virtual (id int, b int GENERATED ALWAYS AS (id + 1) VIRTUAL)'

const foreign = ({ name, port }: TestDatabase): string => `CREATE EXTENSION postgres_fdw;
  CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${port}', dbname '${name}', use_remote_estimate 'true');
  CREATE USER MAPPING FOR CURRENT_USER SERVER itself OPTIONS (user 'postgres', password 'test-password-Zx9');`

const overThere = `CREATE FOREIGN TABLE app.t_foreign (x int) SERVER itself OPTIONS (schema_name 'app', table_name 'v_called');
  CREATE VIEW app.v_foreign AS SELECT x FROM app.t_foreign WHERE x = 1`

// The same names, with texts of which the database has nothing: here it is the file that calls.
const disguised = {
  harmless: `CREATE TABLE app.t_harmless (id int DEFAULT 1, a app.checked[] DEFAULT '{}', CONSTRAINT c CHECK (id > 0));
    CREATE INDEX t_harmless_id ON app.t_harmless ((id + 1)) WHERE id > 0; CREATE POLICY p ON app.t_harmless USING (id > 0);
    CREATE VIEW app.v_harmless AS SELECT 1 AS x; CREATE TRIGGER g BEFORE INSERT ON app.t_harmless FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION app.fire()`,
  calling: `CREATE TABLE app.t_harmless (id int DEFAULT app.evil(2), a app.checked[] DEFAULT '{5}', CONSTRAINT c CHECK (id > app.inlined(2)));
    CREATE INDEX t_harmless_id ON app.t_harmless ((id + app.constant())) WHERE id > app.evil(2); CREATE POLICY p ON app.t_harmless USING (id > app.evil(2));
    CREATE VIEW app.v_harmless AS SELECT app.evil(1) AS x; CREATE TRIGGER g BEFORE INSERT ON app.t_harmless FOR EACH ROW WHEN (NEW.id > app.evil(2)) EXECUTE FUNCTION app.fire()`,
}

// What the database has, in other words: the server has to look at it twice.
const contract = {
  service: 'api',
  tables: {
    'app.t_check': {
      constraints: {
        c: { definition: 'CHECK (id>app.evil( 2 ))' },
        d: { definition: 'CHECK ((id) > app.constant())' },
      },
    },
    'app.t_default': {
      columns: { a: { default: 'app.evil((2))' }, b: { default: 'app . constant()' } },
    },
    'app.t_index': { indexes: { t_index_evil: { definition: '((id+app.evil( 2 )))' } } },
    'app.t_domain': { columns: { b: { default: "'{5}'::app . checked[]" } } },
  },
}

export type Traps = {
  readonly files: Files
  /** Brings a database to where the files say it is. */
  readonly arm: string
}

/** All of it is the owner's, as far as that need not be a superuser. `effect` is what each function does besides. */
export const plannerTraps = (
  database: TestDatabase,
  version: ServerVersion,
  { owner, effect }: { readonly owner: string; readonly effect: string },
): Traps => {
  const places = { ...everywhere, ...(version === '18' ? { virtual } : {}) }
  const { harmless, calling } = disguised
  const files = { ...places, foreign: overThere, calling }
  return {
    files: {
      ...Object.fromEntries(
        Object.entries(files).map(([name, sql], index) => [
          `${index + 1}_${name}.sql`,
          `${sql};\n`,
        ]),
      ),
      'contracts/api.json': JSON.stringify(contract),
    },
    arm: `CREATE SCHEMA app AUTHORIZATION ${owner}; GRANT CREATE ON SCHEMA public TO ${owner}; ${foreign(database)}
      SET ROLE ${owner}; ${functions(effect)} ${Object.values(places).join('; ')}; ${harmless};
      INSERT INTO app.t_known SELECT g % 3, app.span(g, g + 5) FROM generate_series(1, 300) g; ANALYZE app.t_known;
      RESET ROLE; ${overThere}`,
  }
}

/**
 * The same definitions in files that make nothing, because all of it is there. No indexes: PostgreSQL itself plans those of a
 * CREATE INDEX IF NOT EXISTS, as their table's owner.
 */
export const again = (files: Files): Files =>
  Object.fromEntries(
    Object.entries(files)
      .filter(([name, text]) => name.endsWith('.sql') && typeof text === 'string')
      .map(([name, text]) => [`1${name.padStart(20, '0')}`, guarded(String(text))]),
  )

const guarded = (sql: string): string =>
  sql
    .replace(/CREATE (TABLE|MATERIALIZED VIEW|FOREIGN TABLE) /g, 'CREATE $1 IF NOT EXISTS ')
    .replace(/CREATE (VIEW|FUNCTION|RULE|TRIGGER) /g, 'CREATE OR REPLACE $1 ')
    .replace(/CREATE STATISTICS /g, 'CREATE STATISTICS IF NOT EXISTS ')
    .replace(/CREATE (?:UNIQUE INDEX|INDEX|POLICY) [^;]*;?/g, '')
