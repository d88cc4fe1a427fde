// What a backfill costs: its rows per second beside one single UPDATE of the same rows, and what point updates of the same table
// feel of it. BENCH_ROWS sets how many rows (2000000 for the figures that the docs promise), BENCH_RUNS how often.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startServer } from '../test/support/servers.ts'

const rows = Number(process.env['BENCH_ROWS'] ?? 300_000)
const runs = Number(process.env['BENCH_RUNS'] ?? 3)
const clients = 2
const workers = 2
const project = join(import.meta.dirname, '..')

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const percentile = (numbers: readonly number[], part: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) * part)] ?? 0

// Its data reaches the disk, as in production.
const server = await startServer('18', {
  fsync: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
})
const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
const connect = (): postgres.Sql => postgres(server.url, { max: 1, onnotice: () => undefined })
const sql = connect()

const freshTable = async (): Promise<void> => {
  await sql`DROP TABLE IF EXISTS calls`
  await sql`CREATE TABLE calls (id bigint PRIMARY KEY, started_at timestamptz, ended_at timestamptz, duration_sec int, seen int DEFAULT 0,
    note text)`
  await sql`INSERT INTO calls (id, started_at, ended_at, note) SELECT n, now(), now() + n % 900 * interval '1 s', repeat(md5(n::text), 3)
    FROM generate_series(1, ${rows}::int) AS n`
  await sql`VACUUM ANALYZE calls`
  await sql`CHECKPOINT`
}

const update = 'UPDATE calls SET duration_sec = extract(epoch FROM ended_at - started_at) WHERE'

const backfill = async (directives = ''): Promise<number> => {
  writeFileSync(
    join(folder, 'migrations/backfills/calls.sql'),
    `-- @table calls\n-- @key id\n${directives}${update} :batch AND duration_sec IS NULL;`,
  )
  const args = [
    join(project, 'dist/schemagate.js'),
    'backfill',
    'calls',
    '--strict',
    '--restart',
    '--json',
  ]
  const child = spawn(process.execPath, args, {
    env: {
      DATABASE_URL: server.url,
      MIGRATIONS_DIR: join(folder, 'migrations'),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let report = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (report += text))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(report)
  const { backfills } = JSON.parse(report) as {
    backfills: [{ duration_ms: number; rows_changed: number }]
  }
  if (backfills[0].rows_changed !== rows) throw new Error(report)
  return backfills[0].duration_ms
}

const single = async (): Promise<number> => {
  const started = performance.now()
  await sql.unsafe(`${update} duration_sec IS NULL`)
  return performance.now() - started
}

/** Latencies of point updates by several clients, for as long as `until` takes. */
const pointUpdates = async (until: () => Promise<unknown>): Promise<readonly number[]> => {
  let over = false
  const latencies: number[] = []
  const work = Array.from({ length: clients }, async () => {
    const client = connect()
    while (!over) {
      const id = 1 + Math.floor(Math.random() * rows)
      const started = performance.now()
      await client`UPDATE calls SET seen = seen + 1 WHERE id = ${id}`
      latencies.push(performance.now() - started)
    }
    await client.end()
  })
  await until()
  over = true
  await Promise.all(work)
  return latencies
}

/** Keeps a core of the server busy, and touches no row: what of the latencies is that. */
const compute = async (forMs: number): Promise<void> => {
  const other = connect()
  await other.unsafe(`SET statement_timeout = ${Math.ceil(forMs)}`)
  await other
    .unsafe('DO $$ BEGIN LOOP PERFORM md5(random()::text); END LOOP; END $$')
    .catch(() => undefined)
  await other.end()
}

try {
  mkdirSync(join(folder, 'migrations/backfills'), { recursive: true })
  const singleMs: number[] = []
  const backfillMs: number[] = []
  const togetherMs: number[] = []
  for (let run = 0; run < runs; run++) {
    await freshTable()
    singleMs.push(await single())
    await freshTable()
    backfillMs.push(await backfill())
    await freshTable()
    togetherMs.push(await backfill(`-- @workers ${workers}\n`))
  }
  await freshTable()
  const loadedMs: number[] = []
  const busy = await pointUpdates(async () => loadedMs.push(await backfill()))
  await freshTable()
  const alikeMs = Math.max(5_000, median(loadedMs))
  const idle = await pointUpdates(() => new Promise((resolve) => setTimeout(resolve, alikeMs)))
  const computing = await pointUpdates(() => compute(alikeMs))
  const latencies = (what: string, found: readonly number[]): string => {
    const [p50, p99] = [percentile(found, 0.5), percentile(found, 0.99)]
    return `| ${what} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${(p99 / percentile(idle, 0.99)).toFixed(2)} |`
  }
  const perSecond = (ms: number): string => ((rows * 1_000) / ms).toFixed(0)
  const [one, many, together] = [median(singleMs), median(backfillMs), median(togetherMs)]
  process.stdout.write(`| ${rows} rows, median of ${runs} | rows/s | ratio |\n|---|---|---|
| one single UPDATE | ${perSecond(one)} | 1 |
| schemagate backfill | ${perSecond(many)} | ${(one / many).toFixed(2)} |
| the same with @workers ${workers} | ${perSecond(together)} | ${(one / together).toFixed(2)} |
| (with one worker, beside ${clients} clients with point updates) | ${perSecond(median(loadedMs))} | ${(one / median(loadedMs)).toFixed(2)} |

| point updates of the same table by ${clients} clients | p50 ms | p99 ms | ratio of p99 |\n|---|---|---|---|
${latencies('alone', idle)}
${latencies('beside schemagate backfill', busy)}
${latencies('beside a query that only computes', computing)}
`)
  await sql.end()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
