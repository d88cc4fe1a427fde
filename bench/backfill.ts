// What a backfill costs: its rows per second beside one single UPDATE of the same rows, and what point updates of the same table
// feel of it. BENCH_ROWS sets how many rows (2000000 for the figures that the docs promise), BENCH_RUNS how often.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { startServer } from '../test/support/servers.ts'
import { median } from './compare/median.ts'

const rows = Number(process.env['BENCH_ROWS'] ?? 300_000)
const runs = Number(process.env['BENCH_RUNS'] ?? 3)
const clients = 2
/** Point updates a second, of each client: so few that they leave the server idle. */
const rate = 500
const workers = 2
const project = join(import.meta.dirname, '..')

type Latencies = { readonly p50: number; readonly p99: number }

const percentile = (numbers: readonly number[], part: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) * part)] ?? 0

// Its data reaches the disk, as in production.
const server = await startServer(
  '18',
  {
    fsync: 'on',
    shared_buffers: '512MB',
    max_wal_size: '4GB',
  },
  { storage: 'disk' },
)
const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
const connect = (): postgres.Sql => postgres(server.url, { max: 1, onnotice: () => undefined })
const sql = connect()

const freshTable = async (): Promise<void> => {
  await sql`DROP TABLE IF EXISTS calls`
  await sql`CREATE TABLE calls (id bigint PRIMARY KEY, started_at timestamptz, ended_at timestamptz, duration_sec int, seen int DEFAULT 0,
    note text)`
  await sql`INSERT INTO calls (id, started_at, ended_at, note) SELECT n, now(), now() + n % 900 * interval '1 s', repeat(md5(n::text), 3)
    FROM generate_series(1, ${rows}::int) AS n`
  await settle('calls')
}

const settle = async (table: string): Promise<void> => {
  await sql.unsafe(`VACUUM ANALYZE ${table}`)
  await sql`CHECKPOINT`
}

const updateOf = (table: string): string =>
  `UPDATE ${table} SET duration_sec = extract(epoch FROM ended_at - started_at) WHERE`

const backfill = async (directives = ''): Promise<number> => {
  writeFileSync(
    join(folder, 'migrations/backfills/calls.sql'),
    `-- @table calls\n-- @key id\n${directives}${updateOf('calls')} :batch AND duration_sec IS NULL;`,
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
  await sql.unsafe(`${updateOf('calls')} duration_sec IS NULL`)
  return performance.now() - started
}

/** The 50th and 99th percentile of the latencies of point updates, in ms, for as long as `until` takes. */
const pointUpdates = async (until: () => Promise<unknown>): Promise<Latencies> => {
  let over = false
  const latencies: number[] = []
  const startedMs = performance.now()
  const work = Array.from({ length: clients }, async () => {
    const client = connect()
    for (let at = 0; !over; at++) {
      const earlyMs = startedMs + (at * 1_000) / rate - performance.now()
      if (earlyMs > 0) await sleep(earlyMs)
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
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
}

const copyTable = async (): Promise<void> => {
  await sql`DROP TABLE IF EXISTS calls_copy`
  await sql`CREATE TABLE calls_copy (LIKE calls INCLUDING ALL)`
  await sql`INSERT INTO calls_copy SELECT * FROM calls`
  await settle('calls_copy')
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

type Felt = Record<'alone' | 'backfill' | 'update' | 'compute', Latencies>

/** Each on a fresh table, because a page that is written for the first time after a checkpoint costs more. */
const measureFelt = async (loadedMs: number[]): Promise<Felt> => {
  await freshTable()
  const backfillFelt = await pointUpdates(async () => loadedMs.push(await backfill()))
  const alikeMs = loadedMs.at(-1) ?? 0
  await freshTable()
  const alone = await pointUpdates(() => sleep(alikeMs))
  await freshTable()
  await copyTable()
  const updateFelt = await pointUpdates(() =>
    sql.unsafe(`${updateOf('calls_copy')} duration_sec IS NULL`),
  )
  await freshTable()
  const computeFelt = await pointUpdates(() => compute(alikeMs))
  return { alone, backfill: backfillFelt, update: updateFelt, compute: computeFelt }
}

try {
  mkdirSync(join(folder, 'migrations/backfills'), { recursive: true })
  const singleMs: number[] = []
  const backfillMs: number[] = []
  const togetherMs: number[] = []
  const loadedMs: number[] = []
  const felt: Felt[] = []
  for (let run = 0; run < runs; run++) {
    await freshTable()
    singleMs.push(await single())
    await freshTable()
    backfillMs.push(await backfill())
    await freshTable()
    togetherMs.push(await backfill(`-- @workers ${workers}\n`))
    felt.push(await measureFelt(loadedMs))
  }
  const latencies = (what: string, of: keyof Felt): string => {
    const p50 = median(felt.map((each) => each[of].p50))
    const p99 = median(felt.map((each) => each[of].p99))
    const ratio = median(felt.map((each) => each[of].p99 / each.alone.p99))
    return `| ${what} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${ratio.toFixed(2)} |`
  }
  const perSecond = (ms: number): string => ((rows * 1_000) / ms).toFixed(0)
  const [one, many, together] = [median(singleMs), median(backfillMs), median(togetherMs)]
  process.stdout.write(`| ${rows} rows, median of ${runs} | rows/s | ratio |\n|---|---|---|
| one single UPDATE | ${perSecond(one)} | 1 |
| schemagate backfill | ${perSecond(many)} | ${(one / many).toFixed(2)} |
| the same with @workers ${workers} | ${perSecond(together)} | ${(one / together).toFixed(2)} |
| (with one worker, beside ${clients} clients with point updates) | ${perSecond(median(loadedMs))} | ${(one / median(loadedMs)).toFixed(2)} |

| point updates of one table by ${clients} clients, ${rate} a second each, median of ${runs} | p50 ms | p99 ms | ratio of p99 |\n|---|---|---|---|
${latencies('alone', 'alone')}
${latencies('beside schemagate backfill of this table', 'backfill')}
${latencies('beside one single UPDATE of another table', 'update')}
${latencies('beside a query that only computes', 'compute')}
`)
  await sql.end()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
