// The pods of kubernetes/base, run by podman: the gate holds the services back.

import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/database.ts'
import { sampleHistory } from '../support/gate.ts'
import { freePort } from '../support/servers.ts'
import { docker } from './support/command.ts'
import { database, folderWith, runGate } from './support/gate-container.ts'
import { inspectContainer, loadImage, podFor, podman } from './support/pod.ts'

const broken = `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at TIMESTAMP DEFAULT NULL;
ALTER TABLE call_log ADD COLUMN IF NOT EXISTS ended_at TIMESTMAP DEFAULT NULL;
`
let images: { readonly good: string; readonly broken: string; readonly services: string }

const buildImage = async (name: string, history: string): Promise<string> => {
  const folder = folderWith({ Dockerfile: 'FROM schemagate\nCOPY migrations /migrations\n' })
  cpSync(history, join(folder, 'migrations'), { recursive: true })
  await docker('build', '--quiet', '--tag', name, folder)
  return loadImage(name)
}

beforeAll(async () => {
  const history = folderWith({})
  cpSync(sampleHistory, history, { recursive: true })
  writeFileSync(join(history, '0109_call_log_timing.sql'), broken)
  images = {
    good: await buildImage('pod-migrate', sampleHistory),
    broken: await buildImage('pod-migrate-broken', history),
    services: await loadImage('schemagate-services'),
  }
}, 120_000)

afterEach(async () => {
  await podman('pod', 'rm', '--all', '--force', '--time', '2')
})

const play = async (manifest: string, migrate: string, url: string, port = '0') => {
  const name = manifest.replace('.yaml', '')
  const pod = podFor({
    name,
    manifest: `kubernetes/base/${manifest}`,
    images: { 'app-migrate': migrate, 'app-services': images.services },
    values: { DATABASE_URL_DIRECT: url, DATABASE_URL_POOLER: url, DATABASE_URL: url, PORT: port },
  })
  const file = join(folderWith({ 'pod.yaml': pod }), 'pod.yaml')
  return podman('play', 'kube', file)
}

test('an initContainer that fails keeps the containers of its pod from starting; repaired, they start', async () => {
  const { url, sql } = await database()
  const port = String(await freePort())
  const failed = await play('api.yaml', images.broken, url, port)
  expect(failed.exitCode).not.toBe(0)
  expect(failed.output).toContain('exited with code 1')
  expect((await inspectContainer('api-api'))?.State.Status).toBe('created')
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
  // What came before the broken file is applied; the gate told so before it ended.
  expect(await sql`SELECT max(version::int) AS last FROM schemagate.schema_migrations`).toEqual([
    { last: 106 },
  ])
  await podman('pod', 'rm', '--force', 'api')

  const repaired = await play('api.yaml', images.good, url, port)
  expect([repaired.exitCode, repaired.output]).toEqual([0, repaired.output])
  expect((await inspectContainer('api-api'))?.State.Status).toBe('running')
  await until('the api answers', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined)
    return answer?.status === 200
  })
})

test('the worker waits in its initContainer until the gate has migrated', async () => {
  const { url, containerUrl } = await database()
  const waiting = play('worker.yaml', images.good, url)
  await until('wait is running', async () => {
    const { output } = await podman('logs', 'worker-wait')
    return output.includes('waiting')
  })
  expect((await inspectContainer('worker-worker'))?.State.Status).toBe('created')
  const environment = { DATABASE_URL: containerUrl }
  expect(await runGate({ migrations: sampleHistory, environment })).toMatchObject({ exitCode: 0 })
  const played = await waiting
  expect([played.exitCode, played.output]).toEqual([0, played.output])
  expect((await inspectContainer('worker-worker'))?.State.Status).toBe('running')
})
