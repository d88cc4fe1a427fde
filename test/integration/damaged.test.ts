// An installation that is not whole: a part of the program that is loaded under the migration lock cannot be.

import { expect, test } from '@jest/globals'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createDatabase } from '../support/database.ts'
import { expectNoLock } from '../support/effects.ts'
import { bundle, runGate, temporaryFolder, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const without = (missing: RegExp): string => {
  const folder = join(temporaryFolder(), 'dist')
  cpSync(dirname(bundle), folder, { recursive: true })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const taken = files.filter((file) => missing.test(file))
  expect(taken).not.toEqual([])
  for (const file of taken) rmSync(join(folder, file))
  return join(folder, 'schemagate.js')
}

test.each([
  ['the planner', /^parts\/planner-\w+\.js$/],
  ['the parser', /^libpg-query\.wasm\.gz$/],
])(
  'without %s the lock is released, and the report says that the installation is damaged',
  async (_, missing) => {
    const { url, sql } = await createDatabase(serverVersions[0])
    const folder = workFolder({ 'migrations/1_t.sql': 'CREATE TABLE t (id int);\n' })
    const damaged = without(missing)
    const finished = await runGate({ folder, environment: { DATABASE_URL: url }, bundle: damaged })
    expect(finished.stdout).toContain('error[part-not-loaded]: schemagate cannot load its ')
    expect(finished.stdout).toContain('Nothing was changed.')
    expect(finished.stderr).toContain('Acquired migration lock')
    expect(finished.stderr).toContain('Released migration lock')
    expect(finished.exitCode).toBe(2)
    await expectNoLock(sql)
  },
)

test('without a command the same is said, and no stack', async () => {
  const folder = workFolder({ 'migrations/1_t.sql': 'CREATE TABLE t (id int);\n' })
  const damaged = without(/^parts\/lint-\w+\.js$/)
  const finished = await runGate({ args: ['lint'], folder, bundle: damaged })
  expect(finished.stderr).toBe(
    'schemagate cannot load a part of itself (ERR_MODULE_NOT_FOUND): this installation is damaged or incomplete; install it again\n',
  )
  expect(finished.exitCode).toBe(2)
})
