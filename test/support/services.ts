// Runs the sample services as containers do: a process of its own, with an environment of its own, in a folder of its own.

import { afterEach, expect } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { administrator, createDatabase, databaseUrl, until, type TestDatabase } from './database.ts'
import { runGate, sampleHistory, temporaryFolder, type Finished } from './gate.ts'
import { password, type ServerVersion } from './servers.ts'

export const serviceNames = ['api', 'calls', 'worker'] as const
export type ServiceName = (typeof serviceNames)[number]

const bundles = join(import.meta.dirname, '../../dist/services')
const project = join(import.meta.dirname, '../..')

type Environment = Readonly<Record<string, string>>

export type RunningService = {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
  /** What it wrote to stderr so far. */
  readonly log: () => string
}

const running = new Set<RunningService>()

afterEach(async () => {
  for (const { process, finished } of running) {
    // A stopped process takes SIGKILL, too.
    if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
    await finished
  }
  running.clear()
})

export const startService = (name: ServiceName, environment: Environment): RunningService => {
  const child = spawn(process.execPath, [join(bundles, `${name}.js`)], {
    cwd: temporaryFolder(),
    env: {
      PATH: process.env['PATH'] ?? '',
      RUN_MIGRATIONS: '0',
      PORT: '0',
      DATABASE_WAIT_SECONDS: '10',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = once(child, 'close').then(
    ([exitCode, signal]: readonly unknown[]): Finished => ({
      exitCode: exitCode as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout,
      stderr,
    }),
  )
  const service = { process: child, finished, log: () => stderr }
  running.add(service)
  return service
}

/** For services that end by themselves. */
export const runService = (name: ServiceName, environment: Environment): Promise<Finished> =>
  startService(name, environment).finished

export const untilReady = (service: RunningService): Promise<void> =>
  until(`the service is ready; it says\n${service.log()}`, () => {
    const { exitCode, signalCode } = service.process
    if (exitCode !== null || signalCode !== null)
      throw new Error(`the service ended with ${exitCode ?? signalCode}:\n${service.log()}`)
    return service.log().includes('] ready')
  })

/** Where a service that is ready listens. */
export const originOf = (service: RunningService): string => {
  const port = /\] ready port=(\d+)/.exec(service.log())?.[1]
  if (port === undefined) throw new Error(`no port in\n${service.log()}`)
  return `http://127.0.0.1:${port}`
}

const templates = new Map<ServerVersion, Promise<string>>()

/** A database with the whole sample history. */
export const createMigrated = async (version: ServerVersion): Promise<TestDatabase> => {
  const template = templates.get(version) ?? makeTemplate(version)
  templates.set(version, template)
  return createDatabase(version, await template)
}

// It stays until its server is thrown away, for all tests of the file.
const makeTemplate = async (version: ServerVersion): Promise<string> => {
  const name = `services_${randomBytes(6).toString('hex')}`
  await administrator(version).unsafe(`CREATE DATABASE ${name}`)
  const url = databaseUrl(Number(process.env[`SCHEMAGATE_TEST_PORT_${version}`]), name)
  const environment = { DATABASE_URL: url, MIGRATIONS_DIR: sampleHistory }
  const { exitCode, stdout } = await runGate({ folder: temporaryFolder(), environment })
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
  return name
}

/** Yields their ids, as text. */
export const insertBusinesses = async (
  { sql }: TestDatabase,
  count: number,
): Promise<readonly string[]> => {
  const rows = await sql`
    INSERT INTO business (name) SELECT 'Business ' || n FROM generate_series(1, ${count}::int) AS n
    RETURNING id::text`
  return rows.map(({ id }) => id as string)
}

/** No path, no URL, no password, no stack trace. */
export const expectSanitised = (log: string): void => {
  expect(log.length).toBeGreaterThan(0)
  expect(log).not.toContain(password)
  expect(log).not.toContain(project)
  expect(log).not.toMatch(/postgres(ql)?:\/\/[\w%:@]/)
  expect(log).not.toMatch(/(^|[\s'"(=])\/(run|tmp|var|home|usr|opt|app|data)\//m)
  expect(log).not.toMatch(/^\s+at .*:\d+:\d+/m)
}
