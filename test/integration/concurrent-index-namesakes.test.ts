// Who has our file's name, or our comment, in front of a statement: another application with a ledger of its own, somebody who
// wrote the comment by hand, and a run of ours that was killed. Only the last one's session is ever ended.

import { describe, expect, test } from '@jest/globals'
import postgres from 'postgres'
import {
  administrator,
  createDatabase,
  databaseUrl,
  until,
  type TestDatabase,
} from '../support/database.ts'
import { startGate, workFolder, type RunningGate } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { password, serverVersions, superuser } from '../support/servers.ts'

const forgersPassword = 'pw'
const tables = 'CREATE TABLE one (a int); CREATE TABLE two (a int);'

/** Keeps every concurrent build on `one` waiting until it is ended. */
const holdBack = async (database: TestDatabase): Promise<() => Promise<void>> => {
  const sql = database.client()
  await sql.unsafe('BEGIN; INSERT INTO one VALUES (0)').simple()
  return async () => {
    await sql.unsafe('ROLLBACK')
  }
}

const untilBuilding = async ({ sql }: TestDatabase, index: string): Promise<number> => {
  const builders = (): Promise<readonly { pid: number }[]> =>
    sql<{ pid: number }[]>`SELECT pid FROM pg_stat_activity WHERE datname = current_database()
      AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE ${`%*/ CREATE INDEX CONCURRENTLY ${index} %`}`
  await until(`${index} is being built`, async () => (await builders()).length > 0)
  return Number((await builders())[0]?.pid)
}

const lives = async ({ sql }: TestDatabase, pid: number): Promise<boolean> =>
  (await sql`SELECT FROM pg_stat_activity WHERE pid = ${pid} AND state = 'active'`).length > 0

const files = {
  run: (statement: string) => ({ 'migrations/1_i.sql': statement }),
  indexes: (statement: string) => ({ 'migrations/indexes/i.sql': statement }),
}

const commentOf = async (database: TestDatabase, pid: number): Promise<string> => {
  const [row] = await database.sql`SELECT query FROM pg_stat_activity WHERE pid = ${pid}`
  return /^(\/\*.*?\*\/ )+/.exec(String(row?.['query']))?.[0] ?? ''
}

type Forger = { readonly login?: string; readonly name?: string }

/**
 * A session that has our comment in front of what it runs, until it is ended. It waits as VACUUM does: the snapshot of any
 * other statement would keep a concurrent build waiting by itself.
 */
const forge = async (
  { sql, client, port, name: database }: TestDatabase,
  comment: string,
  { login = superuser, name = '' }: Forger = {},
): Promise<{ readonly pid: number; readonly end: () => Promise<void> }> => {
  await sql.unsafe(`CREATE TABLE held (); ALTER TABLE held OWNER TO ${login}`)
  const holder = client()
  await holder.unsafe('BEGIN; LOCK TABLE held IN SHARE UPDATE EXCLUSIVE MODE').simple()
  const url = databaseUrl(port, database, login, login === superuser ? password : forgersPassword)
  const forger = postgres(url, { max: 1, connection: { application_name: name } })
  const [session] = await forger`SELECT pg_backend_pid() AS pid`
  const pid = Number(session?.['pid'])
  const running = forger.unsafe(`${comment}VACUUM held`).simple()
  const ended = running.catch(() => undefined)
  await until('it waits', async () => {
    const rows =
      await sql`SELECT FROM pg_stat_activity WHERE pid = ${pid} AND wait_event_type = 'Lock'`
    return rows.length > 0
  })
  const end = async (): Promise<void> => {
    await sql`SELECT pg_terminate_backend(${pid})`
    await ended
    await holder.unsafe('ROLLBACK')
    await forger.end({ timeout: 1 })
    await sql`DROP TABLE held`
  }
  return { pid, end }
}

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test('a statement in doubt waits for nobody of another role, database or ledger who runs the same', async () => {
    const database = await createDatabase(version)
    const pooler = await startPooler(database.port, 6)
    const forger = `forger_${database.name}`
    await administrator(version).unsafe(`CREATE ROLE ${forger} LOGIN PASSWORD '${forgersPassword}'`)
    try {
      await database.sql.unsafe(
        'CREATE PROCEDURE nap() LANGUAGE plpgsql AS $$ BEGIN COMMIT; PERFORM pg_sleep(600); END $$',
      )
      const folder = workFolder({ 'migrations/1_call.sql': '-- @transaction off\nCALL nap();' })
      const of = (schema: string) => ({
        DATABASE_URL: databaseUrl(pooler.port, database.name),
        LEDGER_SCHEMA: schema,
      })
      const napping = async (schema: string): Promise<number> => {
        const gate = startGate({ folder, environment: of(schema) })
        let known: readonly { pid: number }[] = []
        await until('it naps', async () => {
          const all = await database.sql<{ pid: number }[]>`SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'active' AND query LIKE '%*/ CALL nap()%'
              AND pid <> pg_backend_pid()`
          known = all.filter(({ pid }) => !naps.has(pid))
          return known.length > 0
        })
        gate.process.kill('SIGKILL')
        await gate.finished
        const pid = Number(known[0]?.pid)
        naps.add(pid)
        return pid
      }
      const naps = new Set<number>()
      await napping('first')
      const own = await napping('second')
      const comment = await commentOf(database, own)
      const forged = [
        await forge(database, comment, { login: forger, name: 'schemagate/1.0.0 run' }),
        await forge(await createDatabase(version), comment),
      ]
      await database.sql`SELECT pg_terminate_backend(${own})`
      const again = await startGate({ folder, environment: of('second') }).finished
      expect(again).toMatchObject({ exitCode: 4 })
      expect(again.stdout).toContain('error[statement-in-doubt]')
      expect(again.stderr).not.toContain('still runs')
      for (const { end } of forged) await end()
    } finally {
      await pooler.stop()
      await administrator(version).unsafe(`DROP ROLE ${forger}`)
    }
  })

  describe.each(['run', 'indexes'] as const)('schemagate %s', (command) => {
    const start = (
      statement: string,
      environment: Readonly<Record<string, string>>,
    ): RunningGate => {
      const args = command === 'run' ? [command] : [command, '--strict']
      return startGate({ args, folder: workFolder(files[command](statement)), environment })
    }

    test('takes nothing of an application with another ledger and a file of the same name for its own', async () => {
      const database = await createDatabase(version)
      await database.sql.unsafe(tables)
      const letGo = await holdBack(database)
      const of = (schema: string) => ({
        DATABASE_URL: database.url,
        LEDGER_SCHEMA: schema,
        MIGRATION_INDEX_TIMEOUT: '2s',
      })
      const first = start('CREATE INDEX CONCURRENTLY i ON one (a)', {
        ...of('first'),
        MIGRATION_INDEX_TIMEOUT: '0',
      })
      const pid = await untilBuilding(database, 'i')
      const beside = await start('CREATE INDEX CONCURRENTLY j ON two (a)', of('second')).finished
      expect(beside).toMatchObject({ exitCode: 0 })
      expect(beside.stderr).not.toContain('is being built by pid')
      const same = await start('CREATE INDEX CONCURRENTLY i ON one (a)', of('third')).finished
      expect(same).toMatchObject({ exitCode: 75 })
      expect(same.stderr).toContain(`index i is being built by pid ${pid}; waiting for it`)
      expect(same.stdout).toContain(`for pid ${pid}, which builds the same`)
      expect(await lives(database, pid)).toBe(true)
      await letGo()
      expect(await first.finished).toMatchObject({ exitCode: 0 })
    })

    test('ends what a killed run of its own left, never who wrote the same comment', async () => {
      const database = await createDatabase(version)
      const pooler = await startPooler(database.port, 6)
      const forger = `forger_${database.name}`
      await administrator(version).unsafe(
        `CREATE ROLE ${forger} LOGIN PASSWORD '${forgersPassword}'`,
      )
      try {
        await database.sql.unsafe(tables)
        const letGo = await holdBack(database)
        // Behind a pooler nothing tells the server that the runner is gone.
        const environment = { DATABASE_URL: databaseUrl(pooler.port, database.name) }
        const statement = 'CREATE INDEX CONCURRENTLY i ON one (a)'
        const killed = start(statement, environment)
        const orphan = await untilBuilding(database, 'i')
        const comment = await commentOf(database, orphan)
        killed.process.kill('SIGKILL')
        await killed.finished
        const again = start(statement, { ...environment, MIGRATION_INDEX_TIMEOUT: '2s' })
        await again.said(`index i is being built by pid ${orphan}, left by a run that was killed`)
        await until('the orphan is ended', async () => !(await lives(database, orphan)))
        await letGo()
        expect(await again.finished).toMatchObject({ exitCode: 0 })

        // Two who are nobody of ours are passed by; who has our login, in a program of its own, is waited for, and named.
        const forgeries = [
          { where: database, of: { login: forger, name: 'schemagate/1.0.0 run' }, exitCode: 0 },
          { where: await createDatabase(version), of: {}, exitCode: 0 },
          { where: database, of: { name: 'psql' }, exitCode: 75 },
        ]
        for (const { where, of, exitCode } of forgeries) {
          await database.sql.unsafe(`DROP INDEX i; DROP SCHEMA IF EXISTS schemagate CASCADE`)
          const forged = await forge(where, comment, of)
          const gate = await start(statement, { ...environment, MIGRATION_INDEX_TIMEOUT: '1s' })
            .finished
          expect(gate).toMatchObject({ exitCode })
          if (exitCode === 75)
            expect(gate.stdout).toContain(`for pid ${forged.pid}, which builds the same`)
          else expect(gate.stderr).not.toContain('is being built by')
          expect(await lives(database, forged.pid)).toBe(true)
          await forged.end()
        }
      } finally {
        await pooler.stop()
        await administrator(version).unsafe(`DROP ROLE ${forger}`)
      }
    })
  })
})
