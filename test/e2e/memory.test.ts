import { expect, test } from '@jest/globals'
import { sampleHistory } from '../support/gate.ts'
import { docker } from './support/command.ts'
import { database, startGate } from './support/gate-container.ts'

test('a whole history is migrated in the 256 MB that the manifests allow', async () => {
  const { containerUrl } = await database()
  const environment = { DATABASE_URL: containerUrl }
  const options = ['--memory', '256m', '--memory-swap', '256m']
  const gate = startGate({ migrations: sampleHistory, environment, options })
  const { output } = await gate.finished
  expect(output).toContain('Migration completed successfully')
  const state = '{{.State.ExitCode}} {{.State.OOMKilled}}'
  expect(await docker('inspect', '--format', state, gate.name)).toBe('0 false')
})
