import { describe, expect, test } from '@jest/globals'
import { until, type TestDatabase } from '../support/database.ts'
import { serverVersions } from '../support/servers.ts'
import {
  createMigrated,
  expectSanitised,
  insertBusinesses,
  runService,
  startService,
  untilReady,
  type RunningService,
} from '../support/services.ts'

type Environment = Readonly<Record<string, string>>

const startWorker = ({ url }: TestDatabase, environment: Environment = {}): RunningService =>
  startService('worker', { DATABASE_URL: url, WORKER_LEASE_SECONDS: '1', ...environment })

const enqueue = async (
  { sql }: TestDatabase,
  job: Readonly<Record<string, string | number | Date>>,
): Promise<void> => {
  await sql`INSERT INTO recording_jobs ${sql(job)}`
}

const jobsOf = async ({ sql }: TestDatabase) => [
  ...(await sql`SELECT call_sid, status, attempts, last_error FROM recording_jobs ORDER BY id`),
]

const untilStatus = ({ sql }: TestDatabase, call_sid: string, status: string): Promise<void> =>
  until(`the job of ${call_sid} is ${status}`, async () => {
    const [job] = await sql`SELECT status FROM recording_jobs WHERE call_sid = ${call_sid}`
    return job?.['status'] === status
  })

const slots = async ({ sql }: TestDatabase): Promise<number> =>
  (await sql`SELECT FROM recording_slots`).length

describe.each(serverVersions)('the worker on PostgreSQL %s', (version) => {
  test('keeps its slot for a download that is longer than the lease, and nobody else begins', async () => {
    const database = await createMigrated(version)
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1' })
    await enqueue(database, { business_id, call_sid: 'CA2' })
    const workers = [1, 2].map(() => startWorker(database, { WORKER_DOWNLOAD_MS: '2500' }))
    await untilStatus(database, 'CA1', 'done')
    await untilStatus(database, 'CA2', 'done')
    expect(await jobsOf(database)).toEqual([
      { call_sid: 'CA1', status: 'done', attempts: 1, last_error: null },
      { call_sid: 'CA2', status: 'done', attempts: 1, last_error: null },
    ])
    const logs = workers.map(({ log }) => log()).join('')
    expect(logs.match(/WORKER_PICKED/g)).toHaveLength(2)
    expect(logs).not.toContain('WORKER_JOB_FAILED')
  })

  test('queues a failed job again after a pause, and frees its slot for the next one', async () => {
    const database = await createMigrated(version)
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1-missing' })
    await enqueue(database, { business_id, call_sid: 'CA2' })
    const worker = startWorker(database)
    await untilStatus(database, 'CA2', 'done')
    const [failed] = await jobsOf(database)
    expect(failed).toMatchObject({ status: 'queued', last_error: 'RECORDING_MISSING' })
    const pause = await database.sql`SELECT FROM recording_jobs
      WHERE call_sid = 'CA1-missing' AND run_after > created_at + INTERVAL '2 seconds'`
    expect(pause).toHaveLength(1)
    expect(worker.log()).toContain(
      `[WORKER_JOB_FAILED] job_type=download_only call_sid=CA1-missing business_id=${business_id} attempt=1 max_attempts=8 error=RECORDING_MISSING
[WORKER_RELEASE_SLOT] call_sid=CA1-missing business_id=${business_id} reason=failure`,
    )
    expectSanitised(worker.log())
  })

  test('ends a job as failed after its last attempt', async () => {
    const database = await createMigrated(version)
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1-missing', attempts: 7 })
    startWorker(database)
    await untilStatus(database, 'CA1-missing', 'failed')
    expect(await jobsOf(database)).toMatchObject([{ attempts: 8, last_error: 'RECORDING_MISSING' }])
    const unfinished = await database.sql`SELECT FROM recording_jobs WHERE finished_at IS NULL`
    expect(unfinished).toHaveLength(0)
    expect(await slots(database)).toBe(0)
  })

  test.each(['an expired slot', 'no slot'])(
    'ends a job as failed whose worker was lost in the last attempt and left %s',
    async (left) => {
      const database = await createMigrated(version)
      const { sql } = database
      const [business_id = ''] = await insertBusinesses(database, 1)
      const lost = { business_id, call_sid: 'CA1', locked_by: 'dead:1' }
      await enqueue(database, { ...lost, status: 'running', attempts: 8, locked_at: new Date() })
      if (left === 'an expired slot')
        await sql`INSERT INTO recording_slots (business_id, call_sid, locked_by, locked_at, expires_at)
        VALUES (${business_id}, 'CA1', 'dead:1', now() - INTERVAL '1 hour', now() - INTERVAL '1 minute')`
      const worker = startWorker(database)
      await untilStatus(database, 'CA1', 'failed')
      expect(await jobsOf(database)).toEqual([
        { call_sid: 'CA1', status: 'failed', attempts: 8, last_error: 'WORKER_LOST' },
      ])
      await until('the release is logged', () => worker.log().includes('WORKER_RELEASE_SLOT'))
      expect(worker.log()).toContain(
        `[WORKER_JOB_FAILED] job_type=download_only call_sid=CA1 business_id=${business_id} attempt=8 max_attempts=8 error=WORKER_LOST`,
      )
      expect(worker.log()).not.toContain('WORKER_DOWNLOAD_DONE')
      expect(await slots(database)).toBe(0)
    },
  )

  test('told to stop in a download, gives the job back at once and exits 0', async () => {
    const database = await createMigrated(version)
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1' })
    const worker = startWorker(database, { WORKER_DOWNLOAD_MS: '600000' })
    await until('it downloads', () => worker.log().includes('WORKER_SLOT_ACQUIRED'))
    const toldAt = Date.now()
    worker.process.kill('SIGTERM')
    const { exitCode, stderr } = await worker.finished
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(Date.now() - toldAt).toBeLessThan(3_000)
    expect(stderr).toContain(`business_id=${business_id} reason=stopping`)
    expect(await jobsOf(database)).toEqual([
      { call_sid: 'CA1', status: 'queued', attempts: 0, last_error: null },
    ])
    expect(await slots(database)).toBe(0)
  })

  test('that hung for longer than its lease touches nothing of the one that took over', async () => {
    const database = await createMigrated(version)
    const { sql } = database
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1' })
    const hung = startWorker(database, { WORKER_DOWNLOAD_MS: '600000' })
    await until('it downloads', () => hung.log().includes('WORKER_SLOT_ACQUIRED'))
    hung.process.kill('SIGSTOP')
    const heir = startWorker(database, { WORKER_DOWNLOAD_MS: '600000' })
    await until('the other one takes over', () => heir.log().includes('WORKER_SLOT_ACQUIRED'))
    hung.process.kill('SIGCONT')
    await until('it finds out', () => hung.log().includes('another worker took the job'))
    expect(hung.log()).toContain('error=LEASE_LOST')
    expect(hung.log()).not.toContain('WORKER_RELEASE_SLOT')
    const held = await sql`SELECT job.attempts, slot.locked_by = job.locked_by AS is_held
      FROM recording_jobs AS job JOIN recording_slots AS slot USING (business_id)
      WHERE job.status = 'running' AND slot.expires_at > now()`
    expect([...held]).toEqual([{ attempts: 2, is_held: true }])
  })

  test('gives a download up when the database does not answer for the length of a lease', async () => {
    const database = await createMigrated(version)
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1' })
    const worker = startWorker(database, { WORKER_DOWNLOAD_MS: '600000' })
    await until('it downloads', () => worker.log().includes('WORKER_SLOT_ACQUIRED'))
    const goneAt = Date.now()
    await database.drop()
    await until('it gives up', () => worker.log().includes('error=LEASE_LOST'))
    expect(Date.now() - goneAt).toBeLessThan(3_000)
    expect(worker.log()).not.toContain('WORKER_RELEASE_SLOT')
    expectSanitised(worker.log())
  })

  test('that chose a job while another one took the slot of its business lets go, and goes on with other businesses', async () => {
    const database = await createMigrated(version)
    const [taken = '', free = ''] = await insertBusinesses(database, 2)
    await enqueue(database, { business_id: taken, call_sid: 'CA1' })
    await enqueue(database, { business_id: free, call_sid: 'CA2' })
    // The other one has not committed yet, so its slot cannot be seen.
    const other = database.client()
    await other.unsafe(`BEGIN; INSERT INTO recording_slots (business_id, call_sid, locked_by)
      VALUES (${taken}, 'CA0', 'other:1')`)
    const worker = startWorker(database)
    const waiting = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'worker' AND wait_event_type = 'Lock'`
    await until(
      'it waits for the slot',
      async () => (await database.sql.unsafe(waiting)).length > 0,
    )
    await other.unsafe('COMMIT')
    await untilStatus(database, 'CA2', 'done')
    expect(await jobsOf(database)).toMatchObject([
      { call_sid: 'CA1', status: 'queued', attempts: 0 },
      { call_sid: 'CA2', status: 'done', attempts: 1 },
    ])
    expect(worker.log()).not.toContain('CA1')
  })

  test('passes over a job whose row another one has locked', async () => {
    const database = await createMigrated(version)
    const [business_id = ''] = await insertBusinesses(database, 1)
    await enqueue(database, { business_id, call_sid: 'CA1' })
    await enqueue(database, { business_id, call_sid: 'CA2' })
    const other = database.client()
    await other.unsafe(`BEGIN; SELECT FROM recording_jobs WHERE call_sid = 'CA1' FOR UPDATE`)
    startWorker(database)
    await untilStatus(database, 'CA2', 'done')
    await other.unsafe('ROLLBACK')
    await untilStatus(database, 'CA1', 'done')
  })

  test('in numbers works on one job of each business, never on two', async () => {
    const database = await createMigrated(version)
    const businesses = await insertBusinesses(database, 3)
    const workers = [1, 2, 3, 4].map(() => startWorker(database, { WORKER_DOWNLOAD_MS: '600000' }))
    await Promise.all(workers.map(untilReady))
    for (const business_id of businesses)
      await database.sql`INSERT INTO recording_jobs (business_id, call_sid)
        SELECT ${business_id}::bigint, concat('CA', ${business_id}::text, '-', n) FROM generate_series(1, 6) AS n`
    await until('each business has its worker', async () => (await slots(database)) === 3)
    const running = await database.sql`SELECT business_id::text FROM recording_jobs
      WHERE status = 'running' ORDER BY business_id`
    expect(running.map(({ business_id }) => business_id as string)).toEqual(businesses)
  })
})

test.each(['0', 'soon', '1.5', '-1', '86401', '1e3', ' '])(
  'the worker exits 2 when WORKER_LEASE_SECONDS is "%s", and tells the valid form',
  async (WORKER_LEASE_SECONDS) => {
    const DATABASE_URL = 'postgresql://127.0.0.1:1/calls'
    const { exitCode, stderr } = await runService('worker', { DATABASE_URL, WORKER_LEASE_SECONDS })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(
      'STOPPING: WORKER_LEASE_SECONDS must be a whole number from 1 to 86400; when it is not set, it is 300\n',
    )
  },
)
