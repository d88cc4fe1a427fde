// A schema that lacks what the services rely on: each of them refuses, and so does everything that would start them.

import { expect, test } from '@jest/globals'
import { until } from '../support/database.ts'
import { sampleHistory } from '../support/gate.ts'
import { command } from './support/command.ts'
import { database, hardened, runGate, startGate } from './support/gate-container.ts'
import { network } from './support/names.ts'

const startService = (name: string, url: string) =>
  command('docker', [
    ...['run', '--rm', '--network', network, ...hardened, '--env', `DATABASE_URL=${url}`],
    ...['schemagate-services', `/app/services/${name}.js`],
  ])

test('a column is missing: every service that relies on it refuses and names it, run and validate exit 3', async () => {
  const { containerUrl, sql } = await database()
  const environment = { DATABASE_URL: containerUrl }
  const migrations = sampleHistory
  expect(await runGate({ migrations, environment })).toMatchObject({ exitCode: 0 })
  await sql`ALTER TABLE call_log DROP COLUMN recording_sid CASCADE`
  await sql`ALTER TABLE call_log DROP COLUMN started_at CASCADE`
  await sql`ALTER TABLE recording_jobs DROP COLUMN attempts CASCADE`

  const missing = {
    api: 'call_log.recording_sid',
    calls: 'call_log.started_at',
    worker: 'recording_jobs.attempts',
  }
  for (const [name, column] of Object.entries(missing)) {
    const { exitCode, output } = await startService(name, containerUrl)
    expect([name, exitCode, output]).toEqual([name, 3, output])
    expect(output).toContain(column)
    expect(output).toContain('STOPPING: ')
    const args = ['validate', '--service', name]
    const validated = await runGate({ migrations, environment, args })
    expect(validated.exitCode).toBe(3)
    expect(validated.output).toContain(column)
  }
  // Nothing is pending, and yet the gate stays shut.
  const run = await runGate({ migrations, environment })
  expect(run.exitCode).toBe(3)
  for (const column of Object.values(missing)) expect(run.output).toContain(column)
})

test('wait goes on while another container migrates, and ends with 0 when it has', async () => {
  const { containerUrl } = await database()
  const environment = { DATABASE_URL: containerUrl }
  const args = ['wait', '--service', 'worker', '--timeout', '120']
  const waiting = startGate({ migrations: sampleHistory, environment, args })
  await until('it has looked', async () => (await waiting.logs()).includes('has waited'), 30_000)
  expect(await runGate({ migrations: sampleHistory, environment })).toMatchObject({ exitCode: 0 })
  expect(await waiting.finished).toMatchObject({ exitCode: 0 })
})

test('wait gives up after its timeout, with a code that is worth another try', async () => {
  const { containerUrl } = await database()
  const environment = { DATABASE_URL: containerUrl }
  const args = ['wait', '--service', 'worker', '--timeout', '1']
  const { exitCode } = await runGate({ migrations: sampleHistory, environment, args })
  expect(exitCode).toBe(75)
})
