// How many connections a run needs while it works: one that holds the lock, one that works, and one that everybody asks what
// becomes of the work.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, until, type TestDatabase } from '../support/database.ts'
import { startGate, workFolder, type Files } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

// Words of the queries that the monitor is asked: does it still run, who blocks it, how far is it?
const queries = {
  liveness: 'ClientWrite',
  blockers: 'WITH RECURSIVE ours',
  progress: 'current_locker_pid',
}

type Case = {
  readonly before: string
  readonly files: Files
  /** What stands in the way until the monitor has been seen to ask all of `asked`. */
  readonly hold: string
  readonly asked: readonly (keyof typeof queries)[]
}

const cases: Readonly<Record<string, Case>> = {
  'a migration that waits for a lock': {
    before: 'CREATE TABLE busy (id int)',
    files: { 'migrations/1_busy.sql': 'ALTER TABLE busy ADD COLUMN added int;' },
    hold: 'BEGIN; SELECT FROM busy',
    asked: ['liveness', 'blockers'],
  },
  'a concurrent build that waits for an old snapshot': {
    before: 'CREATE TABLE busy (id int); CREATE TABLE other (id int)',
    files: { 'migrations/1_index.sql': 'CREATE INDEX CONCURRENTLY i ON busy (id);' },
    hold: 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM other',
    asked: ['liveness', 'progress'],
  },
}

const connectionsOf = async ({
  sql,
}: TestDatabase): Promise<readonly { name: string; query: string }[]> => {
  const rows = await sql<{ name: string; query: string }[]>`SELECT application_name AS name, query
    FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'schemagate/%'`
  return [...rows]
}

describe.each(serverVersions)('connections on PostgreSQL %s', (version) => {
  test.each(Object.entries(cases))('%s: the lock, the work, the monitor', async (_name, known) => {
    const database = await createDatabase(version)
    const { sql, client, url } = database
    await sql.unsafe(known.before)
    const blocker = client()
    await blocker.unsafe(known.hold)
    const gate = startGate({
      folder: workFolder(known.files),
      environment: { DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '60s' },
    })
    const seen = new Map<string, number>()
    const asked = new Set<string>()
    await until('the monitor has asked it all', async () => {
      const connections = await connectionsOf(database)
      for (const [what, words] of Object.entries(queries))
        if (connections.some(({ name, query }) => name.endsWith(' watch') && query.includes(words)))
          asked.add(what)
      const roles = connections.map(({ name }) => name.replace(/^.* /, ''))
      for (const role of roles) {
        const now = roles.filter((each) => each === role).length
        seen.set(role, Math.max(now, seen.get(role) ?? 0))
      }
      return known.asked.every((each) => asked.has(each))
    })
    await blocker.unsafe('ROLLBACK')
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    expect(Object.fromEntries(seen)).toEqual({ lock: 1, run: 1, watch: 1 })
  })
})
