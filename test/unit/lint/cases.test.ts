// What each rule does and does not find, case by case: the file stands behind one that made the table t.

import { describe, expect, test } from '@jest/globals'
import { briefly, lintFiles, lintText } from './lint-example.ts'

const before = `CREATE TABLE IF NOT EXISTS t (
  id bigint PRIMARY KEY, a varchar(20), n numeric(8, 2), at timestamp(3), j text NOT NULL
);
CREATE TABLE IF NOT EXISTS other (id bigint PRIMARY KEY);
CREATE TABLE IF NOT EXISTS parted (a int) PARTITION BY LIST (a);
CREATE INDEX IF NOT EXISTS parted_a ON parted (a);`

const cases: Readonly<
  Record<string, readonly (readonly [sql: string, found: readonly string[]])[]>
> = {
  'index-without-concurrently': [
    ['CREATE INDEX IF NOT EXISTS i ON t (a);', ['1:1']],
    ['CREATE UNIQUE INDEX IF NOT EXISTS i ON public.t (a);', ['1:1']],
    ['CREATE TABLE IF NOT EXISTS u (a int); CREATE INDEX IF NOT EXISTS i ON u (a);', []],
    ['CREATE TABLE IF NOT EXISTS t (a int); CREATE INDEX IF NOT EXISTS i ON t (a);', ['1:39']],
    ['CREATE INDEX i ON t (a); CREATE INDEX IF NOT EXISTS i ON t (a);', ['1:1']],
    ['CREATE TEMP TABLE t (a int); CREATE INDEX i ON t (a);', []],
    ['CREATE INDEX IF NOT EXISTS i ON parted (a);', ['1:1']],
    ['CREATE INDEX IF NOT EXISTS i ON ONLY parted (a);', []],
  ],
  'drop-index-without-concurrently': [
    ['DROP INDEX IF EXISTS i, j;', ['1:1', '1:1']],
    ['DROP INDEX IF EXISTS parted_a; DROP TABLE IF EXISTS parted;', []],
    ['DROP INDEX IF EXISTS parted_a; DROP TABLE IF EXISTS other;', ['1:1']],
    ['DROP INDEX IF EXISTS parted_a; DROP SCHEMA public CASCADE;', []],
    [
      'CREATE TABLE IF NOT EXISTS u (a int); CREATE INDEX IF NOT EXISTS i ON u (a); DROP INDEX IF EXISTS i;',
      [],
    ],
  ],
  'reindex-without-concurrently': [
    ['REINDEX INDEX t_pkey;', ['1:1']],
    ['REINDEX (CONCURRENTLY false) TABLE t;', ['1:1']],
    ['REINDEX (VERBOSE, CONCURRENTLY) TABLE t;', []],
  ],
  'constraint-without-not-valid': [
    ['ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES other (id);', ['1:15']],
    ['ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES other (id) NOT VALID;', []],
    [
      "ALTER TABLE t ADD COLUMN IF NOT EXISTS b int DEFAULT 1,\n  ADD CHECK (a <> 'x, y');",
      ['2:3'],
    ],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int CHECK (b > 0);', ['1:46']],
    [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c;',
      ['1:72'],
    ],
    ['ALTER TABLE t VALIDATE CONSTRAINT c;', []],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int REFERENCES other;', []],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int DEFAULT NULL REFERENCES other;', ['1:59']],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int DEFAULT 1 REFERENCES other;', ['1:56']],
  ],
  'unique-without-index': [
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int UNIQUE;', ['1:15']],
    ['ALTER TABLE t ADD UNIQUE USING INDEX i;', []],
    ['ALTER TABLE t ADD CONSTRAINT c EXCLUDE USING gist (a WITH =);', ['1:15']],
  ],
  'not-null-without-check': [
    ['ALTER TABLE t ALTER j SET NOT NULL;', []],
    ['ALTER TABLE t ALTER id SET NOT NULL;', []],
    ['ALTER TABLE t ADD CONSTRAINT c NOT NULL a;', ['1:15']],
    ['ALTER TABLE t ADD CONSTRAINT c NOT NULL a NOT VALID;', []],
    ['ALTER TABLE t ALTER a DROP NOT NULL, ALTER a SET NOT NULL;', ['1:38']],
    [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL AND n > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER a SET NOT NULL;',
      [],
    ],
    [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID; ALTER TABLE t ALTER a SET NOT NULL;',
      ['1:79'],
    ],
    [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL OR n > 0); ALTER TABLE t ALTER a SET NOT NULL;',
      ['1:78'],
    ],
  ],
  'required-column-without-default': [
    ['ALTER TABLE t ADD b int NOT NULL DEFAULT NULL;', ['1:15']],
    ['ALTER TABLE t ADD b bigserial NOT NULL;', []],
    ['ALTER TABLE t ADD b int GENERATED ALWAYS AS IDENTITY NOT NULL;', []],
    ['CREATE TABLE u (a int); ALTER TABLE u ADD b int NOT NULL;', []],
    ['TRUNCATE t; ALTER TABLE t ADD b int NOT NULL;', []],
    ['DELETE FROM t; ALTER TABLE t ADD b int NOT NULL;', []],
    ['DELETE FROM t WHERE id > 1; ALTER TABLE t ADD b int NOT NULL;', ['1:43']],
    [
      "TRUNCATE t; INSERT INTO t VALUES (1, '', 1, now(), ''); ALTER TABLE t ADD b int NOT NULL;",
      ['1:71'],
    ],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS j text NOT NULL;', []],
  ],
  'volatile-default': [
    ['ALTER TABLE t ADD b timestamptz DEFAULT now();', []],
    ["ALTER TABLE t ADD b timestamptz DEFAULT date_trunc('day', clock_timestamp());", ['1:15']],
    ['ALTER TABLE t ALTER j SET DEFAULT random();', []],
    [
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER TABLE t ADD b int DEFAULT f();",
      ['1:75'],
    ],
    [
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; ALTER TABLE t ADD b int DEFAULT f();",
      [],
    ],
  ],
  'computed-column': [
    ['ALTER TABLE t ADD b serial;', ['1:15']],
    ['ALTER TABLE t ADD b int GENERATED BY DEFAULT AS IDENTITY;', ['1:15']],
    ['ALTER TABLE t ADD b int GENERATED ALWAYS AS (id + 1) VIRTUAL;', []],
  ],
  'column-type-change': [
    ['ALTER TABLE t ALTER a TYPE varchar(40);', []],
    ['ALTER TABLE t ALTER a TYPE varchar(10);', ['1:15']],
    ['ALTER TABLE t ALTER a TYPE text USING a::text;', []],
    ['ALTER TABLE t ALTER a TYPE text USING lower(a);', ['1:15']],
    ['ALTER TABLE t ALTER n TYPE numeric(12, 2);', []],
    ['ALTER TABLE t ALTER n TYPE numeric(12, 4);', ['1:15']],
    ['ALTER TABLE t ALTER at TYPE timestamptz;', ['1:15']],
    ['ALTER TABLE t ALTER unknown TYPE text;', ['1:15']],
    ["SET timezone = 'UTC'; ALTER TABLE t ALTER at TYPE timestamptz;", []],
    ["SET timezone = 'UTC'; ALTER TABLE t ALTER at TYPE timestamptz USING at::timestamptz;", []],
    [
      "SET timezone = 'UTC'; ALTER TABLE t ALTER at TYPE timestamptz USING at AT TIME ZONE 'UTC';",
      ['1:37'],
    ],
    ["SET timezone = 'UTC'; RESET timezone; ALTER TABLE t ALTER at TYPE timestamptz;", ['1:53']],
    [
      "SET timezone = 'UTC'; DO $$ BEGIN SET timezone = 'Asia/Tokyo'; END $$; ALTER TABLE t ALTER at TYPE timestamptz;",
      ['1:86'],
    ],
  ],
  'table-rewrite': [
    ['VACUUM (FULL) t;', ['1:1']],
    ['VACUUM FULL;', ['1:1']],
    ['VACUUM (FULL false) t;', []],
    ['VACUUM t;', []],
    ['ALTER TABLE t SET UNLOGGED;', ['1:15']],
    ['ALTER TABLE t SET TABLESPACE fast;', ['1:15']],
    ['ALTER TABLE t SET (fillfactor = 70);', []],
  ],
  rename: [
    ['ALTER TABLE t RENAME TO u;', ['1:13']],
    ['ALTER TABLE t RENAME TO u; CREATE OR REPLACE VIEW t AS SELECT * FROM u;', []],
    ['ALTER TABLE t RENAME TO u; CREATE TABLE t (id bigint);', []],
    ['CREATE TABLE n (LIKE t); ALTER TABLE t RENAME TO u; ALTER TABLE n RENAME TO t;', []],
    ['ALTER TABLE t RENAME a TO b; ALTER TABLE t ADD COLUMN a text;', []],
    ['ALTER TABLE t RENAME TO u; CREATE TABLE app.t (id bigint);', ['1:13']],
    ['ALTER TABLE t SET SCHEMA app;', ['1:13']],
    ['ALTER TABLE t RENAME CONSTRAINT t_pkey TO t_key;', []],
    ['CREATE TABLE u (a int); ALTER TABLE u RENAME a TO b;', []],
  ],
  'makes-and-drops': [
    ['CREATE TABLE IF NOT EXISTS u (a int); DROP TABLE u;', ['1:50']],
    ['CREATE TABLE u (a int); INSERT INTO u VALUES (1); DROP TABLE u;', ['1:62']],
    ['CREATE TABLE u (a int); ALTER TABLE u ADD b int; DROP TABLE u;', ['1:61']],
    ['CREATE TABLE IF NOT EXISTS u (a int); ALTER TABLE u RENAME TO v; DROP TABLE v;', ['1:77']],
    // A work table is read.
    ['CREATE TABLE u AS SELECT id FROM t; UPDATE t SET a = NULL FROM u; DROP TABLE u;', []],
    ['CREATE TABLE u AS SELECT * FROM t; INSERT INTO other SELECT id FROM u; DROP TABLE u;', []],
    [
      'CREATE TABLE u AS SELECT * FROM t; TRUNCATE t; INSERT INTO t SELECT * FROM u; DROP TABLE u;',
      [],
    ],
    [
      'CREATE TABLE u (id bigint PRIMARY KEY); ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES u; ALTER TABLE t DROP CONSTRAINT c; DROP TABLE u;',
      [],
    ],
    ["CREATE SEQUENCE s; ALTER TABLE t ADD k int DEFAULT nextval('s'); DROP SEQUENCE s;", []],
    // A copy takes the place of a table.
    [
      'CREATE TABLE u (LIKE t); INSERT INTO u SELECT * FROM t; DROP TABLE t; ALTER TABLE u RENAME TO t;',
      [],
    ],
    [
      'CREATE TABLE u (LIKE t); ALTER TABLE t RENAME TO x; ALTER TABLE u RENAME TO t; ALTER TABLE x RENAME TO u; DROP TABLE u;',
      [],
    ],
  ],
  'drop-table': [
    ['DROP TABLE IF EXISTS t, other;', ['1:22', '1:25']],
    ['DROP VIEW IF EXISTS v; CREATE OR REPLACE VIEW v AS SELECT 1;', []],
    ['DROP TABLE IF EXISTS u; CREATE TABLE IF NOT EXISTS u (a int);', []],
    ['DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (a int);', ['1:22']],
    ['CREATE TEMP TABLE x (a int); DROP TABLE x;', []],
  ],
  'drop-cascade': [
    ['DROP TABLE IF EXISTS t CASCADE;', ['1:24']],
    ['DROP TABLE IF EXISTS t RESTRICT;', []],
  ],
  'data-change-in-schema-file': [
    ["UPDATE t SET a = 'x';", []],
    ["CREATE TABLE IF NOT EXISTS u (a int); UPDATE t SET a = 'x';", ['1:39']],
    ['CREATE TABLE IF NOT EXISTS u (a int); INSERT INTO u SELECT id FROM t;', []],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int; INSERT INTO other VALUES (1);', []],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int; DELETE FROM other;', ['1:47']],
    ["COMMENT ON TABLE t IS 'x'; DELETE FROM other;", []],
  ],
  'partition-locks-parent': [
    ['ALTER TABLE t DETACH PARTITION p;', ['1:15']],
    ['ALTER TABLE t DETACH PARTITION p CONCURRENTLY;', []],
    ['CREATE TABLE p PARTITION OF t DEFAULT;', ['1:1']],
    ['CREATE TABLE u (a int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF u DEFAULT;', []],
    ['CREATE TABLE c () INHERITS (t);', []],
  ],
  truncate: [['CREATE TABLE u (a int); TRUNCATE u;', []]],
  'lock-table': [
    ['LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE;', []],
    ['LOCK TABLE t, other IN SHARE MODE;', ['1:1', '1:1']],
  ],
  'disable-trigger': [['ALTER TABLE t DISABLE TRIGGER ALL, ENABLE TRIGGER x;', ['1:15']]],
  'session-level-set': [
    ["SET LOCAL lock_timeout = '1s';", []],
    ['SET TRANSACTION READ ONLY;', []],
    ['RESET search_path;', []],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;', ['1:1']],
    ['SET ROLE app;', ['1:1']],
    ["SELECT pg_catalog.set_config('search_path', '', false);", ['1:1']],
    ["SELECT set_config('search_path', '', true);", []],
  ],
  'refresh-without-concurrently': [
    ['CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; REFRESH MATERIALIZED VIEW m;', []],
  ],
  'mixed-concurrent': [
    ["SET lock_timeout = '1s'; CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);", []],
    ['DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i ON t (a);', []],
    ['VACUUM t; ANALYZE t;', ['1:1']],
  ],
  'enum-value-used': [
    ["CREATE TYPE m AS ENUM ('a'); ALTER TYPE m ADD VALUE 'b'; SELECT 'b'::m;", []],
    ["ALTER TYPE m ADD VALUE 'b'; SELECT 'b'::text;", []],
    ["ALTER TYPE m ADD VALUE 'b'; SELECT 'b'::m;", ['1:36']],
    ["ALTER TYPE m RENAME VALUE 'a' TO 'b'; SELECT 'b'::m;", []],
    ["ALTER TYPE m ADD VALUE 'b'; COMMENT ON TYPE m IS 'b';", []],
  ],
  'unguarded-statement': [
    ['CREATE TABLE u (a int, CONSTRAINT c CHECK (a > 0));', ['1:14']],
    ['CREATE VIEW v AS SELECT 1;', ['1:13']],
    ['CREATE OR REPLACE VIEW v AS SELECT 1;', []],
    ['ALTER TABLE t DROP COLUMN a, DROP COLUMN IF EXISTS n;', ['1:27']],
    ['ALTER TABLE t DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT c CHECK (id > 0) NOT VALID;', []],
    ['CREATE INDEX CONCURRENTLY ON t (a);', ['1:1']],
    ["ALTER TYPE m ADD VALUE 'b';", ['1:25']],
    ['ALTER TABLE t RENAME COLUMN a TO b;', ['1:29']],
    ['CREATE TEMP TABLE x (a int);', []],
    ['ALTER TABLE t ALTER a SET DEFAULT 1;', []],
  ],
  'duplicate-object': [
    ['CREATE TABLE t (id int);', ['1:14']],
    ['CREATE TABLE IF NOT EXISTS t (id int);', []],
    ['CREATE TABLE app.t (id int);', []],
    ['ALTER TABLE t ADD COLUMN a text;', ['1:26']],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a text;', []],
    ['DROP VIEW IF EXISTS v CASCADE; CREATE TABLE t (id int);', []],
    [
      'CREATE TABLE u (a int); DROP VIEW IF EXISTS v CASCADE; CREATE TABLE u (a int); CREATE TABLE u (a int);',
      ['1:93'],
    ],
    ['ALTER TABLE IF EXISTS old RENAME TO new; CREATE TABLE new (a int);', []],
    ['ALTER TABLE t RENAME TO new; CREATE TABLE new (a int);', ['1:43']],
    ['ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text;', []],
    ['DO $$ BEGIN ALTER TABLE t DROP COLUMN a; END $$; ALTER TABLE t ADD COLUMN a text;', []],
    ['DO $$ BEGIN PERFORM 1; END $$; ALTER TABLE t ADD COLUMN a text;', ['1:57']],
    ['CREATE EXTENSION IF NOT EXISTS a; CREATE EXTENSION IF NOT EXISTS a;', []],
    ['CREATE SCHEMA a; CREATE SCHEMA a;', ['1:32']],
    ['CREATE INDEX i ON t (a); CREATE INDEX i ON t (n);', ['1:39']],
    [
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
      [],
    ],
  ],
  'hidden-definition': [
    ['CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, j text NOT NULL);', []],
    ['CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY);', ['1:28']],
    ['CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, z int);', ['1:28']],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a varchar(20);', []],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a varchar(40);', ['1:40']],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS j text;', ['1:40']],
    [
      'ALTER TABLE t ADD COLUMN z timestamp; ALTER TABLE t ADD COLUMN IF NOT EXISTS z timestamp(6);',
      [],
    ],
    ['ALTER TABLE t ADD COLUMN z m; ALTER TABLE t ADD COLUMN IF NOT EXISTS z public.m;', []],
    ['CREATE INDEX i ON t (a); CREATE INDEX IF NOT EXISTS i ON t (a);', []],
    ['CREATE INDEX i ON t (a); CREATE INDEX IF NOT EXISTS i ON t (n);', ['1:53']],
    ['CREATE INDEX i ON t (a); CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a);', ['1:60']],
    [
      'CREATE INDEX i ON t (a) WHERE n > 0; CREATE INDEX IF NOT EXISTS i ON t (a) WHERE (n > 0);',
      [],
    ],
    ['ALTER TABLE t ALTER a TYPE text; ALTER TABLE t ADD COLUMN IF NOT EXISTS a text;', []],
    [
      'DO $$ BEGIN ALTER TABLE t DROP COLUMN a; END $$; ALTER TABLE t ADD COLUMN IF NOT EXISTS a text;',
      [],
    ],
    ['CREATE TABLE u AS SELECT * FROM t; CREATE TABLE IF NOT EXISTS u (z int);', []],
    ['CREATE SEQUENCE s; CREATE SEQUENCE IF NOT EXISTS s;', []],
  ],
  'used-before-created': [
    ['ALTER TABLE tt ADD COLUMN IF NOT EXISTS b int;', ['1:13']],
    ['ALTER TABLE IF EXISTS tt ADD COLUMN IF NOT EXISTS b int;', []],
    ['ALTER TABLE IF EXISTS t ADD FOREIGN KEY (id) REFERENCES accounts;', ['1:57']],
    ['DO $$ BEGIN CREATE TABLE tt (); END $$; ALTER TABLE tt ADD b int;', []],
    ["DO $$ BEGIN EXECUTE format('CREATE TABLE %I', 'tt'); END $$; ALTER TABLE tt ADD b int;", []],
    ['SELECT create_it(); ALTER TABLE tt ADD b int;', []],
    ["SELECT set_config('a.b', 'c', true); ALTER TABLE tt ADD b int;", ['1:50']],
    ['CREATE EXTENSION postgis; SELECT * FROM spatial_ref_sys;', []],
    ['CREATE EXTENSION pgcrypto; SELECT * FROM spatial_ref_sys;', ['1:42']],
    ['SELECT * FROM pg_class, information_schema.columns;', []],
    ['WITH x AS (SELECT 1) SELECT * FROM x, t;', []],
    ['CREATE TEMP TABLE x (a int); INSERT INTO x SELECT id FROM t;', []],
    ['CREATE TABLE u (LIKE t); CREATE INDEX i ON u (a);', []],
    ['CREATE INDEX i ON t (lower(a), b) WHERE c;', ['1:32', '1:41']],
    ['CREATE INDEX i ON t (b); ALTER TABLE t ADD COLUMN IF NOT EXISTS b int;', ['1:22']],
    ["CREATE TABLE u (m mood); CREATE TYPE mood AS ENUM ('a');", ['1:19']],
    ['CREATE TABLE u (m somewhere.mood, c citext);', []],
    [
      "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS '';",
      ['1:67'],
    ],
    ['ALTER TABLE t DROP COLUMN n; ALTER TABLE t ALTER n DROP DEFAULT;', ['1:50']],
    ['ALTER TABLE t ADD COLUMN IF NOT EXISTS b int, ADD CHECK (b > 0) NOT VALID;', []],
    ['CREATE TABLE u AS SELECT * FROM t; CREATE INDEX i ON u (anything);', []],
    ['CREATE TABLE u (id int, CHECK (id > 0), FOREIGN KEY (id) REFERENCES u (id));', []],
    ['DELETE FROM t WHERE ctid IS NULL; CREATE INDEX i ON t (tableoid);', []],
  ],
}

describe.each(Object.entries(cases))('%s', (rule, table) => {
  test.each(table)('%s', (sql, found) => {
    const own = lintText(sql, before).filter((finding) => finding.rule === rule)
    expect(briefly(own)).toEqual(found.map((place) => `${place} ${rule}`))
  })
})

test.each([
  'DROP INDEX IF EXISTS t_a;',
  'DROP TRIGGER IF EXISTS g ON t;',
  'DROP POLICY IF EXISTS p ON t;',
  'ALTER TABLE t DROP CONSTRAINT IF EXISTS c;',
  'ALTER TABLE t DROP CONSTRAINT IF EXISTS t_pkey;',
])('%s in front of DROP TABLE is no finding', (sql) => {
  const files = {
    '0001_before.sql': `${before}\nCREATE INDEX IF NOT EXISTS t_a ON t (a);`,
    '0002_change.sql': `-- @allow drop-table gone\n${sql}\nDROP TABLE IF EXISTS t;`,
  }
  expect(lintFiles(files)).toEqual([])
})

describe('a history that starts on tables of somebody else', () => {
  const late = { '0100_a.sql': 'ALTER TABLE legacy ADD COLUMN IF NOT EXISTS a int;' }

  test('is not told that no file creates them', () => {
    expect(lintFiles({ ...late, '0101_b.sql': 'COMMENT ON TABLE elsewhere IS NULL;' })).toEqual([])
  })

  test('is told when a later file creates what an earlier one uses', () => {
    const files = {
      ...late,
      '0101_b.sql': 'COMMENT ON TABLE u IS NULL;',
      '0102_u.sql': 'CREATE TABLE IF NOT EXISTS u ();',
    }
    const [finding, ...more] = lintFiles(files)
    expect(more).toEqual([])
    expect(finding?.message).toBe(
      'table u is used here, but only migrations/0102_u.sql:1 creates it',
    )
  })
})

test('names that must be quoted are quoted in the cure', () => {
  const [finding] = lintText(
    'ALTER TABLE "Call Log" ALTER COLUMN "when" SET NOT NULL;',
    'CREATE TABLE IF NOT EXISTS "Call Log" ("when" int);',
  )
  expect(finding?.cure).toContain('ALTER TABLE "Call Log" ALTER COLUMN "when" SET NOT NULL;')
})

const ofObjects = {
  'objects/v.sql': 'CREATE VIEW app.v AS SELECT id FROM t;',
  'objects/f.sql': "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';",
  'objects/s.sql': 'CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int);',
  'objects/o.sql': 'CREATE OPERATOR app.=== (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);',
  'objects/c.sql': 'CREATE TEXT SEARCH CONFIGURATION app.letters (COPY = english);',
  'objects/e.sql': 'CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION watched();',
  'objects/touch.sql':
    'CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touched();',
}

test.each([
  ['INSERT INTO other SELECT id FROM app.v;', ['1:38 object-file-used']],
  ['UPDATE t SET n = f(1) WHERE id = 1;', ['1:18 object-file-used']],
  ['ALTER TABLE t ADD COLUMN z int DEFAULT public.f(1);', ['1:47 object-file-used']],
  ['GRANT SELECT ON app.v TO PUBLIC;', ['1:21 object-file-used']],
  ['DROP TRIGGER touch ON t;', ['1:14 object-file-used']],
  ['DROP TRIGGER IF EXISTS touch ON t;', []],
  ['DROP VIEW app.v;', ['1:15 object-file-used']],
  ['DROP VIEW IF EXISTS app.v;', []],
  ['INSERT INTO other SELECT app.total(id) FROM t;', ['1:30 object-file-used']],
  ['DROP AGGREGATE app.total(int);', ['1:20 object-file-used']],
  [
    'CREATE OR REPLACE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int); INSERT INTO other SELECT app.total(id) FROM t;',
    [],
  ],
  ['UPDATE t SET n = 1 WHERE id OPERATOR(app.===) 1;', ['1:42 object-file-used']],
  [
    "INSERT INTO other SELECT to_tsvector('app.letters', n::text) FROM t;",
    ['1:43 object-file-used'],
  ],
  ["INSERT INTO other SELECT to_tsvector('app.letters') FROM t;", []],
  ['DROP EVENT TRIGGER watch;', ['1:20 object-file-used']],
  ['DROP OPERATOR app.=== (int, int);', ['1:19 object-file-used']],
  ['DROP TEXT SEARCH CONFIGURATION app.letters;', ['1:36 object-file-used']],
  ['DROP TEXT SEARCH CONFIGURATION IF EXISTS app.letters;', []],
  ['UPDATE t SET n = other.f(1) WHERE id = 1;', []],
  ['CREATE OR REPLACE VIEW app.v AS SELECT 1 AS id;', []],
  ['CREATE OR REPLACE VIEW app.v AS SELECT 1 AS id; INSERT INTO other SELECT id FROM app.v;', []],
  [
    "CREATE OR REPLACE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1'; UPDATE t SET n = f('1') WHERE id = 1;",
    [],
  ],
])('what a file of migrations/objects defines, in: %s', (sql, found) => {
  const files = {
    '0001_t.sql': `CREATE SCHEMA IF NOT EXISTS app; ${before}`,
    ...ofObjects,
    '0002_c.sql': sql,
  }
  const ofRule = lintFiles(files).filter(({ rule }) =>
    ['object-file-used', 'used-before-created'].includes(rule),
  )
  expect(briefly(ofRule)).toEqual(found)
})

test('a view that a run makes again from its file is not lost when a migration drops it', () => {
  const files = { '0001_t.sql': `CREATE SCHEMA IF NOT EXISTS app; ${before}`, ...ofObjects }
  const ruled = (sql: string): readonly string[] =>
    briefly(lintFiles({ ...files, '0002_d.sql': sql }))
  expect(ruled('DROP VIEW IF EXISTS app.v;')).toEqual([])
  expect(ruled('DROP VIEW IF EXISTS app.w;')).toEqual(['1:25 drop-table'])
})
