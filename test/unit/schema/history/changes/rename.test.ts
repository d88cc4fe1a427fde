import { describe, expect, test } from '@jest/globals'
import { endOf } from '../history-lines.ts'

describe('a renamed table or view takes along', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        "CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0) REFERENCES t); CREATE INDEX i ON t (b) WHERE a > 0; COMMENT ON TABLE t IS 'x'",
        'ALTER TABLE t RENAME TO u',
      ],
      [
        'column u.a nullability: NOT NULL',
        'column u.a type: int4',
        'column u.b type: int4',
        'constraint u.t_b_check definition: CHECK (b > 0)',
        'constraint u.t_b_fkey definition: FOREIGN KEY (b) REFERENCES u (key of u)',
        'constraint u.t_pkey definition: PRIMARY KEY (a)',
        'index i definition: INDEX ON u USING btree (b) WHERE (a > 0)',
        'table u comment: x',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE o (x int REFERENCES t)',
        'ALTER TABLE t RENAME TO u',
      ],
      [
        'column o.x type: int4',
        'column u.a nullability: NOT NULL',
        'column u.a type: int4',
        'constraint o.o_x_fkey definition: FOREIGN KEY (x) REFERENCES u (key of u)',
        'constraint u.t_pkey definition: PRIMARY KEY (a)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE TABLE n (b text)',
        'ALTER TABLE t RENAME TO old; ALTER TABLE n RENAME TO t',
      ],
      ['column old.a type: int4', 'column t.b type: text'],
    ],
    [
      ['ALTER TABLE old RENAME TO new; ALTER TABLE new ADD COLUMN a int'],
      ['column new.a type: int4', 'table new existence: (present)'],
    ],
    [
      ['CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t', 'ALTER TABLE t RENAME TO u'],
      ['column u.a type: int4', 'view v definition: (unknown)'],
    ],
    [
      ['CREATE TABLE t (a int UNIQUE); CREATE INDEX i ON t (a)', 'ALTER TABLE t SET SCHEMA app'],
      [
        'column app.t.a type: int4',
        'constraint app.t.t_a_key definition: UNIQUE (a)',
        'index app.i definition: INDEX ON app.t USING btree (a)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a text); CREATE INDEX i ON t (a COLLATE "C")',
        'ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO b',
      ],
      ['column u.b type: text', 'index i definition: INDEX ON u USING btree (b of u.b COLLATE C)'],
    ],
    [
      ['CREATE TABLE t (a serial)', 'ALTER TABLE t RENAME TO u'],
      [
        `column u.a default: pg_catalog.nextval(CAST('"public"."t_a_seq"' AS regclass))`,
        'column u.a nullability: NOT NULL',
        'column u.a type: int4',
      ],
    ],
    [
      ['CREATE TABLE t (a serial)', 'ALTER SEQUENCE t_a_seq RENAME TO s'],
      [
        `column t.a default: pg_catalog.nextval(CAST('"public"."s"' AS regclass))`,
        'column t.a nullability: NOT NULL',
        'column t.a type: int4',
        'sequence s existence: (present)',
      ],
    ],
    [
      [
        "CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('s'))",
        'ALTER TABLE s RENAME TO r',
      ],
      [`column t.a default: nextval('"r"')`, 'column t.a type: int4'],
    ],
    [
      [
        "CREATE SEQUENCE s; CREATE TABLE t (a int DEFAULT nextval('public.s'::regclass))",
        'ALTER SEQUENCE s SET SCHEMA app',
      ],
      [`column t.a default: nextval(CAST('"app"."s"' AS regclass))`, 'column t.a type: int4'],
    ],
    [
      ['CREATE VIEW v AS SELECT 1 AS x', 'ALTER TABLE v RENAME TO w'],
      ['view w definition: (unknown)'],
    ],
    [
      [
        'CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE INDEX i ON m (x)',
        'ALTER MATERIALIZED VIEW m RENAME TO n',
      ],
      [
        'index i definition: INDEX ON n USING btree (x)',
        'materialized view n definition: (unknown)',
        'materialized view n existence: materialized view',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); CREATE POLICY p ON t USING (a > 0)',
        'ALTER TABLE t RENAME TO u',
      ],
      [
        'column u.a type: int4',
        'policy u.p definition: PERMISSIVE FOR ALL TO public USING (a > 0)',
        'trigger u.g definition: type 19 EXECUTE public.f()',
      ],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('a renamed column is renamed', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        'CREATE TABLE t (a int CHECK (a > 0) UNIQUE, b int GENERATED ALWAYS AS (a + 1) STORED); CREATE INDEX i ON t (lower(a)) INCLUDE (b) WHERE a > 0',
        'ALTER TABLE t RENAME a TO z',
      ],
      [
        'column t.b default: GENERATED STORED z + 1',
        'column t.b type: int4',
        'column t.z type: int4',
        'constraint t.t_a_check definition: CHECK (z > 0)',
        'constraint t.t_a_key definition: UNIQUE (z)',
        'index i definition: INDEX ON t USING btree ((lower(z))) INCLUDE (b) WHERE (z > 0)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int, b int CHECK (b > 0)); CREATE TABLE o (a int REFERENCES t (a))',
        'ALTER TABLE t RENAME a TO z',
      ],
      [
        'column o.a type: int4',
        'column t.b type: int4',
        'column t.z type: int4',
        'constraint o.o_a_fkey definition: FOREIGN KEY (a) REFERENCES t (z)',
        'constraint t.t_b_check definition: CHECK (b > 0)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION f(); CREATE POLICY p ON t USING (t.a > 0)',
        'ALTER TABLE t RENAME a TO z',
      ],
      [
        'column t.z type: int4',
        'policy t.p definition: PERMISSIVE FOR ALL TO public USING (t.z > 0)',
        'trigger t.g definition: type 19 OF z WHEN (new.z > 0) EXECUTE public.f()',
      ],
    ],
    [
      [
        "CREATE TABLE t (a int DEFAULT 5); COMMENT ON COLUMN t.a IS 'x'",
        'ALTER TABLE t RENAME a TO z; ALTER TABLE t ADD a text',
      ],
      [
        'column t.a comment: (unknown)',
        'column t.a type: text',
        'column t.z comment: x',
        'column t.z default: 5',
        'column t.z type: int4',
      ],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('a renamed constraint or index', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      ['CREATE TABLE t (a int UNIQUE)', 'ALTER TABLE t RENAME CONSTRAINT t_a_key TO k'],
      ['column t.a type: int4', 'constraint t.k definition: UNIQUE (a)'],
    ],
    [
      ['CREATE TABLE t (a int UNIQUE)', 'ALTER INDEX t_a_key RENAME TO k'],
      ['column t.a type: int4', 'constraint t.k definition: UNIQUE (a)'],
    ],
    [
      ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', 'ALTER INDEX i RENAME TO j'],
      ['column t.a type: int4', 'index j definition: INDEX ON t USING btree (a)'],
    ],
    [
      ['CREATE TABLE t (a int); CREATE INDEX i ON t (a)', 'ALTER TABLE i RENAME TO j'],
      ['column t.a type: int4', 'index j definition: INDEX ON t USING btree (a)'],
    ],
    [['CREATE TABLE t (a int)', 'ALTER INDEX t RENAME TO u'], ['column u.a type: int4']],
    [
      [
        'CREATE TABLE t (a int CONSTRAINT t CHECK (a > 0)); CREATE INDEX i ON t (a)',
        'ALTER TABLE t RENAME CONSTRAINT t TO c',
      ],
      [
        'column t.a type: int4',
        'constraint t.c definition: CHECK (a > 0)',
        'index i definition: INDEX ON t USING btree (a)',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX i',
      ],
      [
        'column t.a nullability: NOT NULL',
        'column t.a type: int4',
        'constraint t.k definition: PRIMARY KEY (a)',
        'index k definition: UNIQUE INDEX ON t USING btree (a)',
        'index k existence: index of a key',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i',
        'ALTER INDEX k RENAME TO l',
      ],
      [
        'column t.a type: int4',
        'constraint t.l definition: UNIQUE (a)',
        'index l definition: UNIQUE INDEX ON t USING btree (a)',
        'index l existence: index of a key',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i',
        'ALTER TABLE t RENAME CONSTRAINT k TO l',
      ],
      [
        'column t.a type: int4',
        'constraint t.l definition: UNIQUE (a)',
        'index l definition: UNIQUE INDEX ON t USING btree (a)',
        'index l existence: index of a key',
      ],
    ],
    [
      [
        'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i',
        'ALTER TABLE t DROP CONSTRAINT k',
      ],
      ['column t.a type: int4'],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('a renamed type', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood DEFAULT 'a'::mood, n mood[]); CREATE INDEX i ON t (m) WHERE m = 'a'::mood",
        'ALTER TYPE mood RENAME TO feeling',
      ],
      [
        "column t.m default: CAST('a' AS feeling)",
        'column t.m type: feeling',
        'column t.n type: feeling[]',
        "index i definition: INDEX ON t USING btree (m) WHERE (m = CAST('a' AS feeling))",
        'type feeling labels: a',
      ],
    ],
    [
      [
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (m mood, n public.mood)",
        'ALTER TYPE mood SET SCHEMA app',
      ],
      ['column t.m type: app.mood', 'column t.n type: app.mood', 'type app.mood labels: a'],
    ],
    [
      ['CREATE DOMAIN d AS text; CREATE TYPE c AS (x d)', 'ALTER DOMAIN d RENAME TO e'],
      [
        'type c definition: x e; ',
        'type c existence: composite',
        'type e definition: text',
        'type e existence: domain',
      ],
    ],
    [
      ['CREATE TYPE c AS (x int)', 'ALTER TYPE c RENAME ATTRIBUTE x TO y'],
      ['type c definition: (unknown)', 'type c existence: composite'],
    ],
    [
      ['CREATE TYPE c AS (x int)', 'ALTER TYPE c ADD ATTRIBUTE y int'],
      ['type c definition: (unknown)', 'type c existence: composite'],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('a renamed schema', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        "CREATE SCHEMA a; CREATE TYPE a.mood AS ENUM ('x'); CREATE TABLE a.t (id serial PRIMARY KEY, m a.mood); CREATE INDEX i ON a.t (m); CREATE TABLE o (x int REFERENCES a.t)",
        'ALTER SCHEMA a RENAME TO b',
      ],
      [
        `column b.t.id default: pg_catalog.nextval(CAST('"b"."t_id_seq"' AS regclass))`,
        'column b.t.id nullability: NOT NULL',
        'column b.t.id type: int4',
        'column b.t.m type: b.mood',
        'column o.x type: int4',
        'constraint b.t.t_pkey definition: PRIMARY KEY (id)',
        'constraint o.o_x_fkey definition: FOREIGN KEY (x) REFERENCES b.t (key of b.t)',
        'index b.i definition: INDEX ON b.t USING btree (m)',
        'type b.mood labels: x',
      ],
    ],
    [
      [
        "CREATE SCHEMA a; CREATE FUNCTION a.f() RETURNS trigger LANGUAGE plpgsql AS 'x'; CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION a.f()",
        'ALTER SCHEMA a RENAME TO b',
      ],
      [
        'column t.x type: int4',
        'function b.f() body: x',
        'function b.f() definition: FUNCTION LANGUAGE plpgsql VOLATILE',
        'function b.f() result: trigger',
        'trigger t.g definition: type 19 EXECUTE b.f()',
      ],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})

describe('a renamed function', () => {
  test.each<readonly [files: readonly string[], lines: readonly string[]]>([
    [
      [
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'x'; CREATE TABLE t (x int); CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
        'ALTER FUNCTION f RENAME TO h',
      ],
      [
        'column t.x type: int4',
        'function h() body: x',
        'function h() definition: FUNCTION LANGUAGE plpgsql VOLATILE',
        'function h() result: trigger',
        'trigger t.g definition: type 19 EXECUTE public.h()',
      ],
    ],
    [
      [
        "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'x'; CREATE TABLE t (x int CHECK (f(x) > 0) DEFAULT f(1))",
        'ALTER FUNCTION f(int) RENAME TO h',
      ],
      [
        'column t.x default: h(1)',
        'column t.x type: int4',
        'constraint t.t_x_check definition: CHECK (h(x) > 0)',
        'function h(int4) body: x',
        'function h(int4) definition: FUNCTION LANGUAGE sql VOLATILE',
        'function h(int4) result: int4',
      ],
    ],
    [
      [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'x'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'y'",
        'ALTER FUNCTION f(int) RENAME TO h',
      ],
      [
        'function f() body: x',
        'function f() definition: FUNCTION LANGUAGE sql VOLATILE',
        'function f() result: int4',
        'function h(int4) body: y',
        'function h(int4) definition: FUNCTION LANGUAGE sql VOLATILE',
        'function h(int4) result: int4',
      ],
    ],
  ])('%j', (files, lines) => {
    expect(endOf(files)).toEqual(lines)
  })
})
