// Backfills among others who use the table, through a pooler, and killed.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  arrangeBackfill,
  batchesOf,
  countedTable,
  expectOnceEach,
  fill,
  numbered,
  stateOf,
} from '../support/backfill.ts'
import { databaseUrl, until } from '../support/database.ts'
import { expectNoLock } from '../support/effects.ts'
import { startPooler, type Pooler } from '../support/pooler.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'

const rounds = Number(process.env['KILL_ROUNDS'] ?? 3)
/** So many that it is not done before the last kill. */
const count = rounds * 4_000
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

describe.each(serverVersions)('a backfill on PostgreSQL %s', (version) => {
  test.each([
    ['waiting for locked rows', ''],
    ['leaving out locked rows', '-- @skip-locked on\n'],
  ])(
    `%s, killed with SIGKILL at ${rounds} random moments (KILL_SEED=${seed}): every row exactly once`,
    async (_, directive) => {
      const next = random(seed)
      const scenario = await arrangeBackfill(version, numbered(count), {
        fill: fill(`-- @batch-size 200\n${directive}`),
      })
      let killed = 0
      for (let round = 0; round < rounds; round++) {
        const before = await batchesOf(scenario)
        const gate = scenario.start('fill')
        await until(
          'it goes on',
          async () => gate.process.exitCode !== null || (await batchesOf(scenario)) > before,
        )
        await sleep(next() * 40)
        gate.process.kill('SIGKILL')
        if ((await gate.finished).signal === 'SIGKILL') killed++
      }
      // Else the moments came too late and nothing was tested.
      expect(killed).toBeGreaterThanOrEqual(rounds / 2)
      expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
      await expectOnceEach(scenario.database, count)
      expect(await stateOf(scenario.database)).toMatchObject({
        state: 'done',
        visited: count,
        changed: count,
      })
      await expectNoLock(scenario.database.sql)
    },
    120_000 + rounds * 2_000,
  )

  test('whose killed runner still has a batch on the server waits for it: no row twice', async () => {
    const scenario = await arrangeBackfill(
      version,
      `${numbered(300)} CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END';
      CREATE TRIGGER slow AFTER UPDATE ON t EXECUTE FUNCTION slow()`,
      { fill: fill('-- @batch-size 200\n') },
    )
    const gate = scenario.start('fill')
    const sleeping = `SELECT 1 FROM pg_stat_activity WHERE datname = '${scenario.database.name}' AND wait_event = 'PgSleep'`
    await until(
      'its batch runs',
      async () => (await scenario.database.sql.unsafe(sleeping)).length > 0,
    )
    gate.process.kill('SIGKILL')
    await gate.finished
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    await expectOnceEach(scenario.database, 300)
  })

  test('waits for as long as such a batch may take, and says for whom', async () => {
    const scenario = await arrangeBackfill(version, numbered(300), { fill: fill('') })
    const { database } = scenario
    const first = await scenario.run('fill', '--strict', '--time-budget', '1ms')
    expect(first.stdout).toContain('incomplete')
    // As a batch has it that the server is still at.
    const batch = database.client()
    await batch`BEGIN`
    const [row] = await batch`SELECT pg_backend_pid() AS pid FROM schemagate.backfills FOR SHARE`
    const gate = scenario.start('fill', '--strict')
    const said = new RegExp(
      `BACKFILL fill has waited 1\\d\\.\\d s for a batch that the server still runs: pid ${String(row?.['pid'])}`,
    )
    await until('it has waited long', () => said.test(gate.stderr()))
    await batch`COMMIT`
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    await expectOnceEach(database, 300)
  })

  test('leaves locked rows out where that is declared, and visits them at the end', async () => {
    const scenario = await arrangeBackfill(
      version,
      countedTable(
        'a int, b uuid, PRIMARY KEY (a, b)',
        `SELECT n % 5, md5(n::text)::uuid FROM generate_series(1, 2000) AS n`,
      ),
      { fill: fill('-- @batch-size 300\n-- @skip-locked on\n', 'a, b') },
    )
    const { database } = scenario
    const rival = database.client()
    await rival`BEGIN`
    await rival`SELECT FROM t WHERE a = 3 FOR UPDATE`
    const gate = scenario.start('fill')
    await until('it waits for them', () =>
      gate.stderr().includes('BACKFILL fill waits: another session has locked rows'),
    )
    expect(await stateOf(database)).toMatchObject({ skipped: 400, visited: 1_600, changed: 1_600 })
    // One of them is gone when its turn comes.
    await rival`DELETE FROM t WHERE (a, b) = (SELECT a, b FROM t WHERE a = 3 LIMIT 1)`
    await rival`COMMIT`
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    expect(await stateOf(database)).toMatchObject({
      state: 'done',
      skipped: 0,
      visited: 2_000,
      changed: 1_999,
    })
    await expectOnceEach(database, 1_999)
  })

  test('that left rows out when its time was over goes on with them next time', async () => {
    const scenario = await arrangeBackfill(version, numbered(500), {
      fill: fill('-- @skip-locked on\n'),
    })
    const rival = scenario.database.client()
    await rival`BEGIN`
    await rival`SELECT FROM t WHERE id IN (7, 300) FOR NO KEY UPDATE`
    expect((await scenario.run('fill', '--strict', '--time-budget', '2s')).exitCode).toBe(75)
    expect(await stateOf(scenario.database)).toMatchObject({
      state: 'running',
      skipped: 2,
      visited: 498,
    })
    await rival`ROLLBACK`
    // Also when locked rows are to be waited for from now on.
    scenario.write({ fill: fill() })
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
    expect(await stateOf(scenario.database)).toMatchObject({ skipped: 0, visited: 500 })
    await expectOnceEach(scenario.database, 500)
  })

  test('lets go, rests and comes again when a row is locked', async () => {
    const scenario = await arrangeBackfill(version, numbered(1_000), {
      fill: fill('-- @batch-size 100\n-- @lock-timeout 50ms\n'),
    })
    const rival = scenario.database.client()
    await rival`BEGIN`
    await rival`SELECT FROM t WHERE id = 500 FOR UPDATE`
    const gate = scenario.start('fill')
    await until('it waits', () =>
      gate.stderr().includes('BACKFILL fill waits: another session has locked rows'),
    )
    expect(await stateOf(scenario.database)).toMatchObject({ visited: 400 })
    // Between two tries it holds nothing up.
    await scenario.database.sql`SET lock_timeout = '2s'`
    await scenario.database.sql`SELECT FROM t WHERE id BETWEEN 450 AND 499 FOR UPDATE`
    await rival`ROLLBACK`
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    await expectOnceEach(scenario.database, 1_000)
  })

  test('waits for a table that somebody alters', async () => {
    const scenario = await arrangeBackfill(version, numbered(1_000), {
      fill: fill('-- @batch-size 100\n-- @pause 20ms\n-- @lock-timeout 100ms\n'),
    })
    const gate = scenario.start('fill')
    await until('it walks', async () => (await batchesOf(scenario)) > 0)
    const rival = scenario.database.client()
    await rival`BEGIN`
    await rival`LOCK TABLE t`
    const { visited } = (await stateOf(scenario.database)) ?? {}
    await until('it waits', () => gate.stderr().includes('BACKFILL fill waits'))
    expect(await stateOf(scenario.database)).toMatchObject({ visited })
    await rival`COMMIT`
    expect(await gate.finished).toMatchObject({ exitCode: 0 })
    await expectOnceEach(scenario.database, 1_000)
  }, 60_000)

  test('has one worker at a time; another backfill is none of its business', async () => {
    const scenario = await arrangeBackfill(version, numbered(2_000), {
      fill: fill('-- @batch-size 10\n-- @pause 1s\n'),
      other: '-- @table t\n-- @key id\nDELETE FROM t WHERE :batch AND false',
    })
    const gate = scenario.start('fill')
    await until('it walks', async () => (await batchesOf(scenario)) > 0)
    const { exitCode, stdout } = await scenario.run('--all')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^busy {11}migrations\/backfills\/fill\.sql\ndone {11}migrations\/backfills\/other\.sql/,
    )
    expect(stdout).toMatch(
      /error\[backfill-busy\].*\n {2}holder: pid \d+, schemagate\/\S+ lock, user postgres/,
    )
    expect((await scenario.run('fill', '--strict')).exitCode).toBe(75)
    gate.process.kill('SIGTERM')
    const stopped = await gate.finished
    expect(stopped.exitCode).toBe(143)
    expect(stopped.stdout).toContain('error[interrupted]: stopped by SIGTERM in the backfill fill')
    await expectNoLock(scenario.database.sql)
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s cancels the batch under way and exits %i; the next run goes on',
    async (signal, code) => {
      const scenario = await arrangeBackfill(
        version,
        `${numbered(300)} CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.id = 250 AND NEW.filled = 1 THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END';
      CREATE TRIGGER slow BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION slow()`,
        { fill: fill('-- @batch-size 100\n') },
      )
      const { sql, name } = scenario.database
      const gate = scenario.start('--all')
      const sleeping = `SELECT 1 FROM pg_stat_activity WHERE datname = '${name}' AND wait_event = 'PgSleep'`
      await until('it sleeps', async () => (await sql.unsafe(sleeping)).length > 0)
      gate.process.kill(signal)
      expect(await gate.finished).toMatchObject({ exitCode: code })
      await until('the batch has ended', async () => (await sql.unsafe(sleeping)).length === 0)
      expect(await stateOf(scenario.database)).toMatchObject({ state: 'running', visited: 200 })
      await sql`DROP TRIGGER slow ON t`
      expect((await scenario.run('fill', '--strict')).exitCode).toBe(0)
      await expectOnceEach(scenario.database, 300)
    },
  )

  test('whose lock is ended by somebody stops before its next batch', async () => {
    const scenario = await arrangeBackfill(version, numbered(2_000), {
      fill: fill('-- @batch-size 10\n-- @pause 100ms\n'),
    })
    const { sql, name } = scenario.database
    const gate = scenario.start('fill', '--strict')
    await until('it walks', async () => (await batchesOf(scenario)) > 0)
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name} AND application_name LIKE '% lock'`
    const { exitCode, stdout } = await gate.finished
    expect(exitCode).toBe(75)
    expect(stdout).toContain('error[backfill-taken-over]')
  })

  describe('through PgBouncer in transaction mode', () => {
    let pooler: Pooler
    beforeAll(async () => {
      // The lock takes one of them, so that all the work goes through the other.
      pooler = await startPooler(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), 2)
    })
    afterAll(async () => {
      await pooler.stop()
    })

    test.each([
      ['waits for locked rows', ''],
      ['leaves locked rows out', '-- @skip-locked on\n'],
    ])('%s; a kill leaves no lock behind, and no setting leaks', async (_, directive) => {
      const scenario = await arrangeBackfill(
        version,
        numbered(3_000),
        { fill: fill(`-- @batch-size 100\n-- @pause 5ms\n${directive}`) },
        (database) => databaseUrl(pooler.port, database.name),
      )
      const gate = scenario.start('fill')
      await until('it walks', async () => (await batchesOf(scenario)) > 2)
      gate.process.kill('SIGKILL')
      await gate.finished
      const { exitCode, stderr } = await scenario.run('fill', '--strict')
      expect(exitCode).toBe(0)
      expect(stderr).toContain('Using POOLER')
      await expectOnceEach(scenario.database, 3_000)
      await expectNoLock(scenario.database.sql)
    })

    test('uses POOLER where both ways are given', async () => {
      const scenario = await arrangeBackfill(version, numbered(10), { fill: fill() })
      const { name, url } = scenario.database
      const { exitCode, stderr } = await scenario.run(
        ...['fill', '--database-url-direct', url],
        ...['--database-url-pooler', databaseUrl(pooler.port, name)],
      )
      expect(exitCode).toBe(0)
      expect(stderr).toContain('Using POOLER: POOLER (127.0.0.1:')
    })
  })
})
