// Objects that are defined once, and a runner that is killed at any moment: the database has those of before or those of after, never
// some of each, and the plain re-run is the repair. Directly and behind PgBouncer in transaction mode.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, databaseUrl, until, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder, writeFiles } from '../support/gate.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 3)
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

const before = {
  'migrations/1_base.sql':
    'CREATE SCHEMA app;\nCREATE TABLE app.customer (id int PRIMARY KEY, name text NOT NULL);\n',
  'migrations/objects/zone.sql':
    "CREATE FUNCTION app.zone(n text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a' || n $$;\n",
  'migrations/objects/rich.sql':
    'CREATE VIEW app.rich AS SELECT id, app.zone(name) AS zone FROM app.customer;\n',
  'migrations/objects/total.sql':
    'CREATE VIEW app.total AS SELECT zone, count(*) AS n FROM app.rich GROUP BY zone;\n',
  'migrations/objects/largest.sql':
    'CREATE AGGREGATE app.largest(int) (SFUNC = int4larger, STYPE = int);\n',
  'migrations/objects/own.sql': 'CREATE POLICY own ON app.customer USING (name = current_user);\n',
}

/** The function has another type, so that it, and both views on it, are dropped and made again. */
const after = {
  ...before,
  'migrations/objects/zone.sql':
    'CREATE FUNCTION app.zone(n text) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT length(n) $$;\n',
  'migrations/objects/largest.sql':
    'CREATE AGGREGATE app.largest(int) (SFUNC = int4larger, STYPE = int, INITCOND = 7);\n',
  'migrations/objects/own.sql': 'CREATE POLICY own ON app.customer USING (name = session_user);\n',
}

const catalogAfter = async (database: TestDatabase, ...states: (typeof before)[]) => {
  for (const files of states) {
    const environment = { DATABASE_URL: database.url }
    const made = await runGate({ folder: workFolder(files), environment })
    expect({ ...made, said: made.stdout }).toMatchObject({ exitCode: 0 })
  }
  return readCatalog(database)
}

const isAlone = ({ sql }: TestDatabase): Promise<void> =>
  until('the server has ended what it was at', async () => {
    const left = await sql`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'schemagate/%' AND state <> 'idle'`
    return left.length === 0
  })

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  let pooler: Pooler
  beforeAll(async () => {
    pooler = await startPooler(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), 4)
  })
  afterAll(async () => {
    await pooler.stop()
  })

  test.each(['direct', 'pooled'] as const)(
    '%s: killed at random moments, objects are those of before or those of after',
    async (way) => {
      const next = random(seed)
      const reference = [
        await catalogAfter(await createDatabase(version), before),
        await catalogAfter(await createDatabase(version), before, after),
      ] as const
      expect(reference[0]).not.toEqual(reference[1])
      const killed: boolean[] = []
      for (let round = 0; round < rounds; round++) {
        const database = await createDatabase(version)
        const url = way === 'direct' ? database.url : databaseUrl(pooler.port, database.name)
        const environment = way === 'direct' ? { DATABASE_URL: url } : { DATABASE_URL_POOLER: url }
        const folder = workFolder(before)
        const run = () => runGate({ folder, environment })
        expect({ seed, ...(await run()) }).toMatchObject({ exitCode: 0 })
        writeFiles(folder, after)
        const gate = startGate({ folder, environment })
        await gate.said('Acquired migration lock')
        await sleep(next() * 150)
        gate.process.kill('SIGKILL')
        killed.push((await gate.finished).signal === 'SIGKILL')
        await isAlone(database)
        expect(reference).toContainEqual(await readCatalog(database))
        const again = await run()
        expect({ seed, round, ...again }).toMatchObject({ exitCode: 0 })
        expect(await readCatalog(database)).toEqual(reference[1])
        expect((await run()).stdout).toContain('up to date')
        await database.drop()
      }
      expect(killed).toContain(true)
    },
  )
})
