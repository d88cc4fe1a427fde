// What a database of 50,000 tables costs: the same commands there and on one that has nothing else, by turns, medians, their ratio.
// Nobody's files touch those tables, so a start must cost the same, and the rest not much more.

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startServer } from '../test/support/servers.ts'
import { alternate } from './compare/alternate.ts'
import { median } from './compare/median.ts'
import { runWell } from './compare/run-process.ts'

const tables = Number(process.env['BENCH_TABLES'] ?? 50_000)
const runs = Number(process.env['BENCH_RUNS'] ?? 5)
const longestNoOp = 1.2

type Place = 'empty' | 'large'

type Case = {
  readonly name: string
  readonly args: readonly string[]
  /** What the database is a copy of: 'applied' has everything, 'unrecorded' as well but no ledger. */
  readonly on: 'nothing of ours' | 'applied' | 'unrecorded'
  /** Whether each run needs a copy of its own. */
  readonly writes: boolean
}

const cases: readonly Case[] = [
  { name: 'run, nothing pending', args: ['run'], on: 'applied', writes: false },
  { name: 'plan, all pending', args: ['plan'], on: 'nothing of ours', writes: false },
  { name: 'run, all pending', args: ['run'], on: 'nothing of ours', writes: true },
  { name: 'plan, all there unrecorded', args: ['plan'], on: 'unrecorded', writes: false },
  { name: 'run, all there unrecorded', args: ['run'], on: 'unrecorded', writes: true },
  { name: 'validate', args: ['validate'], on: 'applied', writes: false },
  { name: 'doctor', args: ['doctor'], on: 'applied', writes: false },
]

const project = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
const log = join(folder, 'process.log')
const server = await startServer('18', { max_locks_per_transaction: '256' })
const sql = postgres(server.url, { max: 1, onnotice: () => undefined })

const urlOf = (database: string): string => {
  const url = new URL(server.url)
  url.pathname = `/${database}`
  return url.href
}

const on = async (database: string, text: string): Promise<void> => {
  const client = postgres(urlOf(database), { max: 1, onnotice: () => undefined })
  await client.unsafe(text).simple()
  await client.end()
}

const copyOf = async (template: string, name: string): Promise<string> => {
  await sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  return name
}

const gate = (database: string, args: readonly string[]): Promise<{ readonly wallMs: number }> =>
  runWell(
    {
      program: process.execPath,
      args: [join(project, 'dist/schemagate.js'), ...args],
      environment: {
        DATABASE_URL: urlOf(database),
        MIGRATIONS_DIR: join(folder, 'migrations'),
      },
    },
    log,
  )

const columns =
  'id bigint, a text, b text, c int, d int, e timestamptz, f numeric, g boolean, h uuid, i jsonb'
const atOnce = 500

const fill = async (database: string): Promise<void> => {
  for (let made = 0; made < tables; made += atOnce)
    await on(
      database,
      Array.from(
        { length: Math.min(atOnce, tables - made) },
        (_, at) => `CREATE TABLE big_${made + at} (${columns})`,
      ).join(';'),
    )
  await on(database, 'VACUUM ANALYZE')
}

const nameOf = (place: Place, state: Case['on']): string => `${place}_${state.replaceAll(' ', '_')}`

const prepare = async (place: Place): Promise<void> => {
  const bare = await copyOf('template0', nameOf(place, 'nothing of ours'))
  if (place === 'large') await fill(bare)
  const applied = await copyOf(bare, nameOf(place, 'applied'))
  await gate(applied, ['run'])
  await on(await copyOf(applied, nameOf(place, 'unrecorded')), 'DROP SCHEMA schemagate CASCADE')
}

const once = async (place: Place, one: Case): Promise<number> => {
  const state = nameOf(place, one.on)
  const database = one.writes ? await copyOf(state, `${place}_copy`) : state
  return (await gate(database, one.args)).wallMs
}

try {
  cpSync(join(project, 'migrations'), join(folder, 'migrations'), { recursive: true })
  const places = ['empty', 'large'] as const
  for (const place of places) await prepare(place)
  process.stdout.write(
    `| median of ${runs}, ms | beside nothing | beside ${tables} tables | ratio |\n|---|---|---|---|\n`,
  )
  for (const one of cases) {
    const turns = { runs, enoughMs: 120_000 }
    const [empty = [], large = []] = await alternate(places, turns, (place) => once(place, one))
    const ratio = median(large) / median(empty)
    process.stdout.write(
      `| ${one.name} | ${median(empty).toFixed(0)} | ${median(large).toFixed(0)} | ${ratio.toFixed(2)} |\n`,
    )
    if (one.name === 'run, nothing pending' && ratio > longestNoOp) {
      process.stdout.write(`more than ${longestNoOp}\n`)
      process.exitCode = 1
    }
  }
} finally {
  await sql.end()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
