// Many runners that start in the same second, as the replicas of a large service do: one of them applies, all of them exit 0. Beside
// it, what cannot be less: one runner by itself, and as many bare processes that connect, ask one question and end.
// Then the same again while the first migration does not end: what those that wait cost the server. Linux only, for that.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import postgres from 'postgres'
import { startServer } from '../test/support/servers.ts'
import { history } from './compare/history.ts'
import { runProcess } from './compare/run-process.ts'

const processes = Number(process.env['BENCH_PROCESSES'] ?? 200)
const files = Number(process.env['BENCH_FILES'] ?? 100)
const watchedMs = 20_000

const project = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
const server = await startServer('18', { max_connections: String(4 * processes + 50) })
const sql = postgres(server.url, { max: 1, onnotice: () => undefined })

const urlOf = (database: string): string => {
  const url = new URL(server.url)
  url.pathname = `/${database}`
  return url.href
}

const gate = (database: string, migrations: string, at: number): Promise<number> =>
  run(
    [join(project, 'dist/schemagate.js'), 'run'],
    {
      ...{ DATABASE_URL: urlOf(database), MIGRATIONS_DIR: migrations },
      ...{ MIGRATION_LOCK_WAIT_SECONDS: '600', MIGRATION_STATEMENT_TIMEOUT: '600s' },
    },
    at,
  )

const bare = (at: number): Promise<number> =>
  run([join(project, 'bench/bare.js')], { DATABASE_URL: urlOf('postgres') }, at)

const run = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  at: number,
): Promise<number> => {
  const log = join(folder, `${at}.log`)
  const { exitCode } = await runProcess({ program: process.execPath, args, environment }, log)
  if (exitCode !== 0)
    process.stdout.write(`exited ${exitCode}: ${readFileSync(log, 'utf8').slice(-600)}\n`)
  return exitCode
}

const each = <One>(work: (at: number) => Promise<One>): Promise<readonly One[]> =>
  Promise.all(Array.from({ length: processes }, (_, at) => work(at)))

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const folderOf = (name: string, texts: readonly string[]): string => {
  const made = join(folder, name)
  mkdirSync(made)
  for (const [at, text] of texts.entries())
    writeFileSync(join(made, `${String(at + 1).padStart(4, '0')}_step.sql`), text)
  return made
}

// Those of the server's own processes that serve the database.
const busyMs = (database: string): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + cpuOf(pid, database), 0)

const tickMs = 1_000 / Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout)

const cpuOf = (pid: string, database: string): number => {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(` ${database} `)) return 0
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  } catch {
    return 0
  }
}

const connectionsTo = (database: string): number =>
  readFileSync(join(server.folder, 'log/server.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(`database=${database} `) && line.includes('disconnection'))
    .length

try {
  const history100 = folderOf(
    'all',
    history(files).map((step) => step.sql),
  )
  for (const name of ['alone', 'crowd', 'waiting']) await sql.unsafe(`CREATE DATABASE ${name}`)
  const aloneMs = await timed(() => gate('alone', history100, 0))
  const bareMs = await timed(() => each(bare))
  let exits: readonly number[] = []
  const togetherMs = await timed(async () => {
    exits = await each((at) => gate('crowd', history100, at))
  })
  const lasting = folderOf('lasting', [
    'CREATE TABLE going (on_it int);',
    `DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM going) LOOP PERFORM pg_sleep(0.2); END LOOP; END $$;`,
  ])
  const waiting = each((at) => gate('waiting', lasting, at))
  const client = postgres(urlOf('waiting'), { max: 1, onnotice: () => undefined })
  const connected = async (): Promise<number> => {
    const [row] =
      await client`SELECT count(DISTINCT client_port)::int AS n FROM pg_stat_activity WHERE datname = 'waiting'`
    return Number(row?.['n'])
  }
  while ((await connected()) <= processes) await setTimeout(500)
  // What their starts cost is not what their waiting costs.
  await setTimeout(10_000)
  const before = busyMs('waiting')
  const [open] = [await connected()]
  await setTimeout(watchedMs)
  const share = (busyMs('waiting') - before) / watchedMs
  await client`INSERT INTO going VALUES (1)`
  await client.end()
  const ended = await waiting
  await setTimeout(1_000)
  process.stdout
    .write(`| ${processes} together, ${files} files pending, on ${availableParallelism()} cores | |
|---|---|
| one runner by itself | ${aloneMs.toFixed(0)} ms |
| ${processes} bare processes together | ${bareMs.toFixed(0)} ms |
| ${processes} runners together | ${togetherMs.toFixed(0)} ms: ${(togetherMs / (aloneMs + bareMs)).toFixed(2)} of both |
| exit 0 | ${exits.filter((code) => code === 0).length} of ${processes}; while waiting ${ended.filter((code) => code === 0).length} |
| connections of a runner in its life | ${(connectionsTo('crowd') / processes).toFixed(2)} |
| open at a time while ${processes} wait | ${open} |
| what their waiting costs the server | ${(share * 100).toFixed(1)} % of a core |
`)
} finally {
  await sql.end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
