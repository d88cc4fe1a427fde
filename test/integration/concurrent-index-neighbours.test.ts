// Somebody else, whose sessions the gate's role may not see into, works on the same table: PostgreSQL would end one of the two
// with a deadlock, because who waits for the table holds a snapshot that the other waits for.

import { describe, expect, test } from '@jest/globals'
import type postgres from 'postgres'
import { administrator, createDatabase, databaseUrl, until } from '../support/database.ts'
import { startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

// 2.5 s of building, longer than deadlock_timeout; and no end of it while somebody holds the advisory lock 4711.
const made = `CREATE FUNCTION slow(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(4711); PERFORM pg_sleep(0.1); RETURN a; END $$;
  CREATE TABLE p (a int, b int) PARTITION BY RANGE (a); CREATE TABLE t PARTITION OF p FOR VALUES FROM (0) TO (100);
  INSERT INTO t SELECT n, n FROM generate_series(1, 25) n; CREATE INDEX t_b ON t (b);`

const neighbour = 'CREATE INDEX CONCURRENTLY t_slow ON t (slow(a))'

const buildsOf = (sql: postgres.Sql): Promise<readonly unknown[]> =>
  sql`SELECT FROM pg_stat_progress_create_index
    WHERE datname = current_database() AND phase LIKE 'building%'`

describe.each(serverVersions)(
  'while somebody else builds on the table, PostgreSQL %s:',
  (version) => {
    test.each([
      ['the same index is waited for', neighbour],
      ['another index comes after it', 'CREATE INDEX CONCURRENTLY t_a ON t (a)'],
      ['an index is dropped after it', 'DROP INDEX CONCURRENTLY t_b'],
      ['an index is rebuilt after it', 'REINDEX INDEX CONCURRENTLY t_b'],
      [
        'the partition is detached after it',
        '-- @allow detach-partition its rows are archived\nALTER TABLE p DETACH PARTITION t CONCURRENTLY',
      ],
      ['the parent has its index after it', 'CREATE INDEX CONCURRENTLY p_a ON p (a)'],
    ])('%s, and both are done', async (_, statement) => {
      const { sql, client, name, port, drop } = await createDatabase(version)
      const login = `login_${name}`
      const admin = administrator(version)
      await admin.unsafe(
        `CREATE ROLE ${login} LOGIN PASSWORD 'pw'; GRANT CREATE ON DATABASE ${name} TO ${login}`,
      )
      try {
        await sql.unsafe(`${made} ALTER TABLE p OWNER TO ${login}; ALTER TABLE t OWNER TO ${login};
        GRANT CREATE ON SCHEMA public TO ${login}`)
        const holder = client()
        await holder.unsafe('SELECT pg_advisory_lock(4711)')
        const building = client().unsafe(neighbour)
        const done = building.then(() => 'done')
        await until('it builds', async () => {
          const progress = await sql`SELECT FROM pg_stat_progress_create_index
          WHERE datname = current_database() AND phase LIKE 'building%'`
          return progress.length > 0
        })
        const gate = startGate({
          folder: workFolder({ 'migrations/1_i.sql': statement }),
          environment: { DATABASE_URL: databaseUrl(port, name, login, 'pw') },
        })
        await gate.said(', which works on its table')
        await holder.unsafe('SELECT pg_advisory_unlock(4711)')
        expect(await done).toBe('done')
        const { exitCode, stdout, stderr } = await gate.finished
        expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
        expect(stderr).toMatch(/waits? for pid \d+, which works on its table/)
        const [index] = await sql`SELECT indisvalid AS valid FROM pg_index
        WHERE indexrelid = 't_slow'::regclass`
        expect(index).toEqual({ valid: true })
        expect(await sql`SELECT FROM pg_index WHERE NOT indisvalid`).toHaveLength(0)
      } finally {
        await drop()
        await admin.unsafe(`DROP ROLE ${login}`)
      }
    })

    // Not one that the gate could wait for: it comes later, and holds a snapshot while it queues for the table.
    test('a build that somebody who waits for the table ends with a deadlock is built again', async () => {
      const { sql, client, url } = await createDatabase(version)
      await sql.unsafe(made)
      const gate = startGate({
        args: ['indexes', '--strict'],
        folder: workFolder({ 'migrations/indexes/t.sql': neighbour }),
        environment: { DATABASE_URL: url },
      })
      await until('it builds', async () => (await buildsOf(sql)).length > 0)
      const altered = client()
        .unsafe('ALTER TABLE t ADD CONSTRAINT positive CHECK (b > 0)')
        .then(() => 'done')
      const { exitCode, stdout, stderr } = await gate.finished
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
      expect(stderr).toContain('dropped index t_slow, which a failed build left INVALID')
      expect(await altered).toBe('done')
      expect(await sql`SELECT FROM pg_index WHERE NOT indisvalid`).toHaveLength(0)
    })
  },
)
