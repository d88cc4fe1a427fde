// Plain command lines are read by yargs' parser alone: it must read them just as yargs does.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readPlainLine } from '../../../src/cli/main.ts'
import { parsedArguments, requestOf, type Arguments } from '../../../src/cli/arguments.ts'
import { commands } from '../../../src/cli/commands.ts'
import type { CommandDefinition } from '../../../src/commands/definition.ts'
import { readWithYargs } from '../../../src/cli/yargs.ts'
import { propertyRuns } from '../../support/property.ts'

const interruption = new AbortController().signal

// All that a command gets of its line.
const asCommandsSeeIt = (definition: CommandDefinition, argv: Arguments): unknown => {
  const { flags, format, problems } = requestOf(definition, argv, interruption)
  const given = parsedArguments(definition, argv)
  const own = Object.keys(definition.flags ?? {})
  return {
    ...{ command: definition.name, flags, format, problems, words: given.positionals },
    values: own.map((flag) => given.values(flag)),
    isSet: own.map((flag) => given.isSet(flag)),
  }
}

const withParser = async (args: readonly string[]): Promise<unknown> => {
  const line = await readPlainLine(args)
  return line && asCommandsSeeIt(line.definition, line.argv)
}

const withYargs = async (args: readonly string[]): Promise<unknown> => {
  const line = await readWithYargs(args)
  return line.kind === 'command' ? asCommandsSeeIt(line.definition, line.argv) : line.kind
}

const plainNames = commands
  .filter(({ positionals: words }) => words === undefined)
  .map(({ name }) => name)

test.each(plainNames)('%s without flags is plain, and read as by yargs', async (name) => {
  expect(await withParser(name.split(' '))).toBeDefined()
  expect(await withParser(name.split(' '))).toEqual(await withYargs(name.split(' ')))
})

test.each([
  'run --migrations-dir db/migrations --json',
  '--migrations-dir=db run',
  '--json run',
  '--json true run',
  '--json foo run',
  'run --run-migrations',
  'run --log-level debug --log-level=warn',
  'run --migrations-dri x -q -xyz',
  'run extra words',
  'run -- --json words',
  'run -- help',
  'run -- --help',
  'run --no-json --json=false',
  'run --migrations-dir',
  'run --a.b 1 --$0 x -- -y',
  'adopt --dry-run --dry-run false',
  'validate --service api --service worker --format junit',
  'wait --timeout -5',
  'contract schema --log-format json',
  'lint --since 0100 --format',
])('%s is read as by yargs', async (line) => {
  const args = line.split(' ')
  const plain = await withParser(args)
  if (plain !== undefined) expect(plain).toEqual(await withYargs(args))
  else expect(line.startsWith('--json')).toBe(true)
})

test('any line that is plain is read as by yargs', async () => {
  const words = commands.flatMap(({ name }) => name.split(' '))
  const flags = commands.flatMap(({ flags: own = {} }) => Object.keys(own))
  const token = fc.oneof(
    fc.constantFrom(...words, ...flags.map((flag) => `--${flag}`), '--json', '--migrations-dir'),
    fc.constantFrom('--', '-', '-x', '-xj=1', '--run-migrations', '--log-level=debug', '--nothing'),
    fc.constantFrom('true', 'false', '5', '-5', '0x1f', "'quoted'", 'a b', '', 'x=y', '--=', '---'),
    fc.string({ maxLength: 4 }).filter((text) => !/h|v/.test(text)),
  )
  const line = fc.tuple(fc.constantFrom(...plainNames), fc.array(token, { maxLength: 6 }))
  await fc.assert(
    fc.asyncProperty(line, fc.array(token, { maxLength: 2 }), async ([name, behind], before) => {
      const args = [...before, ...name.split(' '), ...behind]
      const plain = await withParser(args)
      if (plain !== undefined) expect(plain).toEqual(await withYargs(args))
    }),
    { numRuns: propertyRuns * 3 },
  )
})

describe('left to yargs itself', () => {
  test.each([
    '',
    'run --help',
    'run -h',
    'help',
    'run help',
    '-- run',
    '--version',
    'rnu',
    'contract',
    'contract snapshto',
    'new add a column',
    'contract diff api',
  ])('%s', async (line) => {
    expect(await readPlainLine(line.split(' ').filter((word) => word !== ''))).toBeUndefined()
  })
})
