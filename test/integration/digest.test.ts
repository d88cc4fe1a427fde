// The sum over the ledger that stands for reading its rows: whatever a run would have to know of the rows changes it.

import { describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { ledgerDigestQuery, ledgerMatchesFiles } from '../../src/database/ledger/digest.ts'
import type { LedgerRow } from '../../src/database/ledger/ledger-row.ts'
import { loadMigrations } from '../../src/migrations/load.ts'
import { decide, nothingToDo } from '../../src/reconcile/states/decide.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const table = 'schemagate.schema_migrations'

// Their order by value, by text and by file name differ.
const files = {
  'migrations/9_a.sql': 'CREATE TABLE a (id int)',
  'migrations/10_b.sql': 'CREATE TABLE b (id int)',
  'migrations/0200_c.sql': 'CREATE TABLE c (id int)',
}

const differences: Readonly<Record<string, string>> = {
  'a migration that was interrupted': `UPDATE ${table} SET state = 'running' WHERE version::int = 10`,
  'a state that no version of ours writes': `ALTER TABLE ${table} DROP CONSTRAINT schema_migrations_state_check;
    UPDATE ${table} SET state = 'broken' WHERE version::int = 10`,
  'an edited file': `UPDATE ${table} SET checksum = repeat('0', 64) WHERE version::int = 200`,
  'two files whose content was exchanged': `UPDATE ${table} l SET checksum = r.checksum FROM ${table} r
    WHERE (l.version::int, r.version::int) IN ((9, 10), (10, 9))`,
  'a file that is not recorded': `DELETE FROM ${table} WHERE version::int = 10`,
  'a file that got another number': `UPDATE ${table} SET version = 11 WHERE version::int = 10`,
  'a row of a newer image': `INSERT INTO ${table} SELECT 300, 'd', checksum, state, reconciled, 4, statements_done,
    statements_total, started_at, finished_at, duration_ms, run_id, applied_by, tool_version FROM ${table} WHERE version::int = 9`,
  'nothing recorded': `DELETE FROM ${table}`,
}

const isToldAsFilesSay = async ({ sql }: TestDatabase, folder: string): Promise<boolean> => {
  const { migrations } = loadMigrations(join(folder, 'migrations'))
  const [row] = await sql.unsafe(ledgerDigestQuery('schemagate')).simple()
  return ledgerMatchesFiles(row, migrations)
}

/** What reading the rows would come to. */
const isNothingToDo = async ({ sql }: TestDatabase, folder: string): Promise<boolean> => {
  const { migrations } = loadMigrations(join(folder, 'migrations'))
  const rows = await sql.unsafe(`SELECT version, name, checksum, state FROM ${table}`)
  const decision = decide(migrations, [...rows] as unknown as readonly LedgerRow[], table)
  return JSON.stringify(decision) === JSON.stringify(nothingToDo(migrations))
}

describe.each(serverVersions)('the digest of the ledger on PostgreSQL %s', (version) => {
  test('tells that the ledger is as the files say, and each difference that a run would act on', async () => {
    const database = await createDatabase(version)
    const { sql, url } = database
    const folder = workFolder(files)
    await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(await isToldAsFilesSay(database, folder)).toBe(true)
    for (const [name, statements] of Object.entries(differences)) {
      await sql.unsafe('BEGIN').simple()
      await sql.unsafe(statements).simple()
      const told = await isToldAsFilesSay(database, folder)
      // The second: the difference is one by the rules, too; but for the state, which the sum is stricter with.
      const is = [name, told, await isNothingToDo(database, folder)]
      expect(is).toEqual([name, false, name.startsWith('a state')])
      await sql.unsafe('ROLLBACK').simple()
    }
  })

  test('is the same for rows that were reconciled, written in another order, or from files with a BOM', async () => {
    const database = await createDatabase(version)
    const { sql, url } = database
    await runGate({ folder: workFolder(files), environment: { DATABASE_URL: url } })
    await sql
      .unsafe(
        `UPDATE ${table} SET ordinal = 1000 - ordinal;
      UPDATE ${table} SET state = 'reconciled', reconciled = true WHERE version::int <> 9`,
      )
      .simple()
    const others = Object.entries(files).map(([name, text]) => [name, `\uFEFF${text}`] as const)
    const folder = workFolder(Object.fromEntries(others))
    expect(await isToldAsFilesSay(database, folder)).toBe(true)
    expect(await isNothingToDo(database, folder)).toBe(true)
  })
})
