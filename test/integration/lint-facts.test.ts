// What lint takes for granted about PostgreSQL, asked of real servers.

import { describe, expect, test } from '@jest/globals'
import { lint } from '../../src/lint/lint.ts'
import { quoteName } from '../../src/errors/define.ts'
import { checksumOf, versionOf, type Migration } from '../../src/migrations/migration.ts'
import { loadParser } from '../../src/sql/tree/parse.ts'
import { createDatabase } from '../support/database.ts'
import { showsHarm } from '../support/hazard.ts'
import { serverVersions } from '../support/servers.ts'

const parse = await loadParser()

const rulesFor = (...texts: readonly string[]): readonly string[] => {
  const migrations = texts.map((text, index): Migration => {
    const file = `${String(index + 1)}_x.sql`
    const version = versionOf(String(index + 1))
    return { version, name: file, file, text, checksum: checksumOf(text), directives: {} }
  })
  return lint(migrations, parse)
    .filter(({ file }) => file === `${String(texts.length)}_x.sql`)
    .map(({ rule }) => rule)
}

const typeChanges: readonly (readonly [from: string, to: string])[] = [
  ['varchar(20)', 'varchar(40)'],
  ['varchar(20)', 'varchar(20)'],
  ['varchar(20)', 'varchar'],
  ['varchar(20)', 'text'],
  ['varchar', 'text'],
  ['text', 'varchar'],
  ['cidr', 'inet'],
  ['numeric(8, 2)', 'numeric(12, 2)'],
  ['numeric(8, 2)', 'numeric'],
  ['timestamptz(3)', 'timestamptz'],
  ['timestamptz(3)', 'timestamptz(6)'],
  ['timestamp(3)', 'timestamp(4)'],
  ['varbit(8)', 'varbit(16)'],
  ['varchar(20)[]', 'varchar(20)[]'],
  ['varchar(40)', 'varchar(20)'],
  ['varchar', 'varchar(20)'],
  ['text', 'varchar(20)'],
  ['char(4)', 'char(8)'],
  ['char(4)', 'text'],
  ['numeric(8, 2)', 'numeric(8, 4)'],
  ['numeric(12, 2)', 'numeric(8, 2)'],
  ['numeric', 'numeric(8, 2)'],
  ['timestamptz', 'timestamptz(3)'],
  ['timestamptz', 'timestamptz(0)'],
  ['integer', 'bigint'],
  ['bit(4)', 'bit(8)'],
  ['interval(3)', 'interval'],
  ['interval', 'interval(3)'],
  ['time(3)', 'time'],
  ['oid', 'integer'],
  ['integer', 'oid'],
  ['text[]', 'varchar[]'],
  ['varchar(20)[]', 'text[]'],
  ['varchar(20)[]', 'varchar(40)[]'],
  ['char(4)', 'bpchar'],
  ['json', 'jsonb'],
  ['xml', 'text'],
  ['varchar(20)[]', 'varchar[]'],
  ['numeric(8, 2)[]', 'numeric[]'],
  ['char(4)', 'char'],
  ['bit(4)', 'bit'],
]

const zoneChanges: readonly (readonly [set: string, from: string, to: string])[] = [
  ["SET timezone = 'UTC'", 'timestamp', 'timestamptz'],
  ["SET timezone = 'UTC'", 'timestamptz', 'timestamp'],
  ["SET timezone = 'UTC'", 'timestamp(3)', 'timestamptz'],
  ["SET timezone = 'UTC'", 'timestamp(3)', 'timestamptz(3)'],
  ["SET timezone = 'UTC'", 'timestamp(3)', 'timestamptz(6)'],
  ["SET timezone = 'UTC'", 'timestamp', 'timestamptz(3)'],
  ["SET timezone = 'UTC'", 'date', 'timestamptz'],
  ["SET timezone = 'UTC'", 'time', 'timetz'],
  ["SET LOCAL TIME ZONE 'Etc/UTC'", 'timestamp', 'timestamptz'],
  ['SET TIME ZONE 0', 'timestamp', 'timestamptz'],
  ["SELECT set_config('TimeZone', 'gmt', true)", 'timestamp', 'timestamptz'],
  ["SET timezone = 'Europe/London'", 'timestamp', 'timestamptz'],
  ["SET timezone = 'UTC'; SET timezone = 'Europe/Berlin'", 'timestamp', 'timestamptz'],
]

const constraints: readonly (readonly [sql: string, reads: 'reads all rows' | 'reads none'])[] = [
  ['ADD COLUMN c int CHECK (c > 0)', 'reads all rows'],
  ['ADD COLUMN c int DEFAULT 1 CHECK (c > 0)', 'reads all rows'],
  ['ADD COLUMN c int REFERENCES other', 'reads none'],
  ['ADD COLUMN c int DEFAULT NULL REFERENCES other', 'reads all rows'],
  ['ADD COLUMN c int DEFAULT 1 REFERENCES other', 'reads all rows'],
  ['ADD COLUMN c int NOT NULL DEFAULT 1', 'reads none'],
  ['ADD FOREIGN KEY (id) REFERENCES other', 'reads all rows'],
  ['ADD FOREIGN KEY (id) REFERENCES other NOT VALID', 'reads none'],
  ['ADD CHECK (id > 0) NOT VALID', 'reads none'],
  [
    'ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c',
    'reads all rows',
  ],
]

describe.each(serverVersions)('PostgreSQL %s', (version) => {
  test.each(typeChanges)('%s to %s rewrites the table just when lint says so', async (from, to) => {
    const database = await createDatabase(version)
    const before = `CREATE TABLE IF NOT EXISTS t (a ${from});`
    const change = `ALTER TABLE t ALTER COLUMN a TYPE ${to};`
    await database.sql.unsafe(before)
    const isRewritten = await showsHarm(database, change, { kind: 'rewrite', relation: 't' })
    expect(rulesFor(before, change)).toEqual(isRewritten ? ['column-type-change'] : [])
  })

  test.each(zoneChanges)('%s: %s to %s', async (set, from, to) => {
    const database = await createDatabase(version)
    const before = `CREATE TABLE IF NOT EXISTS t (a ${from});`
    const change = `${set}; ALTER TABLE t ALTER COLUMN a TYPE ${to};`
    await database.sql.unsafe(before)
    const isRewritten = await showsHarm(database, change, { kind: 'rewrite', relation: 't' })
    const found = rulesFor(before, change).includes('column-type-change')
    expect(found).toBe(isRewritten)
  })

  test.each(constraints)('%s %s', async (sql, reads) => {
    const database = await createDatabase(version)
    const before = `CREATE TABLE IF NOT EXISTS other (id int PRIMARY KEY); CREATE TABLE IF NOT EXISTS t (id int);`
    await database.sql.unsafe(before)
    await database.sql.unsafe('INSERT INTO other VALUES (1); INSERT INTO t VALUES (1);')
    const change = `ALTER TABLE t ${sql};`
    const harm = { kind: 'scan', relation: 't', level: 'SHARE ROW EXCLUSIVE' } as const
    expect(await showsHarm(database, change, harm)).toBe(reads === 'reads all rows')
    const found = rulesFor(before, change).includes('constraint-without-not-valid')
    expect(found).toBe(reads === 'reads all rows')
  })

  test.each([
    'gen_random_uuid()',
    'random()',
    'clock_timestamp()',
    "nextval('s')",
    'now()',
    'CURRENT_TIMESTAMP',
    'statement_timestamp()',
    "md5('x')",
    'f_volatile()',
    'f_stable()',
  ])('a default of %s rewrites the table just when lint says so', async (value) => {
    const database = await createDatabase(version)
    const before = `CREATE TABLE IF NOT EXISTS t (a int); CREATE SEQUENCE IF NOT EXISTS s;
      CREATE OR REPLACE FUNCTION f_volatile() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
      CREATE OR REPLACE FUNCTION f_stable() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';`
    await database.sql.unsafe(before)
    const change = `ALTER TABLE t ADD COLUMN IF NOT EXISTS c text DEFAULT ${value};`
    const isRewritten = await showsHarm(database, change, { kind: 'rewrite', relation: 't' })
    expect(rulesFor(before, change)).toEqual(isRewritten ? ['volatile-default'] : [])
  })

  test('every reserved word is quoted', async () => {
    const { sql } = await createDatabase(version)
    const words = await sql.unsafe("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")
    expect(
      words.map(({ word }) => String(word)).filter((word) => quoteName(word) === word),
    ).toEqual([])
  })
})
