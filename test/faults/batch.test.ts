// Several migrations in one transaction, and in the middle of it something goes wrong: all of them are in the database or none, and
// the plain re-run does each once.

import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, until, type TestDatabase } from '../support/database.ts'
import { expectExactlyOnce } from '../support/effects.ts'
import { runGate, startGate, workFolder, type Files, type RunningGate } from '../support/gate.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'

const count = 15
const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)

const history: Files = Object.fromEntries(
  Array.from({ length: count }, (_, at) => [
    `migrations/${String(at + 1).padStart(4, '0')}_step.sql`,
    [
      at === 0 ? 'CREATE TABLE effects (n int NOT NULL);\n' : '',
      `CREATE TABLE t${at + 1} AS SELECT n, md5(n::text) AS sum FROM generate_series(1, 20000) n;\n`,
      `INSERT INTO effects VALUES (${at + 1});\n`,
    ].join(''),
  ]),
)

const terminate =
  (role: string) =>
  ({ sql }: TestDatabase): Promise<unknown> =>
    sql.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'schemagate/% ${role}'`)

type Strike = (database: TestDatabase, gate: RunningGate) => unknown

const strikes: readonly (readonly [name: string, strike: Strike])[] = [
  ['the runner is killed', (_, gate) => gate.process.kill('SIGKILL')],
  ['the runner gets SIGTERM', (_, gate) => gate.process.kill('SIGTERM')],
  ['the work connection is terminated', terminate('run')],
  ['the lock connection is terminated', terminate('lock')],
  [
    'the statement is cancelled',
    ({ sql }) =>
      sql.unsafe(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'schemagate/% run'`),
  ],
]

const recorded = async ({ sql }: TestDatabase): Promise<number> => {
  const [there] = await sql.unsafe(
    `SELECT to_regclass('schemagate.schema_migrations') IS NOT NULL AS yes`,
  )
  if (there?.['yes'] !== true) return 0
  const [row] = await sql.unsafe('SELECT count(*)::int AS n FROM schemagate.schema_migrations')
  return Number(row?.['n'])
}

describe.each(serverVersions)('a batch on PostgreSQL %s', (version) => {
  test.each(strikes)(
    `%s at a random moment of it: whole or not at all, and the re-run does each once (FAULT_SEED=${seed})`,
    async (name, strike) => {
      const next = random(seed + Number(version) + name.length)
      let inTime = 0
      for (let round = 0; round < 3; round++) {
        const database = await createDatabase(version)
        const folder = workFolder(history)
        const environment = { DATABASE_URL: database.url }
        const gate = startGate({ args: ['run', '--json'], folder, environment })
        await until(
          'the batch runs',
          async () =>
            (
              await database.sql.unsafe(
                `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '/* schemagate: % to %'`,
              )
            ).length > 0,
        )
        const delayMs = next() * 250
        await sleep(delayMs)
        await strike(database, gate)
        if (gate.process.exitCode === null) inTime++
        const { exitCode, signal, stdout } = await gate.finished
        const told = { name, delayMs, exitCode, signal, stdout }
        expect(signal === 'SIGKILL' || [0, 75, 143].includes(exitCode ?? 5)).toBe(true)
        if (exitCode === 0)
          expect({ ...told, rows: await recorded(database) }).toEqual({ ...told, rows: count })
        // Who was killed may still have a session that commits.
        if (signal !== 'SIGKILL' && name !== 'the statement is cancelled') {
          const rows = await recorded(database)
          expect({ ...told, isWhole: rows === 0 || rows === count }).toEqual({
            ...told,
            isWhole: true,
          })
        }
        expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
        await expectExactlyOnce(database, count)
        await database.drop()
      }
      expect(inTime).toBeGreaterThan(0)
    },
    60_000,
  )
})
