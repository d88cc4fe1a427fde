// The forms in which people start compose/compose.yaml, each on an engine that has none of the images yet.

import { afterEach, expect, test } from '@jest/globals'
import {
  composeProject,
  forgetImages,
  isToday,
  plainCompose,
  type ComposeProject,
} from './support/compose-project.ts'

let app: ComposeProject | undefined

afterEach(async () => {
  await app?.down()
  app = undefined
}, 240_000)

const start = async (): Promise<ComposeProject> => {
  await forgetImages()
  app = await composeProject({})
  return app
}

const expectDone = async (
  { compose }: ComposeProject,
  ...args: readonly string[]
): Promise<void> => {
  const { exitCode, output } = await compose(...args)
  expect([exitCode, output]).toEqual([0, output])
}

test('up worker: the gate, and nothing that the worker does not need', async () => {
  const project = await start()
  await expectDone(project, 'up', '--detach', 'worker')
  expect(await project.state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 0 })
  expect((await project.state('worker')).Status).toBe('running')
  expect((await project.state('api')).Status).toBe('missing')
}, 240_000)

test('run --rm backfill: behind the gate', async () => {
  const project = await start()
  await expectDone(project, 'run', '--rm', '-T', 'backfill')
  expect(await project.state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 0 })
}, 240_000)

test('build, and then up --no-build', async () => {
  const project = await start()
  await expectDone(project, 'build')
  await expectDone(project, 'up', '--no-build', '--detach')
  for (const service of ['api', 'worker', 'calls'])
    expect((await project.state(service)).Status).toBe('running')
}, 240_000)

// Compose 1.29 does not have it.
const onToday = isToday ? test : test.skip
onToday(
  'up --wait: ends when the services are healthy',
  async () => {
    const project = await start()
    await expectDone(project, 'up', '--wait', 'api', 'calls', 'worker')
    for (const service of ['api', 'calls'])
      expect((await project.state(service)).Health?.Status).toBe('healthy')
  },
  240_000,
)

test('with no file named: .env names it', async () => {
  const { exitCode, stdout } = await plainCompose('config', '--services')
  expect(exitCode).toBe(0)
  expect(stdout.trim().split('\n').toSorted()).toEqual(
    expect.arrayContaining(['api', 'calls', 'migrate', 'postgres', 'worker']),
  )
}, 240_000)
