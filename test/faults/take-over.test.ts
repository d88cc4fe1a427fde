// A take-over that is killed at any moment, and an old runner of the tool that starts in the same second: whatever happens, each
// file has run once, both ledgers say so, and the plain re-run is the repair.

import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { commandOf, withPeers } from '../support/peers.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions
const count = 6
const rounds = 20

const versions = Array.from({ length: count }, (_, at) => `2024010100000${at}`)

/** Each leaves a row, so that one that ran twice is seen. */
const files = Object.fromEntries(
  versions.map((each, at) => [
    `migrations/${each}_t${at}.sql`,
    `-- migrate:up\nCREATE TABLE IF NOT EXISTS effects (n int);\nINSERT INTO effects VALUES (${at});\nCREATE TABLE t${at} (id int);\n-- migrate:down\n`,
  ]),
)

const arrange = async (
  applied: number,
): Promise<{ database: TestDatabase; folder: string; environment: { DATABASE_URL: string } }> => {
  const database = await createDatabase(version)
  const folder = workFolder(files)
  await database.sql.unsafe('CREATE TABLE schema_migrations (version varchar primary key)')
  for (const each of versions.slice(0, applied)) {
    const text = files[`migrations/${each}_t${versions.indexOf(each)}.sql`] ?? ''
    await database.sql.unsafe(text).simple()
    await database.sql.unsafe(`INSERT INTO schema_migrations VALUES ('${each}')`)
  }
  return { database, folder, environment: { DATABASE_URL: database.url } }
}

const expectOnce = async ({ sql }: TestDatabase): Promise<void> => {
  const effects = await sql`SELECT n FROM effects ORDER BY n`
  expect(effects.map(({ n }) => Number(n))).toEqual(versions.map((_, at) => at))
  const own = await sql`SELECT version FROM schemagate.schema_migrations ORDER BY version`
  expect(own.map((row) => String(row['version']))).toEqual(versions)
  const tools = await sql`SELECT version FROM schema_migrations ORDER BY version`
  expect(tools.map((row) => String(row['version']))).toEqual(versions)
}

describe('a take-over', () => {
  test('killed at twenty moments, and run again', async () => {
    const killed: boolean[] = []
    for (let round = 0; round < rounds; round++) {
      const { database, folder, environment } = await arrange(3)
      const gate = startGate({ folder, environment })
      await gate.said('the folder is read as')
      await sleep(round * 40)
      gate.process.kill('SIGKILL')
      killed.push((await gate.finished).signal === 'SIGKILL')
      const again = await runGate({ folder, environment })
      expect({ round, ...again }).toMatchObject({ exitCode: 0 })
      await expectOnce(database)
      await database.drop()
    }
    expect(killed).toContain(true)
  }, 300_000)
})

withPeers(
  'dbmate starts in the same second, twenty times',
  async () => {
    for (let round = 0; round < rounds; round++) {
      const { database, folder, environment } = await arrange(round % 4)
      const [program = '', ...args] = commandOf('dbmate', join(folder, 'migrations'))
      const url = `${database.url}?sslmode=disable`
      const gate = startGate({ folder, environment })
      await gate.said('the folder is read as')
      await sleep(round * 30)
      const tool = new Promise<void>((resolve) => {
        // It may well fail: the gate was faster.
        execFile(program, args, { cwd: folder, env: { ...process.env, DATABASE_URL: url } }, () => {
          resolve()
        })
      })
      await Promise.all([tool, gate.finished])
      const again = await runGate({ folder, environment })
      expect({ round, ...again, said: again.stdout, log: again.stderr }).toMatchObject({
        exitCode: 0,
      })
      await expectOnce(database)
      await database.drop()
    }
  },
  300_000,
)
