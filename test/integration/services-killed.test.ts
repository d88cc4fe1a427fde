import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { until, type TestDatabase } from '../support/database.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'
import {
  createMigrated,
  expectSanitised,
  insertBusinesses,
  startService,
  untilReady,
  type RunningService,
} from '../support/services.ts'

const jobs = 40
const businesses = 5
const kills = 12
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

/** Every job is begun and ended in one transaction with its slot; here with the moment and the worker's process. */
const recordRuns = async ({ sql }: TestDatabase): Promise<void> => {
  await sql.unsafe(`
    CREATE TABLE runs (job bigint, business bigint, pid int, begun timestamptz, ended timestamptz, status text);
    CREATE FUNCTION record_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.status = 'running' AND NEW.status <> 'running' THEN
        UPDATE runs SET ended = clock_timestamp(), status = NEW.status
          WHERE job = OLD.id AND pid = split_part(OLD.locked_by, ':', 2)::int AND ended IS NULL;
      ELSIF NEW.status = 'running' THEN
        INSERT INTO runs VALUES (NEW.id, NEW.business_id, split_part(NEW.locked_by, ':', 2)::int, clock_timestamp());
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER record_run AFTER UPDATE ON recording_jobs FOR EACH ROW EXECUTE FUNCTION record_run()`)
}

type Run = {
  readonly job: string
  readonly business: string
  readonly pid: number
  readonly begunMs: number
  readonly endedMs: number
  readonly status: string | null
}

/** In the order of their beginning. What a worker began ends with its death at the latest. */
const readRuns = async (
  { sql }: TestDatabase,
  deaths: ReadonlyMap<number, number>,
): Promise<readonly Run[]> => {
  const rows = await sql<Run[]>`
    SELECT job::text, business::text, pid, extract(epoch FROM begun)::float8 * 1000 AS "begunMs",
      extract(epoch FROM coalesce(ended, 'infinity'))::float8 * 1000 AS "endedMs", status
    FROM runs ORDER BY begun`
  return rows.map((run) => ({
    ...run,
    endedMs: Math.min(run.endedMs, deaths.get(run.pid) ?? Infinity),
  }))
}

/** Pairs of runs of one business that overlap. */
const overlaps = (runs: readonly Run[]): readonly (readonly [Run, Run])[] =>
  runs.flatMap((run, at) =>
    runs
      .slice(at + 1)
      .filter((later) => later.business === run.business && later.begunMs < run.endedMs)
      .map((later) => [run, later] as const),
  )

describe.each(serverVersions)('two workers killed with SIGKILL on PostgreSQL %s', (version) => {
  test(`at ${kills} random moments (KILL_SEED=${seed}): every job is done once, one at a time of each business, and no slot is left`, async () => {
    const startedAt = Date.now()
    const next = random(seed)
    const database = await createMigrated(version)
    const { sql, url } = database
    await recordRuns(database)
    const ids = await insertBusinesses(database, businesses)
    for (let job = 0; job < jobs; job++)
      await sql`INSERT INTO recording_jobs (business_id, call_sid)
        VALUES (${ids[Math.floor(next() * businesses)] ?? ''}, ${`CA${job}`})`

    const environment = {
      DATABASE_URL: url,
      WORKER_LEASE_SECONDS: '2',
      WORKER_DOWNLOAD_MS: '150',
    }
    const start = (): RunningService => startService('worker', environment)
    const workers = [start(), start()]
    const deaths = new Map<number, number>()
    const logs: string[] = []
    for (let kill = 0; kill < kills; kill++) {
      const at = Math.floor(next() * workers.length)
      const worker = workers[at] ?? start()
      await untilReady(worker)
      await sleep(next() * 400)
      worker.process.kill('SIGKILL')
      const { stderr } = await worker.finished
      deaths.set(worker.process.pid ?? 0, Date.now())
      logs.push(stderr)
      workers[at] = start()
    }
    const left = () => sql`SELECT FROM recording_jobs WHERE status IN ('queued', 'running')`
    await until('all jobs have ended', async () => (await left()).length === 0, 35_000)
    expect(Date.now() - startedAt).toBeLessThan(40_000)

    const states = await sql`SELECT status, locked_by, file_name IS NOT NULL AS has_file,
      finished_at IS NOT NULL AS is_finished, attempts >= 1 AS is_tried, count(*)::int
      FROM recording_jobs GROUP BY 1, 2, 3, 4, 5`
    expect([...states]).toEqual([
      {
        ...{ status: 'done', locked_by: null, has_file: true },
        is_finished: true,
        is_tried: true,
        count: jobs,
      },
    ])
    expect(await sql`SELECT FROM recording_slots`).toHaveLength(0)

    const runs = await readRuns(database, deaths)
    expect(overlaps(runs)).toEqual([])
    expect(runs.filter(({ status }) => status === 'done')).toHaveLength(jobs)
    // Else the moments came too late and nothing was tested.
    expect(runs.filter(({ status }) => status === null).length).toBeGreaterThanOrEqual(kills / 4)
    expectSanitised([...logs, ...workers.map(({ log }) => log())].join(''))
  }, 60_000)
})
