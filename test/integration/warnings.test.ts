// What a long run leaves behind in the process that it runs in: nothing.

import '../unit/one-realm.ts'
import { expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { readConfiguration } from '../../src/config/config.ts'
import { migrate } from '../../src/commands/run/migrate.ts'
import { createDatabase } from '../support/database.ts'
import { effectsHistory } from '../support/effects.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

// Each takes long enough to be looked at; what it waits for is looked for after half of the lock timeout.
const slow = effectsHistory(14, 0.15)
const MIGRATION_LOCK_TIMEOUT = '100ms'

test('fourteen slow migrations leave no listener on the signal that interrupts them', async () => {
  const { url } = await createDatabase(serverVersions[0])
  const environment = {
    ...{ DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT },
    MIGRATIONS_DIR: `${workFolder(slow)}/migrations`,
  }
  const { config } = readConfiguration({}, environment, 'no terminal')
  if (config === undefined) throw new Error('no configuration')
  const { signal: interruption } = new AbortController()
  const heard: number[] = []
  const outcome = await migrate(config, {
    announce: ({ kind }) => {
      if (kind === 'migration applied') heard.push(getEventListeners(interruption, 'abort').length)
    },
    ...{ interruption, runId: randomUUID(), onBug: () => undefined },
  })
  expect(outcome.exitCode).toBe(0)
  expect(heard).toHaveLength(14)
  expect(Math.max(...heard)).toBeLessThanOrEqual(3)
  expect(getEventListeners(interruption, 'abort')).toEqual([])
})

test('a warning of Node.js is a line of the log like any other', async () => {
  const { url } = await createDatabase(serverVersions[0])
  const warn = `setTimeout(() => process.emitWarning('told by the test', 'TestWarning'), 1500).unref()`
  const environment = {
    ...{ DATABASE_URL: url, LOG_FORMAT: 'json', MIGRATION_LOCK_TIMEOUT },
    NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(warn)}"`,
  }
  const { exitCode, stderr } = await runGate({ folder: workFolder(slow), environment })
  expect(exitCode).toBe(0)
  const lines = stderr.trimEnd().split('\n')
  const said = lines.map((line) => JSON.parse(line) as { level: string; message: string })
  const warnings = said.filter(({ message }) => message.startsWith('Node.js warns'))
  expect(warnings.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warn Node.js warns: TestWarning: told by the test',
  ])
})
