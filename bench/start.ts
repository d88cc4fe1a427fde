// How much a start costs when nothing is pending: the gate beside a bare Node process that connects and asks one query.
// Alternating runs, medians, their ratio.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../test/support/servers.ts'
import { median } from './compare/median.ts'

const runs = Number(process.env['BENCH_RUNS'] ?? 15)
const project = join(import.meta.dirname, '..')
const server = await startServer('18')
const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))

const bare = `import postgres from ${JSON.stringify(join(project, 'node_modules/postgres/src/index.js'))}
const sql = postgres(process.env.DATABASE_URL, { max: 1, fetch_types: false })
await sql.unsafe('SELECT 1').simple()
await sql.end()`

const time = (
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): number => {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, command, {
    env: environment,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - started
}

try {
  writeFileSync(join(folder, 'bare.mjs'), bare)
  cpSync(join(project, 'migrations'), join(folder, 'migrations'), { recursive: true })
  const environment = { DATABASE_URL: server.url, MIGRATIONS_DIR: join(folder, 'migrations') }
  const gate = [join(project, 'dist/schemagate.js'), 'run']
  time(gate, environment)
  const times: { bare: number[]; gate: number[] } = { bare: [], gate: [] }
  for (let run = 0; run < runs; run++) {
    times.bare.push(time([join(folder, 'bare.mjs')], environment))
    times.gate.push(time(gate, environment))
  }
  const [bareMs, gateMs] = [median(times.bare), median(times.gate)]
  process.stdout.write(
    `| nothing pending, 55 recorded, median of ${runs} | ms | ratio |\n|---|---|---|\n`,
  )
  process.stdout.write(`| a bare Node process: connect, one query | ${bareMs.toFixed(0)} | 1 |\n`)
  process.stdout.write(
    `| schemagate run | ${gateMs.toFixed(0)} | ${(gateMs / bareMs).toFixed(2)} |\n`,
  )
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
