import { describe, expect, test } from '@jest/globals'
import { administrator, createDatabase, until } from '../support/database.ts'
import { holdTable } from '../support/effects.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

describe.each(serverVersions)('the migration lock on PostgreSQL %s', (version) => {
  test('busy for longer than the wait: the holder and what it runs are named, exit 75, nothing changed', async () => {
    const held = await holdTable(await createDatabase(version))
    const folder = workFolder({ 'migrations/0007_slow.sql': held.statement })
    const leader = startGate({ folder, environment: held.environment })
    await held.reached()
    const environment = { ...held.environment, MIGRATION_LOCK_WAIT_SECONDS: '1' }
    const { exitCode, stdout, stderr } = await runGate({ folder, environment })
    expect(exitCode).toBe(75)
    expect(stderr).toMatch(
      /another process holds the migration lock, waiting for \d+ s; holder: pid \d+, schemagate\/\S+ lock, user postgres, from 127\.0\.0\.1, for \d+ s, runs migrations\/0007_slow\.sql/,
    )
    expect(stderr).toContain('Could not acquire lock in time')
    expect(stdout).toContain(
      'error[lock-timeout]: another process held the migration lock for the whole 1 s',
    )
    expect(leader.process.exitCode).toBeNull()
    await held.release()
    expect((await leader.finished).exitCode).toBe(0)
  })

  test('with MIGRATION_ON_LOCK_TIMEOUT=skip the same is a warning and exit 0', async () => {
    const held = await holdTable(await createDatabase(version))
    const folder = workFolder({ 'migrations/0007_slow.sql': held.statement })
    const leader = startGate({ folder, environment: held.environment })
    await held.reached()
    const environment = {
      ...held.environment,
      MIGRATION_LOCK_WAIT_SECONDS: '1',
      MIGRATION_ON_LOCK_TIMEOUT: 'skip',
    }
    const { exitCode, stdout, stderr } = await runGate({ folder, environment })
    expect(exitCode).toBe(0)
    expect(stderr).toContain(
      'Could not acquire lock in time (1 s) with migrations pending -> skipping migrations',
    )
    expect(stdout).toContain('some are still pending')
    expect(leader.process.exitCode).toBeNull()
    await held.release()
    expect((await leader.finished).exitCode).toBe(0)
  })

  test('its holder keeps no snapshot, so CREATE INDEX CONCURRENTLY finishes while one runner leads and another waits', async () => {
    const { url, sql, client, name } = await createDatabase(version)
    // Even under a default isolation level that would keep one.
    await administrator(version).unsafe(
      `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`,
    )
    await sql`CREATE TABLE indexed (id int)`
    const environment = { DATABASE_URL: url }
    const first = { 'migrations/1_first.sql': 'CREATE TABLE a (id int)' }
    expect(await runGate({ folder: workFolder(first), environment })).toMatchObject({ exitCode: 0 })
    // Keeps the leader where it takes the ledger's table lock: it has the migration lock then, and no statement that
    // needs a snapshot.
    const blocker = client()
    await blocker.unsafe(
      'BEGIN ISOLATION LEVEL READ COMMITTED; LOCK TABLE schemagate.schema_migrations IN ROW EXCLUSIVE MODE',
    )
    const folder = workFolder({ ...first, 'migrations/2_second.sql': 'CREATE TABLE b (id int)' })
    const gates = [startGate({ folder, environment }), startGate({ folder, environment })]
    const saying = (words: string): number =>
      gates.filter(({ stderr }) => stderr().includes(words)).length
    const blocked = `SELECT FROM pg_locks WHERE relation = 'schemagate.schema_migrations'::regclass AND NOT granted`
    await until(
      'one leads and one waits',
      async () =>
        saying('Acquired migration lock') === 1 &&
        saying('another process holds') === 1 &&
        (await sql.unsafe(blocked)).length === 1,
    )
    // Renewed, too, by something that takes no snapshot.
    const renewed = `SELECT FROM pg_stat_activity WHERE datname = '${name}' AND query LIKE 'SET LOCAL %'
      AND application_name LIKE 'schemagate/% lock'`
    await until('the lease is renewed', async () => (await sql.unsafe(renewed)).length === 1)
    expect(
      await sql`SELECT state, backend_xmin AS xmin FROM pg_stat_activity
      WHERE pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)
      AND datname = ${name} AND application_name LIKE 'schemagate/% lock'`,
    ).toEqual([{ state: 'idle in transaction', xmin: null }])
    await sql`SET statement_timeout = '10s'`
    await sql.unsafe('CREATE INDEX CONCURRENTLY indexed_id_idx ON indexed (id)')
    expect(
      await sql`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'indexed_id_idx'::regclass`,
    ).toEqual([{ valid: true }])
    // All that while nothing moved.
    expect(await sql.unsafe(blocked)).toHaveLength(1)
    expect(gates.map(({ process: { exitCode } }) => exitCode)).toEqual([null, null])
    await blocker.unsafe('COMMIT')
    const ends = await Promise.all(gates.map(({ finished }) => finished))
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
    const environment = {
      DATABASE_URL: url,
      MIGRATION_LOCK_TIMEOUT: '300ms',
      MIGRATION_LOCK_RETRIES: '0',
    }
    const blocked = await runGate({ folder, environment })
    expect(blocked.exitCode).toBe(75)
    expect(blocked.stdout).toContain(
      'error[blocked-ddl]: migrations/1_a.sql did not get its locks (lock_timeout 300ms)',
    )
    expect(blocked.stdout).toContain('migrations/1_a.sql:2:1')
    await blocker.unsafe('COMMIT')
    expect(await sql`SELECT to_regclass('new_one') IS NULL AS rolled_back`).toEqual([
      { rolled_back: true },
    ])
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  })
})
