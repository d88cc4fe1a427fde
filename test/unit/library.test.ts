// What the library declares stands by itself, and must not fall behind what it is about.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { variables } from '../../src/config/variables/variables.ts'

// Options of their own, and what is for a command line.
const others =
  /^(DATABASE_URL|MIGRATIONS_DIR|LOG_FORMAT|LOG_LEVEL|REPORT_FILE|SCRATCH_URL|TERMINATION_LOG|PG.*)$/

test('every variable that a service may set is a setting of the library', () => {
  const text = readFileSync(join(import.meta.dirname, '../../src/library.ts'), 'utf8')
  const declared = /export type SettingName =\n((?: .*\n)+)/.exec(text)?.[1] ?? ''
  expect([...declared.matchAll(/^ +\| '(\w+)'$/gm)].map(([, name]) => name)).toEqual(
    Object.keys(variables)
      .filter((name) => !others.test(name))
      .sort(),
  )
})
