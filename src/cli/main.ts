// The command line. Nearly every one is plain: a command and flags. yargs' own parser reads it as yargs would, without
// loading the rest of yargs; help, version and whatever is not plain go to yargs itself.

import type yargsParser from 'yargs-parser'
import { givenOf, parserConfiguration, requestOf, type Arguments } from './arguments.ts'
import { entries } from './commands.ts'
import type { Entry, OwnFlag } from '../commands/definition.ts'
import { flagOf } from '../config/variables.ts'
import type { ReadLine } from './yargs.ts'

/** Runs one command line and yields its exit code. */
export const main = async (args: readonly string[], interruption: AbortSignal): Promise<number> => {
  const line =
    (await readPlainLine(args)) ?? (await (await import('./yargs.ts')).readWithYargs(args))
  switch (line.kind) {
    case 'command':
      return line.entry.run(
        requestOf(line.entry, line.argv, interruption),
        givenOf(line.entry, line.argv),
      )
    case 'no command': {
      const { refuseLine } = await import('../commands/report-failure.ts')
      return refuseLine(line.problem, requestOf(noEntry, { ...line.argv, _: [] }, interruption))
    }
    case 'told':
      return 0
  }
}

// What a line that names no command is read as: nothing of it matters.
const noEntry: Entry = { name: '', describe: '', variables: [], run: () => Promise.resolve(0) }

type PlainLine = Extract<ReadLine, { kind: 'command' }>

/** Undefined for a line that asks for help or the version, names no command, or one that takes words. */
export const readPlainLine = async (args: readonly string[]): Promise<PlainLine | undefined> => {
  const named = entryOf(args)
  // No more than the command, as nearly every start has it: nothing is left to be parsed.
  if (named?.name === args.join(' ') && named.words === undefined)
    return { kind: 'command', entry: named, argv: { _: args } }
  const { default: parse } = await import('yargs-parser')
  // The command is found as yargs finds it: before anything is known of its flags.
  const { words } = parseLine(parse, args, noFlags)
  const entry = entryOf(words)
  if (entry === undefined || entry.words !== undefined) return undefined
  const { argv, words: allWords } = parseLine(parse, args, flagsOf(entry))
  const asksForHelp =
    [words, allWords].some((each) => each.at(-1) === 'help') ||
    ['help', 'h', 'version'].some((name) => name in argv)
  return asksForHelp ? undefined : { kind: 'command', entry, argv }
}

const entryOf = (words: readonly (string | number)[]): Entry | undefined =>
  entries.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '))

type FlagTypes = { readonly string: readonly string[]; readonly boolean: readonly string[] }

const noFlags: FlagTypes = { string: [], boolean: [] }

const flagsOf = ({ variables, flags = {} }: Entry): FlagTypes => {
  const ofType = (type: OwnFlag['type']): readonly string[] =>
    Object.keys(flags).filter((name) => flags[name]?.type === type)
  return {
    string: [...variables.map(flagOf), ...ofType('string')],
    boolean: ['json', ...ofType('boolean')],
  }
}

type Parsed = {
  readonly argv: Arguments
  /** Those before '--': what stands behind it is no command and no call for help. */
  readonly words: readonly (string | number)[]
}

const parseLine = (
  parse: typeof yargsParser,
  args: readonly string[],
  { string, boolean }: FlagTypes,
): Parsed => {
  const { '--': behind = [], ...argv } = parse([...args], {
    string: [...string],
    boolean: ['help', 'version', ...boolean],
    alias: { h: ['help'] },
    configuration: { ...parserConfiguration, 'populate--': true },
  })
  return { argv: { ...argv, _: [...argv._, ...behind] }, words: argv._ }
}
