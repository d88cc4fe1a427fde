// `docker compose up`, as the README says it, with the files that we ship.

import { afterEach, describe, expect, test } from '@jest/globals'
import { chmodSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/database.ts'
import { sampleHistory } from '../support/gate.ts'
import { password, superuser } from '../support/servers.ts'
import { docker } from './support/command.ts'
import { composeProject, forgetImages, type ComposeProject } from './support/compose-project.ts'
import { database, folderWith } from './support/gate-container.ts'
import { serverName } from './support/names.ts'

const projects: ComposeProject[] = []

afterEach(async () => {
  for (const project of projects.splice(0)) await project.down()
})

const project = async (...given: Parameters<typeof composeProject>): Promise<ComposeProject> => {
  const created = await composeProject(...given)
  projects.push(created)
  return created
}

const services = ['api', 'worker', 'calls'] as const

const untilHealthy = async ({ state }: ComposeProject): Promise<void> => {
  for (const service of ['api', 'calls'])
    await until(
      `${service} is healthy`,
      async () => (await state(service)).Health?.Status === 'healthy',
      60_000,
    )
  expect((await state('worker')).Status).toBe('running')
}

const psql = async ({ compose }: ComposeProject, statement: string): Promise<string> => {
  const base = ['exec', '-T', 'postgres', 'psql', '--username=app', '--dbname=app', '--no-psqlrc']
  const { exitCode, stdout, output } = await compose(...base, '--tuples-only', '-c', statement)
  expect([exitCode, output]).toEqual([0, output])
  return stdout.trim()
}

describe('docker-compose up', () => {
  test('from nothing: migrates, starts every service, and they answer; again: nothing to do, no lock', async () => {
    await forgetImages()
    const app = await project({})
    const { compose, state, get } = app
    const up = await compose('up', '--detach')
    expect([up.exitCode, up.output]).toEqual([0, up.output])
    expect(await state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 0 })
    await untilHealthy(app)
    expect(await get('/api/health')).toEqual({ status: 200, body: { status: 'ok' } })
    expect(await get('/api/calls/last7d')).toEqual({ status: 200, body: [] })

    // A call by webhook, and it is listed.
    await psql(app, "INSERT INTO business (id, name) OVERRIDING SYSTEM VALUE VALUES (7, 'Seven')")
    const call = { call_sid: 'CA7', business_id: 7, status: 'completed', recording_sid: 'RE7' }
    const posted = await fetch(`http://127.0.0.1:${app.port}/webhook/call_status`, {
      method: 'POST',
      body: JSON.stringify(call),
    })
    expect(posted.status).toBe(200)
    expect((await get('/api/calls/last7d')).body).toMatchObject([{ call_sid: 'CA7' }])
    const jobs = "SELECT status FROM recording_jobs WHERE call_sid = 'CA7'"
    await until('the worker has done the job', async () => (await psql(app, jobs)) === 'done')

    // Again, with every statement logged by the server.
    await psql(app, "ALTER SYSTEM SET log_statement = 'all'")
    await psql(app, 'SELECT pg_reload_conf()')
    const started = await Promise.all(
      services.map(async (service) => (await state(service)).StartedAt),
    )
    const seconds: number[] = []
    for (let round = 0; round < 3; round += 1) {
      expect((await compose('up', '--detach')).exitCode).toBe(0)
      const { StartedAt, FinishedAt, ExitCode } = await state('migrate')
      expect(ExitCode).toBe(0)
      seconds.push((Date.parse(FinishedAt) - Date.parse(StartedAt)) / 1_000)
    }
    // The fastest of three: the machine may be busy with something else.
    expect(Math.min(...seconds)).toBeLessThan(1)
    const log = (await compose('logs', '--no-color', 'postgres')).output
    expect(log).toContain('schema_migrations')
    expect(log).not.toMatch(/statement:.*(pg_try_advisory|INSERT INTO|CREATE SCHEMA|LOCK TABLE)/)
    const since = (await compose('logs', '--no-color', 'migrate')).output
    expect(since.match(/Acquired migration lock/g)).toHaveLength(1)
    expect(since.match(/up to date, 55 recorded/g)?.length).toBeGreaterThanOrEqual(3)
    // And the services were left alone.
    expect(
      await Promise.all(services.map(async (service) => (await state(service)).StartedAt)),
    ).toEqual(started)
    // With both images built from nothing, where that is asked for.
  }, 300_000)

  test('with a column missing that a service relies on: it fails, and no service starts', async () => {
    const app = await project({})
    const { compose, state } = app
    expect((await compose('up', '--detach', 'migrate')).exitCode).toBe(0)
    await until('migrated', async () => (await state('migrate')).Status === 'exited', 60_000)
    await psql(app, 'ALTER TABLE call_log DROP COLUMN recording_mode CASCADE')
    expect((await compose('up', '--detach')).exitCode).not.toBe(0)
    expect(await state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 3 })
    for (const service of services)
      expect((await state(service)).Status).toMatch(/^(created|missing)$/)
    const { output } = await compose('logs', '--no-color', '--tail', '20', 'migrate')
    expect(output).toContain('call_log.recording_mode')
  })

  test('with a broken migration: it fails, no service starts, and the last ten lines of the log tell why', async () => {
    const migrations = folderWith({})
    cpSync(sampleHistory, migrations, { recursive: true })
    const broken = join(migrations, '0109_call_log_timing.sql')
    writeFileSync(
      broken,
      `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at TIMESTAMP DEFAULT NULL;
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS ended_at TIMESTMAP DEFAULT NULL;
`,
    )
    const app = await project({ MIGRATIONS: migrations })
    const { compose, state } = app
    const up = await compose('up', '--detach')
    expect(up.exitCode).not.toBe(0)
    expect(up.output).toContain('migrate')
    expect(await state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 1 })
    for (const service of services) {
      // Never started, or not even created.
      expect((await state(service)).Status).toMatch(/^(created|missing)$/)
    }
    const { output } = await compose('logs', '--no-color', '--tail', '10', 'migrate')
    expect(output).toContain('MIGRATION FAILED: migrations/0109_call_log_timing.sql')
    expect(output).toContain('type "timestmap" does not exist')
    expect(output).toMatch(/fix: /)

    // By itself, before `up`: the exit code is the gate's.
    expect((await compose('run', '--rm', 'migrate')).exitCode).toBe(1)

    // Repaired, the same command starts all of it.
    cpSync(join(sampleHistory, '0109_call_log_timing.sql'), broken)
    expect((await compose('up', '--detach')).exitCode).toBe(0)
    await untilHealthy(app)
  })
})

describe('compose.prod.yaml', () => {
  test('migrates an external database with secrets from files, through the pooler when DIRECT is locked', async () => {
    const { name } = await database()
    const image = folderWith({ Dockerfile: 'FROM schemagate\nCOPY migrations /migrations\n' })
    cpSync(sampleHistory, join(image, 'migrations'), { recursive: true })
    await docker('build', '--quiet', '--tag', 'app-migrate', image)
    const url = (port: number) =>
      `postgresql://${superuser}:${password}@${serverName}:${port}/${name}`
    const secrets = folderWith({
      database_url_direct: `${url(1)}\n`,
      database_url_pooler: `${url(5432)}\n`,
      'services.env': `DATABASE_URL=${url(5432)}\n`,
    })
    for (const file of ['database_url_direct', 'database_url_pooler', 'services.env'])
      chmodSync(join(secrets, file), 0o444)
    const files = ['compose/compose.prod.yaml', 'test/e2e/database-network.yaml']
    const app = await project(
      { SECRETS_DIR: secrets, MIGRATE_IMAGE: 'app-migrate', SERVICES_IMAGE: 'schemagate-services' },
      files,
    )
    const up = await app.compose('up', '--detach')
    expect([up.exitCode, up.output]).toEqual([0, up.output])
    await untilHealthy(app)
    expect(await app.get('/api/calls/last7d')).toEqual({ status: 200, body: [] })
    const { output } = await app.compose('logs', '--no-color')
    expect(output).toContain('Using POOLER (DIRECT unavailable - locked)')
    expect(output).not.toContain(password)
    // Hardened, as the file says.
    for (const service of ['migrate', ...services]) {
      const id = (await app.compose('ps', '--all', '--quiet', service)).stdout.trim()
      const format =
        '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}'
      expect(await docker('inspect', '--format', format, id)).toBe(
        '65532:65532 true [ALL] [no-new-privileges:true]',
      )
    }
  })
})
