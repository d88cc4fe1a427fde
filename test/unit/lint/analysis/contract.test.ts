import { describe, expect, test } from '@jest/globals'
import { lintFiles } from '../lint-example.ts'

const before = `CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE IF NOT EXISTS t (
  a varchar(20) NOT NULL, b text, n int, d int NOT NULL DEFAULT 1, s bigserial,
  CONSTRAINT t_a_check CHECK (a <> '')
);
CREATE INDEX t_a_idx ON t (a);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x';`

const api = {
  service: 'api',
  tables: {
    t: {
      columns: {
        a: { type: 'character varying(20)', nullable: false },
        n: { nullable: true },
        d: { default: true },
        s: { default: true },
      },
      indexes: { t_a_idx: {} },
      constraints: { t_a_check: {} },
    },
  },
  views: { v: { columns: { a: {} } } },
  enums: { mood: ['sad', 'happy'] },
  extensions: ['pg_trgm'],
  functions: { 'f(integer)': {} },
}

const found = (...changes: readonly string[]) =>
  lintFiles({
    'contracts/api.json': JSON.stringify(api),
    'contracts/worker.json': '{ "service": "worker", "tables": { "public.t": {} } }',
    '0001_t.sql': before,
    ...Object.fromEntries(changes.map((sql, at) => [`000${at + 2}_change.sql`, sql])),
  })
    .filter(({ rule }) => rule === 'contract-object-changed')
    .map(({ message }) => message)

const api_ = 'the contract of api names'

describe('what a contract names', () => {
  test.each([
    ['ALTER TABLE t DROP COLUMN a;', 'column t.a, which is dropped here'],
    ['ALTER TABLE t RENAME a TO c;', 'column t.a, which becomes c here'],
    [
      'ALTER TABLE t ALTER a TYPE text;',
      'column t.a, which becomes text here, and must be character varying(20)',
    ],
    [
      'ALTER TABLE t ALTER a DROP NOT NULL;',
      'column t.a, which becomes nullable here, and must never be NULL',
    ],
    [
      'ALTER TABLE t ALTER n SET NOT NULL;',
      'column t.n, which becomes NOT NULL here, and must accept NULL',
    ],
    ['ALTER TABLE t ALTER d DROP DEFAULT;', 'column t.d, which loses its default here'],
    ['ALTER TABLE t ALTER s DROP DEFAULT;', 'column t.s, which loses its default here'],
    ['DROP INDEX t_a_idx;', 'index t_a_idx, which is dropped here'],
    ['ALTER TABLE t DROP CONSTRAINT t_a_check;', 'constraint t.t_a_check, which is dropped here'],
    ['DROP VIEW v;', 'view v, which is dropped here'],
    ['DROP TYPE mood;', 'type mood, which is dropped here'],
    ["ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';", 'type mood, which loses the label sad here'],
    ['DROP EXTENSION pg_trgm;', 'extension pg_trgm, which is dropped here'],
    ['DROP FUNCTION f(int);', 'function f(int4), which is dropped here'],
    ['ALTER INDEX t_a_idx RENAME TO t_b_idx;', 'index t_a_idx, which becomes t_b_idx here'],
  ])('%s', (sql, words) => {
    expect(found(sql)).toEqual([`${api_} ${words}`])
  })

  test('of several services is told once', () => {
    expect(found('DROP TABLE t CASCADE;')).toEqual([
      'the contracts of api and worker name table t, which is dropped here',
    ])
  })

  test('is broken by a new column that must have a value', () => {
    expect(found('ALTER TABLE t ADD COLUMN must int NOT NULL;')).toEqual([
      'the contract of api names table t, which gets must here, NOT NULL and without a default: an INSERT that leaves it out fails',
    ])
  })

  test.each([
    'ALTER TABLE t DROP COLUMN b;',
    'ALTER TABLE t ALTER a TYPE varchar(20);',
    'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a varchar(20) NOT NULL;',
    'ALTER TABLE t RENAME b TO c;',
    'ALTER TABLE t ALTER b SET NOT NULL;',
    'ALTER TABLE t ALTER d SET DEFAULT 2;',
    'ALTER TABLE t ADD COLUMN may int;',
    'ALTER TABLE t ADD COLUMN has int NOT NULL DEFAULT 0;',
    'ALTER TABLE t ADD COLUMN has bigserial NOT NULL;',
    'ALTER TABLE t ADD COLUMN has int NOT NULL GENERATED ALWAYS AS IDENTITY;',
    "ALTER TYPE mood ADD VALUE 'calm';",
    'DROP FUNCTION f(int, int);',
    'CREATE OR REPLACE VIEW v AS SELECT a FROM t;',
  ])('does not mind %s', (sql) => {
    expect(found(sql)).toEqual([])
  })

  test.each([
    ['ALTER TABLE t ALTER a DROP NOT NULL;', 'ALTER TABLE t ALTER a SET NOT NULL;'],
    ['ALTER TABLE t ALTER d DROP DEFAULT;', 'ALTER TABLE t ALTER d SET DEFAULT 3;'],
    ['ALTER TABLE t ADD COLUMN must int NOT NULL;', 'ALTER TABLE t ALTER must SET DEFAULT 0;'],
  ])('counts at the end of the history: %s %s', (sql, later) => {
    expect(found(sql, later)).toEqual([])
  })
})
