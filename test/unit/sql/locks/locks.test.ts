import { describe, expect, test } from '@jest/globals'
import { locksOf } from '../../../../src/sql/locks/locks.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()

/** One line for each lock: level, what it is if it is no table, name. */
const locksOfText = (sql: string): readonly string[] => {
  const parsed = parse(sql)
  const [only, ...more] = parsed.kind === 'parsed' ? parsed.statements : []
  if (only === undefined || more.length > 0) throw new Error(`not one statement: ${sql}`)
  return locksOf(only.node).map(({ relation: { schema, name, of }, level }) =>
    [level, of, schema === undefined ? name : `${schema}.${name}`]
      .filter((part) => part !== undefined)
      .join(' '),
  )
}

const proves = (cases: readonly (readonly [sql: string, ...locks: string[]])[]): void => {
  test.each(cases.map(([sql, ...locks]) => ({ sql, locks })))('$sql', ({ sql, locks }) => {
    expect(locksOfText(sql)).toEqual(locks)
  })
}

// https://www.postgresql.org/docs/current/sql-altertable.html names the levels below ACCESS EXCLUSIVE.
describe('ALTER TABLE takes SHARE UPDATE EXCLUSIVE only', () => {
  proves(
    [
      'VALIDATE CONSTRAINT k',
      'ALTER a SET STATISTICS 100',
      'ALTER a SET (n_distinct = 5)',
      'ALTER a RESET (n_distinct)',
      'SET (fillfactor = 70)',
      'RESET (fillfactor)',
      'SET (autovacuum_enabled = false, toast.autovacuum_enabled = false, parallel_workers = 2)',
      'CLUSTER ON i',
      'SET WITHOUT CLUSTER',
    ].map((command) => [`ALTER TABLE t ${command}`, 'SHARE UPDATE EXCLUSIVE t']),
  )
})

describe('ALTER TABLE takes SHARE ROW EXCLUSIVE only', () => {
  proves(
    [
      'ENABLE TRIGGER g',
      'ENABLE ALWAYS TRIGGER g',
      'ENABLE REPLICA TRIGGER g',
      'ENABLE TRIGGER ALL',
      'ENABLE TRIGGER USER',
      'DISABLE TRIGGER g',
      'DISABLE TRIGGER ALL',
      'DISABLE TRIGGER USER',
    ].map((command) => [`ALTER TABLE t ${command}`, 'SHARE ROW EXCLUSIVE t']),
  )
})

describe('ALTER TABLE takes ACCESS EXCLUSIVE', () => {
  proves(
    [
      'ADD COLUMN a int',
      'ADD COLUMN IF NOT EXISTS a int DEFAULT random()',
      'DROP COLUMN a',
      'ALTER a TYPE bigint',
      'ALTER a SET DEFAULT 1',
      'ALTER a DROP DEFAULT',
      'ALTER a SET NOT NULL',
      'ALTER a DROP NOT NULL',
      'ALTER a SET STORAGE EXTERNAL',
      'ALTER a SET COMPRESSION lz4',
      'ALTER a SET EXPRESSION AS (1)',
      'ALTER a DROP EXPRESSION',
      'ALTER a ADD GENERATED ALWAYS AS IDENTITY',
      'ALTER a DROP IDENTITY',
      'ADD CHECK (a > 0) NOT VALID',
      'ADD PRIMARY KEY (a)',
      'ADD UNIQUE (a)',
      'ADD CONSTRAINT k UNIQUE USING INDEX i',
      'ADD CONSTRAINT k NOT NULL a NOT VALID',
      'ADD EXCLUDE USING gist (a WITH &&)',
      'ALTER CONSTRAINT k DEFERRABLE',
      'DROP CONSTRAINT k',
      'RENAME TO u',
      'RENAME a TO b',
      'RENAME CONSTRAINT k TO l',
      'SET SCHEMA s',
      'OWNER TO me',
      'SET LOGGED',
      'SET UNLOGGED',
      'SET TABLESPACE s',
      'SET ACCESS METHOD heap',
      'SET (user_catalog_table = true)',
      'SET (fillfactor = 70, user_catalog_table = true)',
      'SET (an_extension.option = 1)',
      'ENABLE RULE r',
      'ENABLE ROW LEVEL SECURITY',
      'REPLICA IDENTITY FULL',
      'OF y',
      'NOT OF',
    ].map((command) => [`ALTER TABLE t ${command}`, 'ACCESS EXCLUSIVE t']),
  )
})

describe('ALTER TABLE with several commands or tables', () => {
  proves([
    ['ALTER TABLE t VALIDATE CONSTRAINT k, ALTER a SET DEFAULT 1', 'ACCESS EXCLUSIVE t'],
    ['ALTER TABLE t VALIDATE CONSTRAINT k, DISABLE TRIGGER g', 'SHARE ROW EXCLUSIVE t'],
    [
      'ALTER TABLE s.t ADD FOREIGN KEY (a) REFERENCES s.u NOT VALID',
      'SHARE ROW EXCLUSIVE s.t',
      'SHARE ROW EXCLUSIVE s.u',
    ],
    [
      'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u, ADD FOREIGN KEY (b) REFERENCES t, ADD UNIQUE (a)',
      'ACCESS EXCLUSIVE t',
      'SHARE ROW EXCLUSIVE u',
    ],
    [
      'ALTER TABLE t ADD COLUMN a int NOT NULL REFERENCES u',
      'ACCESS EXCLUSIVE t',
      'SHARE ROW EXCLUSIVE u',
    ],
    ['ALTER TABLE t INHERIT p', 'ACCESS EXCLUSIVE t', 'SHARE UPDATE EXCLUSIVE p'],
    ['ALTER TABLE t NO INHERIT p', 'ACCESS EXCLUSIVE t', 'ACCESS SHARE p'],
    ['ALTER TABLE p ATTACH PARTITION t DEFAULT', 'SHARE UPDATE EXCLUSIVE p', 'ACCESS EXCLUSIVE t'],
    ['ALTER TABLE p DETACH PARTITION t', 'ACCESS EXCLUSIVE p', 'ACCESS EXCLUSIVE t'],
    [
      'ALTER TABLE p DETACH PARTITION t CONCURRENTLY',
      'SHARE UPDATE EXCLUSIVE p',
      'ACCESS EXCLUSIVE t',
    ],
    ['ALTER TABLE p DETACH PARTITION t FINALIZE', 'SHARE UPDATE EXCLUSIVE p', 'ACCESS EXCLUSIVE t'],
  ])
})

describe('ALTER of what is no table', () => {
  proves([
    ['ALTER INDEX s.i RENAME TO j', 'SHARE UPDATE EXCLUSIVE index s.i'],
    ['ALTER INDEX i SET (fillfactor = 70)', 'SHARE UPDATE EXCLUSIVE index i'],
    ['ALTER INDEX i SET (fastupdate = off)', 'ACCESS EXCLUSIVE index i'],
    ['ALTER INDEX i SET TABLESPACE s', 'ACCESS EXCLUSIVE index i'],
    [
      'ALTER INDEX i ATTACH PARTITION j',
      'SHARE UPDATE EXCLUSIVE index i',
      'ACCESS EXCLUSIVE index j',
    ],
    ['ALTER VIEW v SET (security_barrier = true)', 'ACCESS EXCLUSIVE v'],
    ['ALTER VIEW v RENAME TO w', 'ACCESS EXCLUSIVE v'],
    ['ALTER MATERIALIZED VIEW m SET SCHEMA s', 'ACCESS EXCLUSIVE m'],
    ['ALTER SEQUENCE q RESTART', 'SHARE ROW EXCLUSIVE sequence q'],
    ['ALTER SEQUENCE q OWNED BY s.t.a', 'SHARE ROW EXCLUSIVE sequence q', 'ACCESS SHARE s.t'],
    ['ALTER SEQUENCE q OWNED BY NONE', 'SHARE ROW EXCLUSIVE sequence q'],
    ['ALTER SEQUENCE q OWNER TO me', 'ACCESS EXCLUSIVE sequence q'],
    ['ALTER TRIGGER g ON t RENAME TO h', 'ACCESS EXCLUSIVE t'],
    ['ALTER TRIGGER g ON t DEPENDS ON EXTENSION x', 'ACCESS SHARE t'],
    ['ALTER POLICY y ON t RENAME TO z', 'ACCESS EXCLUSIVE t'],
    ['ALTER TYPE y ADD ATTRIBUTE a int CASCADE'],
    ['ALTER TYPE y RENAME ATTRIBUTE a TO b'],
    ["ALTER TYPE y ADD VALUE 'x'"],
    ['ALTER FUNCTION f() OWNER TO me'],
  ])
})

describe('what creates and drops', () => {
  proves([
    ['CREATE INDEX i ON t (a)', 'SHARE t'],
    ['CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)', 'SHARE UPDATE EXCLUSIVE t'],
    ['CREATE TABLE t (a int)'],
    ['CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t)'],
    [
      'CREATE TABLE t (a int REFERENCES u, b int, FOREIGN KEY (b) REFERENCES s.t)',
      'SHARE ROW EXCLUSIVE u',
      'SHARE ROW EXCLUSIVE s.t',
    ],
    ['CREATE TABLE t PARTITION OF p DEFAULT', 'ACCESS EXCLUSIVE p'],
    ['CREATE TABLE t () INHERITS (p, r)', 'SHARE UPDATE EXCLUSIVE p', 'SHARE UPDATE EXCLUSIVE r'],
    ['CREATE TABLE t (LIKE u, a int)', 'ACCESS SHARE u'],
    [
      'CREATE SCHEMA s CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES x.u) CREATE VIEW v AS SELECT FROM t',
      'SHARE ROW EXCLUSIVE x.u',
    ],
    ['CREATE SEQUENCE q OWNED BY t.a', 'ACCESS SHARE t'],
    ['CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()', 'SHARE ROW EXCLUSIVE t'],
    ['CREATE POLICY y ON t USING (true)', 'ACCESS EXCLUSIVE t'],
    ['CREATE POLICY y ON t USING (a IN (SELECT a FROM u))', 'ACCESS EXCLUSIVE t', 'ACCESS SHARE u'],
    ['ALTER POLICY y ON t TO me', 'ACCESS EXCLUSIVE t'],
    [
      'CREATE RULE r AS ON INSERT TO t DO ALSO INSERT INTO u SELECT FROM w',
      'ACCESS EXCLUSIVE t',
      'ROW EXCLUSIVE u',
      'ACCESS SHARE w',
    ],
    ['CREATE STATISTICS x ON a, b FROM t', 'SHARE UPDATE EXCLUSIVE t'],
    [
      'CREATE PUBLICATION p FOR TABLE t, s.u',
      'SHARE UPDATE EXCLUSIVE t',
      'SHARE UPDATE EXCLUSIVE s.u',
    ],
    ['CREATE PUBLICATION p FOR ALL TABLES'],
    ['DROP TABLE t, d.s.u', 'ACCESS EXCLUSIVE t', 'ACCESS EXCLUSIVE s.u'],
    ['DROP VIEW IF EXISTS v', 'ACCESS EXCLUSIVE v'],
    ['DROP MATERIALIZED VIEW m', 'ACCESS EXCLUSIVE m'],
    ['DROP SEQUENCE q', 'ACCESS EXCLUSIVE sequence q'],
    ['DROP INDEX s.i', 'ACCESS EXCLUSIVE index s.i'],
    ['DROP INDEX CONCURRENTLY i', 'SHARE UPDATE EXCLUSIVE index i'],
    ['DROP TRIGGER g ON s.t', 'ACCESS EXCLUSIVE s.t'],
    ['DROP POLICY y ON t', 'ACCESS EXCLUSIVE t'],
    ['DROP RULE r ON t', 'ACCESS EXCLUSIVE t'],
    ['DROP FUNCTION f()'],
    ['DROP SCHEMA s CASCADE'],
  ])
})

describe('what works on a whole relation', () => {
  proves([
    ['TRUNCATE t, u', 'ACCESS EXCLUSIVE t', 'ACCESS EXCLUSIVE u'],
    ['LOCK TABLE t', 'ACCESS EXCLUSIVE t'],
    ['LOCK TABLE t, u IN SHARE MODE NOWAIT', 'SHARE t', 'SHARE u'],
    ['CLUSTER t USING i', 'ACCESS EXCLUSIVE t'],
    ['CLUSTER'],
    ['VACUUM t', 'SHARE UPDATE EXCLUSIVE t'],
    ['VACUUM (ANALYZE, FULL false) t', 'SHARE UPDATE EXCLUSIVE t'],
    ['VACUUM FULL t, u', 'ACCESS EXCLUSIVE t', 'ACCESS EXCLUSIVE u'],
    ['VACUUM'],
    ['ANALYZE t (a)', 'SHARE UPDATE EXCLUSIVE t'],
    ['REINDEX TABLE t', 'SHARE t'],
    ['REINDEX INDEX i', 'ACCESS EXCLUSIVE index i'],
    ['REINDEX TABLE CONCURRENTLY t', 'SHARE UPDATE EXCLUSIVE t'],
    ['REINDEX (CONCURRENTLY) INDEX i', 'SHARE UPDATE EXCLUSIVE index i'],
    ['REINDEX SCHEMA s'],
    ['REFRESH MATERIALIZED VIEW m', 'ACCESS EXCLUSIVE m'],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY m', 'EXCLUSIVE m'],
    ["COMMENT ON TABLE s.t IS 'x'", 'SHARE UPDATE EXCLUSIVE s.t'],
    ["COMMENT ON COLUMN s.t.a IS 'x'", 'SHARE UPDATE EXCLUSIVE s.t'],
    ["COMMENT ON INDEX i IS 'x'", 'SHARE UPDATE EXCLUSIVE index i'],
    ["COMMENT ON CONSTRAINT k ON t IS 'x'", 'ACCESS SHARE t'],
    ["COMMENT ON FUNCTION f() IS 'x'"],
    ["SECURITY LABEL ON TABLE t IS 'x'", 'SHARE UPDATE EXCLUSIVE t'],
    ['GRANT SELECT ON t TO me', 'ACCESS SHARE t'],
    ['GRANT USAGE ON SCHEMA s TO me'],
  ])
})

describe('what reads and writes rows', () => {
  proves([
    ['SELECT 1'],
    ['SELECT FROM t, s.u JOIN w USING (a)', 'ACCESS SHARE t', 'ACCESS SHARE s.u', 'ACCESS SHARE w'],
    ['SELECT FROM t WHERE a IN (SELECT a FROM u)', 'ACCESS SHARE t', 'ACCESS SHARE u'],
    ['TABLE t UNION (SELECT FROM u INTERSECT SELECT FROM t)', 'ACCESS SHARE t', 'ACCESS SHARE u'],
    ['SELECT FROM t FOR UPDATE', 'ROW SHARE t'],
    ['SELECT FROM t TABLESAMPLE system (1) FOR KEY SHARE', 'ROW SHARE t'],
    ['SELECT FROM t AS x JOIN u ON true FOR SHARE OF x', 'ROW SHARE t', 'ACCESS SHARE u'],
    ['SELECT FROM (SELECT FROM t) AS x, u FOR UPDATE OF x', 'ROW SHARE t', 'ACCESS SHARE u'],
    ['SELECT FROM t WHERE a IN (SELECT FROM u) FOR UPDATE', 'ROW SHARE t', 'ACCESS SHARE u'],
    ['WITH x AS (SELECT FROM t) SELECT FROM x, u FOR UPDATE', 'ACCESS SHARE t', 'ROW SHARE u'],
    ['SELECT FROM t WHERE EXISTS (SELECT FROM t FOR UPDATE)', 'ROW SHARE t'],
    ['INSERT INTO t VALUES (1)', 'ROW EXCLUSIVE t'],
    ['INSERT INTO t SELECT FROM t, u', 'ROW EXCLUSIVE t', 'ACCESS SHARE u'],
    ['UPDATE t SET a = 1 FROM u', 'ROW EXCLUSIVE t', 'ACCESS SHARE u'],
    [
      'DELETE FROM t USING u RETURNING (SELECT a FROM w)',
      'ROW EXCLUSIVE t',
      'ACCESS SHARE u',
      'ACCESS SHARE w',
    ],
    ['MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE', 'ROW EXCLUSIVE t', 'ACCESS SHARE u'],
    ['CREATE VIEW v AS SELECT FROM t', 'ACCESS SHARE t'],
    ['CREATE OR REPLACE VIEW v AS SELECT FROM t', 'ACCESS EXCLUSIVE v', 'ACCESS SHARE t'],
    ['CREATE TABLE n AS SELECT FROM t', 'ACCESS SHARE t'],
    ['SELECT INTO n FROM t', 'ACCESS SHARE t'],
    ['CREATE MATERIALIZED VIEW n AS SELECT FROM t', 'ACCESS SHARE t'],
    ['CREATE FUNCTION f() RETURNS int RETURN (SELECT a FROM t)', 'ACCESS SHARE t'],
    ['COPY t FROM STDIN', 'ROW EXCLUSIVE t'],
    ['COPY t TO STDOUT', 'ACCESS SHARE t'],
    ['COPY (SELECT FROM t) TO STDOUT', 'ACCESS SHARE t'],
    ['EXPLAIN DELETE FROM t', 'ROW EXCLUSIVE t'],
    ['PREPARE p AS SELECT FROM t', 'ACCESS SHARE t'],
    ['DO $$ BEGIN DELETE FROM t; END $$'],
  ])
})

describe('a name that WITH defines is no table', () => {
  proves([
    ['WITH x AS (SELECT FROM t) SELECT FROM x', 'ACCESS SHARE t'],
    ['WITH x AS (SELECT 1) SELECT FROM s.x', 'ACCESS SHARE s.x'],
    ['WITH t AS (SELECT FROM t) SELECT FROM t', 'ACCESS SHARE t'],
    ['WITH RECURSIVE t AS (SELECT 1 UNION SELECT FROM t) SELECT FROM t'],
    ['WITH x AS (SELECT 1), y AS (SELECT FROM x) SELECT FROM y'],
    ['WITH y AS (SELECT FROM x), x AS (SELECT 1) SELECT FROM y', 'ACCESS SHARE x'],
    ['SELECT FROM (WITH x AS (SELECT 1) SELECT FROM x) AS i, x', 'ACCESS SHARE x'],
    [
      'WITH x AS (DELETE FROM t RETURNING a) INSERT INTO x SELECT FROM x',
      'ROW EXCLUSIVE x',
      'ROW EXCLUSIVE t',
    ],
  ])
})
