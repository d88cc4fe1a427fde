// Work off the gate in containers: docker-compose run, as docs/deployment.md says it.

import { afterEach, expect, test } from '@jest/globals'
import { composeProject, type ComposeProject } from './support/compose-project.ts'

let app: ComposeProject | undefined

afterEach(async () => {
  await app?.down()
  app = undefined
})

test('backfill: after the gate, by its own image, as often as anybody likes', async () => {
  app = await composeProject({})
  const { compose, state } = app
  const gate = await compose('run', '--rm', '-T', 'migrate')
  expect([gate.exitCode, gate.output]).toEqual([0, gate.output])
  const first = await compose('run', '--rm', '-T', 'backfill')
  expect([first.exitCode, first.output]).toEqual([0, first.output])
  expect(first.output).toContain('BACKFILLS 2 done (exit code 0)')
  const again = await compose('run', '--rm', '-T', 'backfill', 'backfill', '--all', '--strict')
  expect([again.exitCode, again.output]).toEqual([0, again.output])
  expect(again.output).toContain('BACKFILLS 2 up to date (exit code 0)')
  // A plain `up` does not start what has the profile.
  expect(await state('backfill')).toMatchObject({ Status: 'missing' })
})

test('indexes: those that are declared, after the gate, as often as anybody likes', async () => {
  app = await composeProject({})
  const { compose } = app
  const gate = await compose('run', '--rm', '-T', 'migrate')
  expect([gate.exitCode, gate.output]).toEqual([0, gate.output])
  const first = await compose('run', '--rm', '-T', 'indexes', 'indexes', '--strict')
  expect([first.exitCode, first.output]).toEqual([0, first.output])
  const again = await compose('run', '--rm', '-T', 'indexes', 'indexes', '--strict')
  expect([again.exitCode, again.output]).toEqual([0, again.output])
})
