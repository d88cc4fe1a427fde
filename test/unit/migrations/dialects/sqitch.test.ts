// Ids are those that sqitch 1.3 has computed of the same plan.

import { describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadMigrations } from '../../../../src/migrations/load.ts'
import { readPlan } from '../../../../src/migrations/dialects/sqitch/plan.ts'
import { dialectFolders } from '../../../support/dialect-folders.ts'
import '../../one-realm.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

const fixture: Files = dialectFolders.find(({ dialect }) => dialect === 'sqitch')?.files ?? {}

const load = (files: Files) => {
  const folder = mkdtempSync(join(tmpdir(), 'schemagate-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return loadMigrations(folder, { dialect: 'auto', variables: {} })
}

test('the ids of changes and tags are those of sqitch', () => {
  const { changes, faults } = readPlan(String(fixture['sqitch.plan']))
  expect(faults).toEqual([])
  expect(changes.map(({ id }) => id)).toEqual([
    'adfa6f31e97876cf4788954b058b40e3461da53a',
    '6423db42f72acb3908c4feab8c945ac708602027',
    'e2047650aa1b2a538fe20d3dec5406557822dc73',
    'c326a31ac247daae0bf230e8255fdbddf9945835',
  ])
  expect(changes[1]?.tags.map(({ id }) => id)).toEqual(['7b7fd4787a747efc66361ba224bafbf21ce2fd25'])
  expect(changes[0]?.note).toBe('The customers: "all"\nof them')
})

describe('a plan', () => {
  const by = '2024-01-01T00:00:01Z A <a@b.c>'
  const plan = (...lines: readonly string[]): string => `%project=p\n\n${lines.join('\n')}\n`

  test.each([
    ['a line in words', 'a is what we need', 'has a line that schemagate cannot read', 3],
    ['a line that reverts', `a ${by}\n-a ${by}`, 'has a line that schemagate cannot read', 4],
    [
      'what is required and not before it',
      `a [b] ${by}\nb ${by}`,
      'has a, which requires b, and that is not before it',
      3,
    ],
    ['a tag before any change', `@v1 ${by}`, 'has the tag @v1 before any change', 3],
    ['a change twice without a tag', `a ${by}\na ${by}`, 'has a twice without a tag between', 4],
  ])('is refused with %s', (_, lines, reason, line) => {
    const { problems } = load({
      'sqitch.plan': plan(lines),
      'deploy/a.sql': 'SELECT 1;',
      'deploy/b.sql': 'SELECT 1;',
    })
    expect(problems[0]).toMatchObject({
      code: 'dialect-misfit',
      facts: { reason },
      place: { line },
    })
  })

  test('and its scripts are all there, and no others', () => {
    const files = { 'sqitch.plan': plan(`a ${by}`), 'deploy/b.sql': 'SELECT 1;' }
    expect(load(files).problems.map(({ facts }) => facts['reason'])).toEqual([
      'is for a change in sqitch.plan, and does not exist',
      'is for no change in sqitch.plan',
    ])
  })

  test('is where sqitch.conf says it is, with the scripts', () => {
    const { migrations, problems } = load({
      'sqitch.conf':
        '[core]\n  top_dir = db\n  deploy_dir = wrong\n[engine "pg"]\n  deploy_dir = db/up # here\n  extension = psql\n',
      'db/sqitch.plan': plan(`a ${by}`),
      'db/up/a.psql': 'SELECT 1;\n',
    })
    expect(problems).toEqual([])
    expect(migrations.map(({ version }) => version)).toEqual(['a'])
  })

  test('names what is reworked by the first tag behind it', () => {
    const { migrations, problems } = load({
      'sqitch.plan': plan(`a ${by}`, `b ${by}`, `@v1 ${by}`, `c ${by}`, `@v2 ${by}`, `a ${by}`),
      ...Object.fromEntries(
        ['a', 'a@v1', 'b', 'c'].map((name) => [`deploy/${name}.sql`, `SELECT '${name}';`]),
      ),
    })
    expect(problems).toEqual([])
    expect(migrations.map(({ version, text }) => [version, text])).toEqual([
      ...['a@v1', 'b', 'c', 'a'].map((name) => [name, `SELECT '${name}';`]),
    ])
  })

  test.each([
    [
      '\\set ON_ERROR_STOP on\n\\echo a : b\n\\pset pager off\n\\encoding UTF8\nSELECT 1;\n',
      undefined,
    ],
    ["SELECT '\\i a', 1::int, $$ \\i b $$; -- \\i c\n", undefined],
    ['\\i other.sql\n', "has '\\i other.sql', which only psql can follow"],
    ['\\set ON_ERROR_STOP off\n', "has '\\set ON_ERROR_STOP off', which only psql can follow"],
    ['\\set who me\n', "has '\\set who me', which only psql can follow"],
    ['GRANT SELECT ON t TO :"who";\n', 'has \':"who"\', which only psql can follow'],
    ['GRANT SELECT ON t TO :whom;\n', undefined],
  ])('of a script with %j', (text, reason) => {
    const { migrations, problems } = load({
      'sqitch.conf': '[deploy "variables"]\n  who = me\n',
      'sqitch.plan': plan(`a ${by}`),
      'deploy/a.sql': text,
    })
    expect(problems).toEqual([])
    expect(migrations[0]?.refused?.facts['reason']).toBe(reason)
    expect(migrations[0]?.text).toHaveLength(text.length)
    if (reason === undefined) expect(migrations[0]?.text).toMatch(/^(?:\s*\n)*(?:SELECT|GRANT)/)
  })

  test.each([
    [`a [other:b] ${by}`, 'requires other:b, a change of another project'],
    [`a [!b] ${by}`, 'conflicts with b, which only sqitch looks for'],
  ])('with %s is only for sqitch to deploy', (line, reason) => {
    const { migrations } = load({ 'sqitch.plan': plan(line), 'deploy/a.sql': 'SELECT 1;' })
    expect(migrations[0]?.refused?.facts['reason']).toBe(reason)
  })
})

test.each([
  ['plan_file', '../../etc/passwd'],
  ['deploy_dir', '../other'],
  ['deploy_dir', '/srv/other'],
  ['top_dir', 'a/../..'],
])('sqitch.conf leads nowhere outside of the folder: %s = %s', (key, path) => {
  const { migrations, problems } = load({
    ...fixture,
    'sqitch.conf': `[core]\n${key} = ${path}\n`,
  })
  expect(migrations).toEqual([])
  expect(problems.map(({ facts }) => String(facts['reason']))).toContainEqual(
    expect.stringMatching(/^names .*, which is not in the folder$/),
  )
})

test.each(['\u001b[2J', '\u0000', '\r'])('a plan has no control character: %j', (character) => {
  const { faults } = readPlan(`%project=p\n\na${character} 2024-01-01T00:00:01Z A <a@b.c> # n\n`)
  expect(faults).toEqual([
    {
      reason: 'has a line with a control character, or of more than 10,000 characters',
      line: 2,
    },
  ])
})
