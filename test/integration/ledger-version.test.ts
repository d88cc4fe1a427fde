// A ledger of an image from before versions were text: read as it is, carried over in place by whoever first writes to it.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const ledger = 'schemagate.schema_migrations'

const files = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => [
    `migrations/${n}_t.sql`,
    `CREATE TABLE t${n} (id int)`,
  ]),
)

const toFormerShape = `ALTER TABLE ${ledger} ALTER COLUMN version TYPE bigint USING version::bigint,
  DROP COLUMN dialect, DROP COLUMN source_checksum`

const arrange = async (database: TestDatabase): Promise<void> => {
  const environment = { DATABASE_URL: database.url }
  const { exitCode } = await runGate({ folder: workFolder(files), environment })
  expect(exitCode).toBe(0)
  await database.sql.unsafe(toFormerShape).simple()
}

const shapeOf = async ({ sql }: TestDatabase): Promise<unknown> => {
  const [row] = await sql`SELECT
    (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attname) FROM pg_attribute
      WHERE attrelid = ${ledger}::regclass AND attname IN ('version', 'dialect', 'source_checksum')) AS columns,
    (SELECT count(*)::int FROM pg_index WHERE indrelid = ${ledger}::regclass AND indisprimary) AS keys,
    (SELECT string_agg(version::text, ' ' ORDER BY ordinal) FROM schemagate.schema_migrations) AS versions`
  return row
}

describe.each(serverVersions)('a ledger with numbers on PostgreSQL %s', (version) => {
  test('is left as it is while nothing is pending', async () => {
    const database = await createDatabase(version)
    await arrange(database)
    const before = await shapeOf(database)
    const { exitCode, stdout } = await runGate({
      folder: workFolder(files),
      environment: { DATABASE_URL: database.url },
    })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('up to date, ')
    expect(before).toMatchObject({ columns: 'version bigint' })
    expect(await shapeOf(database)).toEqual(before)
  })

  test('has them as text once something is recorded, by one of several runners at once', async () => {
    const database = await createDatabase(version)
    await arrange(database)
    const folder = workFolder({ ...files, 'migrations/0012_t.sql': 'CREATE TABLE t12 (id int)' })
    const environment = { DATABASE_URL: database.url }
    const runs = await Promise.all([1, 2, 3].map(() => runGate({ folder, environment })))
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    expect(await shapeOf(database)).toEqual({
      columns: 'dialect text, source_checksum text, version text',
      keys: 1,
      versions: '1 2 3 4 5 6 7 8 9 10 11 12',
    })
    expect((await runGate({ folder, environment })).stdout).toContain('up to date, ')
  })

  test('can be read by an image from before, which finds nothing pending', async () => {
    const database = await createDatabase(version)
    await runGate({ folder: workFolder(files), environment: { DATABASE_URL: database.url } })
    // The statement with which such an image reads it.
    const rows = await database.sql.unsafe(
      `SELECT version, name, checksum, state, ordinal, to_json(finished_at) AS finished_at, applied_by
      FROM ${ledger} WHERE true ORDER BY ordinal`,
    )
    expect(rows.map((row) => String(row['version']))).toEqual(
      [...Array(11).keys()].map((n) => `${n + 1}`),
    )
  })
})
