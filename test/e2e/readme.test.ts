// "Your first project in five minutes", taken from the README as it stands there.

import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeProject, projectFolder, type ComposeProject } from './support/compose-project.ts'
import { folderWith } from './support/gate-container.ts'
import { postgresImage } from './support/names.ts'

let app: ComposeProject | undefined

// What the reader has built by then.
beforeAll(async () => {
  const sample = await composeProject({})
  const { exitCode, output } = await sample.compose('build', 'migrate', 'api')
  expect([exitCode, output]).toEqual([0, output])
}, 300_000)

afterEach(async () => {
  await app?.down()
  app = undefined
})

/** The fenced blocks under a heading. */
const blocksUnder = (heading: string): readonly string[] => {
  const text = readFileSync(join(projectFolder, 'README.md'), 'utf8')
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block = '']) => block)
}

const project = async (): Promise<{
  readonly folder: string
  readonly files: readonly string[]
}> => {
  const [migrations = '', compose = ''] = blocksUnder('Your first project in five minutes')
  const files = [...migrations.matchAll(/^(\S+) +(.+)$/gm)].map(
    ([, name = '', text = '']): readonly [string, string] => [name, text],
  )
  expect(files).toHaveLength(2)
  // What a registry would have, and what is the reader's.
  const here = compose
    .replace('postgres:18', postgresImage)
    .replace('your-api', 'schemagate-services')
  const folder = folderWith({ ...Object.fromEntries(files), 'compose.yaml': here })
  app = await composeProject({}, [join(folder, 'compose.yaml')])
  return { folder, files: files.map(([name]) => name) }
}

test('its services start behind the gate', async () => {
  await project()
  const up = await app?.compose('up', '--detach')
  expect([up?.exitCode, up?.output]).toEqual([0, up?.output])
  expect(await app?.state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 0 })
  expect((await app?.compose('logs', 'migrate'))?.output).toContain('2 applied')
  expect((await app?.state('api'))?.StartedAt).not.toMatch(/^0001/)
})

test('with a broken file no service starts, and the log says why', async () => {
  const { folder, files } = await project()
  writeFileSync(join(folder, files[1] ?? ''), 'CREATE TABEL orders ();')
  expect((await app?.compose('up', '--detach'))?.exitCode).not.toBe(0)
  expect(await app?.state('migrate')).toMatchObject({ Status: 'exited', ExitCode: 1 })
  expect((await app?.state('api'))?.Status).toMatch(/^(created|missing)$/)
  expect((await app?.compose('logs', 'migrate'))?.output).toContain(
    'syntax error at or near "TABEL"',
  )
})
