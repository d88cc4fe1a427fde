// Where it is measured: one PostgreSQL, a network of each delay before it, a folder for each history, databases as needed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import { startServer } from '../../test/support/servers.ts'
import { startProxy, type Proxy } from './delaying-proxy.ts'
import { history, tablesOf } from './history.ts'
import { runWell } from './run-process.ts'
import type { Invocation, Runner } from './runner.ts'

export type Stage = {
  /** A file for what the processes write. */
  readonly log: string
  readonly emptyDatabase: () => Promise<string>
  /** Everything applied by this runner; always the same one. */
  readonly recordedDatabase: (runner: Runner, count: number) => Promise<string>
  readonly drop: (database: string) => Promise<void>
  readonly invocation: (runner: Runner, on: On) => Invocation
  /** Throws unless the whole history is there, once. */
  readonly mustHold: (database: string, count: number) => Promise<void>
  /** How long one question takes, in ms. */
  readonly askMs: (delayMs: number) => Promise<number>
  readonly end: () => Promise<void>
}

export type On = {
  readonly database: string
  readonly count: number
  readonly delayMs: number
}

export const setStage = async (delays: readonly number[]): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-bench-'))
  const log = join(folder, 'process.log')
  const server = await startServer('18')
  const proxies = new Map<number, Proxy>()
  for (const delayMs of new Set(delays))
    if (delayMs > 0) proxies.set(delayMs, await startProxy(server.port, delayMs))
  const sql = connect(server.url)
  const folderOf = historyFolders(folder)
  const recorded = new Map<string, string>()
  let databases = 0

  const urlOf = (database: string, delayMs: number): string => {
    const url = new URL(server.url)
    url.port = String(proxies.get(delayMs)?.port ?? server.port)
    url.pathname = `/${database}`
    return url.href
  }
  const emptyDatabase = async (): Promise<string> => {
    const name = `bench_${databases++}`
    await sql.unsafe(`CREATE DATABASE ${name} TEMPLATE template0`)
    return name
  }
  const invocation = (runner: Runner, { database, count, delayMs }: On): Invocation =>
    runner.start(folderOf(runner, count), urlOf(database, delayMs))

  return {
    log,
    emptyDatabase,
    invocation,
    recordedDatabase: async (runner, count) => {
      const key = `${runner.name} ${count}`
      const known = recorded.get(key)
      if (known !== undefined) return known
      const database = await emptyDatabase()
      recorded.set(key, database)
      await runWell(invocation(runner, { database, count, delayMs: 0 }), log)
      return database
    },
    drop: async (database) => {
      await sql.unsafe(`DROP DATABASE ${database} WITH (FORCE)`)
    },
    mustHold: (database, count) => mustHold(urlOf(database, 0), count),
    askMs: (delayMs) => askMs(urlOf('postgres', delayMs)),
    end: async () => {
      await sql.end({ timeout: 1 })
      for (const proxy of proxies.values()) await proxy.stop()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const connect = (url: string): postgres.Sql =>
  postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined })

const mustHold = async (url: string, count: number): Promise<void> => {
  const sql = connect(url)
  const [found] = await sql`SELECT count(*)::int AS tables FROM pg_class
    WHERE relkind = 'r' AND relname ~ '^item_[0-9]+$'`
  await sql.end()
  if (found?.['tables'] !== tablesOf(count))
    throw new Error(`${String(found?.['tables'])} tables instead of ${tablesOf(count)}`)
}

const questions = 50

const askMs = async (url: string): Promise<number> => {
  const sql = connect(url)
  await sql.unsafe('SELECT 1').simple()
  const startedMs = performance.now()
  for (let at = 0; at < questions; at++) await sql.unsafe('SELECT 1').simple()
  const tookMs = performance.now() - startedMs
  await sql.end()
  return tookMs / questions
}

const historyFolders = (root: string): ((runner: Runner, count: number) => string) => {
  const folders = new Map<string, string>()
  return (runner, count) => {
    const key = `${runner.name} ${count}`
    const folder = folders.get(key) ?? join(root, String(folders.size))
    if (!folders.has(key)) writeFiles(folder, runner.files(history(count)))
    folders.set(key, folder)
    return folder
  }
}

const writeFiles = (folder: string, files: Readonly<Record<string, string>>): void => {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}
