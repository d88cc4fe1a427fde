// What the deparser cannot write back as SQL is no evidence, so neither is it a conflict.

import { describe, expect, test } from '@jest/globals'
import { readLedgerRows } from '../support/catalog.ts'
import { createDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const text = `CREATE TABLE t (a bit(3) DEFAULT bit '101', b boolean CHECK ((NOT b) IS NULL));
CREATE INDEX i ON t (((NOT b) IS NULL));`

describe.each(serverVersions)('a definition that cannot be written on PostgreSQL %s', (version) => {
  test('is recognised by the name of its object', async () => {
    const database = await createDatabase(version)
    await database.sql.unsafe(text)
    const folder = workFolder({
      'migrations/1_a.sql': text,
      'migrations/2_b.sql': 'CREATE TABLE u (a int)',
    })
    const { exitCode, stdout } = await runGate({
      folder,
      environment: { DATABASE_URL: database.url },
    })
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect((await readLedgerRows(database))?.map(({ state }) => state)).toEqual([
      'reconciled',
      'applied',
    ])
  })

  test('does not keep its file from being verified', async () => {
    const { url } = await createDatabase(version)
    const folder = workFolder({ 'migrations/1_a.sql': text })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
  })
})
