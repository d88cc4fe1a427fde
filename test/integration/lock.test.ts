import { describe, expect, test } from '@jest/globals'
import { administrator, createDatabase, until } from '../support/database.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const slow = { 'migrations/0007_slow.sql': 'CREATE TABLE a (id int); SELECT pg_sleep(4)' }

describe.each(serverVersions)('the migration lock on PostgreSQL %s', (version) => {
  test('busy for longer than the wait: the holder and what it runs are named, exit 75, nothing changed', async () => {
    const { url } = await createDatabase(version)
    const folder = workFolder(slow)
    const leader = startGate({ folder, environment: { DATABASE_URL: url } })
    await until('the leader runs', () => leader.stderr().includes('1/1'))
    const environment = { DATABASE_URL: url, MIGRATION_LOCK_WAIT_SECONDS: '1' }
    const { exitCode, stdout, stderr } = await runGate({ folder, environment })
    expect(exitCode).toBe(75)
    expect(stderr).toMatch(
      /another process holds the migration lock, waiting since 0 s; holder: pid \d+, schemagate\/\S+ lock, user postgres, from 127\.0\.0\.1, for \d+ s, runs migrations\/0007_slow\.sql/,
    )
    expect(stderr).toContain('Could not acquire lock in time')
    expect(stdout).toContain(
      'error[lock-timeout]: another process held the migration lock for all of 1 s',
    )
    expect((await leader.finished).exitCode).toBe(0)
  })

  test('with MIGRATION_ON_LOCK_TIMEOUT=skip the same is a warning and exit 0', async () => {
    const { url } = await createDatabase(version)
    const folder = workFolder(slow)
    const leader = startGate({ folder, environment: { DATABASE_URL: url } })
    await until('the leader runs', () => leader.stderr().includes('1/1'))
    const environment = {
      DATABASE_URL: url,
      MIGRATION_LOCK_WAIT_SECONDS: '1',
      MIGRATION_ON_LOCK_TIMEOUT: 'skip',
    }
    const { exitCode, stdout, stderr } = await runGate({ folder, environment })
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      'Could not acquire lock in time (1 s) with migrations pending -> skipping migrations',
    )
    expect(stdout).toContain('some are still pending')
    expect((await leader.finished).exitCode).toBe(0)
  })

  test('its holder keeps no snapshot, so CREATE INDEX CONCURRENTLY finishes while one runner leads and another waits', async () => {
    const { url, sql, client, name } = await createDatabase(version)
    // Even under a default isolation level that would keep one.
    await administrator(version).unsafe(
      `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`,
    )
    await sql`CREATE TABLE indexed (id int)`
    // Blocks the leader's migration in a lock wait, so that the lock is held for as long as the test needs.
    const blocker = client()
    await blocker.unsafe('CREATE TABLE blocked (id int)')
    const folder = workFolder({ 'migrations/1_wait.sql': 'ALTER TABLE blocked ADD COLUMN a int' })
    const environment = { DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '20s' }
    await blocker.unsafe('BEGIN; LOCK TABLE blocked')
    const gates = [startGate({ folder, environment }), startGate({ folder, environment })]
    await until('one leads and one waits', () => {
      const texts = gates.map((gate) => gate.stderr())
      return (
        texts.some((text) => text.includes('1/1')) &&
        texts.some((text) => text.includes('another process holds'))
      )
    })
    const holders = await sql`SELECT backend_xmin::text AS xmin FROM pg_stat_activity
      WHERE application_name LIKE 'schemagate/% lock' AND datname = ${name} AND state = 'idle in transaction'`
    expect(holders.filter(({ xmin }) => xmin !== null)).toEqual([])
    // The blocked ALTER TABLE itself has a snapshot; end it, the lock stays for the waiter to take over.
    await blocker.unsafe('COMMIT')
    await sql.unsafe('CREATE INDEX CONCURRENTLY indexed_id_idx ON indexed (id)')
    const [index] =
      await sql`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'indexed_id_idx'::regclass`
    expect(index).toEqual({ valid: true })
    const ends = await Promise.all(gates.map((gate) => gate.finished))
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  })

  test('a table that another session holds: exit 75 after the lock timeout, rolled back, the re-run exits 0', async () => {
    const { url, client, sql } = await createDatabase(version)
    await sql`CREATE TABLE busy (id int)`
    const blocker = client()
    await blocker.unsafe('BEGIN; LOCK TABLE busy')
    const folder = workFolder({
      'migrations/1_a.sql': 'CREATE TABLE new_one (id int);\nALTER TABLE busy ADD COLUMN a int',
    })
    const environment = { DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '300ms' }
    const blocked = await runGate({ folder, environment })
    expect(blocked.exitCode).toBe(75)
    expect(blocked.stdout).toContain(
      'error[blocked-ddl]: migrations/1_a.sql did not get its locks within 300ms',
    )
    expect(blocked.stdout).toContain('migrations/1_a.sql:2:1')
    await blocker.unsafe('COMMIT')
    expect(await sql`SELECT to_regclass('new_one') IS NULL AS rolled_back`).toEqual([
      { rolled_back: true },
    ])
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  })
})
