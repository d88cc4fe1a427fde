import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 3)
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

// 0.4 s of building, so that there are moments to be killed at.
const slowTable = `CREATE FUNCTION slow(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN a; END $$;
  CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 20);`

const folderOf = (): string =>
  workFolder({
    'migrations/1_t.sql': slowTable,
    'migrations/2_i.sql':
      'CREATE INDEX CONCURRENTLY t_slow ON t (slow(a));\nCREATE INDEX CONCURRENTLY t_a ON t (a);',
  })

type Victim = 'runner' | 'backend'

const kill = async (
  victim: Victim,
  gate: ReturnType<typeof startGate>,
  { sql }: TestDatabase,
): Promise<void> => {
  if (victim === 'runner') gate.process.kill('SIGKILL')
  else
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%2_i.sql%'`
  await gate.finished
}

test.each(
  serverVersions.flatMap((version) =>
    (['DIRECT', 'POOLER'] as const).map((way) => ({ version, way })),
  ),
)(
  `concurrent builds killed ${rounds} times at random moments (KILL_SEED=${seed}) on PostgreSQL $version, $way: every re-run exits 0 with one valid index each`,
  async ({ version, way }) => {
    const next = random(seed)
    for (let round = 0; round < rounds; round++) {
      const database = await createDatabase(version)
      const pooler = way === 'POOLER' ? await startPooler(database.port, 5) : undefined
      try {
        const environment = {
          DATABASE_URL: databaseUrl(pooler?.port ?? database.port, database.name),
        }
        const folder = folderOf()
        const gate = startGate({ folder, environment })
        await until(
          'it has begun with the indexes',
          () =>
            gate.stderr().includes('MIGRATION CHECKPOINT: 2/2') || gate.process.exitCode !== null,
        )
        await sleep(next() * 1_200)
        await kill(next() < 0.5 ? 'runner' : 'backend', gate, database)
        const again = await runGate({ folder, environment })
        expect({ round, exitCode: again.exitCode, stdout: again.stdout }).toMatchObject({
          round,
          exitCode: 0,
        })
        const indexes =
          await database.sql`SELECT indexrelid::regclass::text AS name, indisvalid AS valid
          FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1`
        expect([...indexes]).toEqual([
          { name: 't_a', valid: true },
          { name: 't_slow', valid: true },
        ])
      } finally {
        await pooler?.stop()
        await database.drop()
      }
    }
  },
  240_000,
)
