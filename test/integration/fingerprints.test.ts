// Evidence that a file gives for itself: what is wrong with it is told before anything runs, what is right with it is used.

import { describe, expect, test } from '@jest/globals'
import { readCatalog, readLedgerRows } from '../support/catalog.ts'
import { runGate, workFolder, type Files } from '../support/gate.ts'
import { arrange, refuses, runs } from '../support/scenario.ts'
import { freePort, serverVersions } from '../support/servers.ts'

const kinds =
  /one of: column <table>\.<column> · table <table> · index <index> · constraint <table>\.<constraint> · type <type> · function <name>\(<argument types>\) · sql SELECT <a boolean>/

const malformed = [
  {
    line: '-- @fingerprnt table t',
    title: 'there is no directive @fingerprnt; did you mean @fingerprint?',
    form: /Valid directives: .*@fingerprint, @verify/,
  },
  {
    line: '-- @verfy sql SELECT true',
    title: 'there is no directive @verfy; did you mean @verify?',
    form: /Valid directives: .*@fingerprint, @verify/,
  },
  { line: '-- @fingerprint view v', title: "@fingerprint does not accept 'view v'", form: kinds },
  { line: '-- @fingerprint', title: "@fingerprint does not accept ''", form: kinds },
  {
    line: '-- @fingerprint column a',
    title: "@fingerprint does not accept 'column a'",
    form: kinds,
  },
  {
    line: '-- @fingerprint column a.b.c.d',
    title: "@fingerprint does not accept 'column a.b.c.d'",
    form: kinds,
  },
  {
    line: '-- @fingerprint column t.a, t.b',
    title: "@fingerprint does not accept 'column t.a, t.b'",
    form: kinds,
  },
  {
    line: '-- @fingerprint table "t',
    title: "@fingerprint does not accept 'table \"t'",
    form: kinds,
  },
  {
    line: '-- @fingerprint function f',
    title: "@fingerprint does not accept 'function f'",
    form: kinds,
  },
  {
    line: '-- @fingerprint sql DELETE FROM t',
    title: "@fingerprint does not accept 'sql DELETE FROM t'",
    form: kinds,
  },
  {
    line: '-- @fingerprint SELECT true',
    title: "@fingerprint does not accept 'SELECT true'",
    form: kinds,
  },
  {
    line: '-- @verify table t',
    title: "@verify does not accept 'table t'",
    form: /sql SELECT <a boolean>/,
  },
]

const nowhere = async (): Promise<string> =>
  `postgresql://nobody@127.0.0.1:${await freePort()}/none`

describe('fingerprints, what cannot be read', () => {
  test.each(malformed)(
    '$line: refused before the database is contacted',
    async ({ line, title, form }) => {
      const folder = workFolder({
        'migrations/1_t.sql': 'CREATE TABLE t (id int)',
        'migrations/2_x.sql': `-- what it is for\n${line}\nCREATE TABLE u (id int)`,
      })
      const environment = { DATABASE_URL: await nowhere() }
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect(exitCode).toBe(4)
      expect(stdout).toContain(`: ${title}\n  --> migrations/2_x.sql:2:4\n`)
      expect(stdout).toContain(`2 | ${line}\n`)
      expect(stdout).toMatch(form)
      expect(stdout).toContain('The database was not contacted.')
    },
  )

  test.each(['plan', 'adopt', 'adopt --dry-run'])('%s refuses alike', async (line) => {
    const folder = workFolder({ 'migrations/1_t.sql': '-- @fingerprint view v\nSELECT 1' })
    const environment = { DATABASE_URL: await nowhere() }
    const finished = await runGate({ args: line.split(' '), folder, environment })
    expect(finished.exitCode).toBe(4)
    expect(finished.stdout).toContain("@fingerprint does not accept 'view v'")
  })
})

const unanswered = [
  {
    what: 'an error',
    sql: 'SELECT EXISTS (SELECT FROM nowhere)',
    reason: 'SQLSTATE 42P01: relation "nowhere" does not exist',
  },
  { what: 'a syntax error', sql: 'SELECT true FROM', reason: 'SQLSTATE 42601: syntax error' },
  { what: 'a number', sql: 'SELECT 1', reason: 'it returned 1, not true or false' },
  { what: 'a word', sql: "SELECT 'true'", reason: 'it returned "true", not true or false' },
  { what: 'NULL', sql: 'SELECT NULL::boolean', reason: 'it returned null, not true or false' },
  { what: 'two columns', sql: 'SELECT true AS a, true AS b', reason: 'it returned 2 columns' },
  { what: 'two columns of one name', sql: 'SELECT true, false', reason: 'it returned 2 columns' },
  { what: 'no column', sql: 'SELECT FROM pg_class LIMIT 1', reason: 'it returned 0 columns' },
  { what: 'no row', sql: 'SELECT true WHERE false', reason: 'it returned no row' },
  {
    what: 'two rows',
    sql: 'SELECT true FROM generate_series(1, 2)',
    reason: 'it returned more than one row',
  },
  {
    what: 'a write',
    sql: "SELECT nextval('counter') > 0",
    reason: 'SQLSTATE 25006: cannot execute nextval() in a read-only transaction',
  },
  {
    what: 'another statement behind it',
    sql: 'SELECT true) schemagate_row; DROP TABLE t; SELECT (true',
    reason: 'SQLSTATE 25006: cannot execute DROP TABLE in a read-only transaction',
  },
]

const made = [
  { fingerprint: 'table t', sql: 'CREATE TABLE t (id int)' },
  { fingerprint: 'column base.a', sql: 'ALTER TABLE base ADD COLUMN a int' },
  { fingerprint: 'column public.Base.B', sql: 'ALTER TABLE base ADD COLUMN b int' },
  { fingerprint: 'column base."A b"', sql: 'ALTER TABLE base ADD COLUMN "A b" int' },
  { fingerprint: 'index base_id_idx', sql: 'CREATE INDEX base_id_idx ON base (id)' },
  {
    fingerprint: 'constraint base.positive',
    sql: 'ALTER TABLE base ADD CONSTRAINT positive CHECK (id > 0)',
  },
  { fingerprint: 'type mood', sql: "CREATE TYPE mood AS ENUM ('ok')" },
  {
    fingerprint: 'function f(int, text)',
    sql: "CREATE FUNCTION f(integer, text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
  },
  {
    fingerprint: "sql SELECT EXISTS (SELECT FROM pg_class q WHERE relname = 's') -- why",
    sql: 'CREATE SEQUENCE s',
  },
]

const base = 'CREATE TABLE base (id int)'

const numbered = (texts: readonly string[]): Files =>
  Object.fromEntries(
    texts.map((text, index) => [`${String(index + 2).padStart(2, '0')}_x.sql`, text]),
  )

const statesOf = (count: number, state: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${String(index + 2).padStart(2, '0')}_x: ${state}`)

describe.each(serverVersions)('fingerprints on PostgreSQL %s', (version) => {
  test('sql fingerprints that give no answer are refused, all of them at once', async () => {
    const texts = unanswered.map(
      ({ sql }) => `-- what it is for\n-- @fingerprint sql ${sql}\nINSERT INTO t VALUES (1)`,
    )
    const files = {
      '01_t.sql': '-- @fingerprint sql SELECT true\nCREATE TABLE t (id int)',
      ...numbered(texts),
      '99_u.sql': 'CREATE TABLE u (id int)',
    }
    const before = 'CREATE TABLE t (id int); CREATE SEQUENCE counter'
    const { gate, database } = await arrange(version, files, before)
    const catalog = await readCatalog(database)
    for (const command of ['run', 'plan', 'adopt']) {
      const { exitCode, stdout } = await gate(command)
      expect(exitCode).toBe(4)
      const told = stdout.split('error[fingerprint-failed]: ').slice(1)
      expect(told).toHaveLength(unanswered.length)
      for (const [index, { sql, reason }] of unanswered.entries()) {
        const file = `migrations/${String(index + 2).padStart(2, '0')}_x.sql`
        expect(told[index]).toContain(`a fingerprint of ${file} cannot be checked: ${reason}`)
        expect(told[index]).toContain(`\n  --> ${file}:2:4\n`)
        expect(told[index]).toContain(`\n  @fingerprint sql ${sql}\n`)
        expect(told[index]).toContain('-- @fingerprint sql SELECT to_regclass')
      }
    }
    expect(await readCatalog(database)).toEqual(catalog)
    expect(await readLedgerRows(database)).toBeUndefined()
  })

  test('each kind of fingerprint tells of what a DO block makes', async () => {
    const texts = made.map(
      ({ fingerprint, sql }) => `-- @fingerprint ${fingerprint}\nDO $do$ BEGIN ${sql}; END $do$`,
    )
    const files = { '01_base.sql': base, ...numbered(texts) }
    const fresh = await arrange(version, files)
    expect(await runs(fresh)).toEqual(['01_base: applied', ...statesOf(made.length, 'applied')])
    const missing = await arrange(version, files, base)
    expect(await runs(missing)).toEqual([
      '01_base: reconciled',
      ...statesOf(made.length, 'applied'),
    ])
    const all = [base, ...made.map(({ sql }) => sql)].join(';\n')
    const there = await arrange(version, files, all)
    expect(await runs(there)).toEqual([
      '01_base: reconciled',
      ...statesOf(made.length, 'reconciled'),
    ])
    const rows = (await readLedgerRows(there.database)) ?? []
    expect(rows.map(({ recognised_by: by }) => by)).toEqual([
      'table base',
      'table t',
      'column base.a',
      'column base.b',
      'column base.A b',
      'index base_id_idx',
      'constraint base.positive',
      'type mood',
      'function f(int, text)',
      made.at(-1)?.fingerprint,
    ])
  })

  test('a fingerprint replaces what is derived: the rest may differ', async () => {
    const file = 'CREATE TABLE t (id int, a text);\nCREATE INDEX t_a_idx ON t (a)'
    const before = 'CREATE TABLE t (id int, a text, more int)'
    const without = await arrange(version, { '1_t.sql': file }, before)
    expect(await without.gate('run')).toMatchObject({ exitCode: 4 })
    const given = { '1_t.sql': `-- @fingerprint table t\n${file}` }
    expect(await runs(await arrange(version, given, before))).toEqual(['1_t: reconciled'])
  })

  test('several must all hold; where only some do, a DO block is not run on top of them', async () => {
    const body =
      "DO $$ BEGIN EXECUTE 'CREATE TABLE IF NOT EXISTS a (); CREATE TABLE IF NOT EXISTS b ()'; END $$"
    const files = { '1_x.sql': `-- @fingerprint table a\n-- @fingerprint table b\n${body}` }
    const stdout = await refuses(await arrange(version, files, 'CREATE TABLE a ()'))
    expect(stdout).toContain('  there:   table a\n  missing: table b\n')
    const both = await arrange(version, files, 'CREATE TABLE a (); CREATE TABLE b ()')
    expect(await runs(both)).toEqual(['1_x: reconciled'])
    expect(await runs(await arrange(version, files))).toEqual(['1_x: applied'])
  })
})
