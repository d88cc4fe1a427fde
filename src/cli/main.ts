// The command line. Nearly every one is plain: a command and flags. yargs' own parser reads it as yargs would, without
// loading the rest of yargs; help, version and whatever is not plain go to yargs itself.

import type yargsParser from 'yargs-parser'
import { parsedArguments, parserConfiguration, requestOf, type Arguments } from './arguments.ts'
import { commands } from './commands.ts'
import type { CommandDefinition, OwnFlag } from '../commands/definition.ts'
import { flagOf } from '../config/variables/variables.ts'
import type { ReadLine } from './yargs.ts'

/** Runs one command line and yields its exit code. */
export const main = async (args: readonly string[], interruption: AbortSignal): Promise<number> => {
  const line =
    (await readPlainLine(args)) ?? (await (await import('./yargs.ts')).readWithYargs(args))
  switch (line.kind) {
    case 'command':
      return line.definition.run(
        requestOf(line.definition, line.argv, interruption),
        parsedArguments(line.definition, line.argv),
      )
    case 'no command': {
      const { refuseLine } = await import('../commands/report-failure.ts')
      return refuseLine(line.problem, requestOf(noCommand, { ...line.argv, _: [] }, interruption))
    }
    case 'handled':
      return 0
  }
}

// What a line that names no command is read as: nothing of it matters.
const noCommand: CommandDefinition = {
  name: '',
  describe: '',
  variables: [],
  run: () => Promise.resolve(0),
}

type PlainLine = Extract<ReadLine, { kind: 'command' }>

/** Undefined for a line that asks for help or the version, names no command, or one that takes words. */
export const readPlainLine = async (args: readonly string[]): Promise<PlainLine | undefined> => {
  const named = definitionOf(args)
  // No more than the command, as nearly every start has it: nothing is left to be parsed.
  if (named?.name === args.join(' ') && named.positionals === undefined)
    return { kind: 'command', definition: named, argv: { _: args } }
  const { default: parse } = await import('yargs-parser')
  // The command is found as yargs finds it: before anything is known of its flags.
  const { positionals } = parseLine(parse, args, noFlags)
  const definition = definitionOf(positionals)
  if (definition === undefined || definition.positionals !== undefined) return undefined
  const { argv, positionals: allPositionals } = parseLine(parse, args, flagsOf(definition))
  const asksForHelp =
    [positionals, allPositionals].some((each) => each.at(-1) === 'help') ||
    ['help', 'h', 'version'].some((name) => name in argv)
  return asksForHelp ? undefined : { kind: 'command', definition, argv }
}

const definitionOf = (positionals: readonly (string | number)[]): CommandDefinition | undefined =>
  commands.find(({ name }) => name === positionals.slice(0, name.split(' ').length).join(' '))

type FlagTypes = { readonly string: readonly string[]; readonly boolean: readonly string[] }

const noFlags: FlagTypes = { string: [], boolean: [] }

const flagsOf = ({ variables, flags = {} }: CommandDefinition): FlagTypes => {
  const ofType = (type: OwnFlag['type']): readonly string[] =>
    Object.keys(flags).filter((name) => flags[name]?.type === type)
  return {
    string: [...variables.map(flagOf), ...ofType('string')],
    boolean: ['json', ...ofType('boolean')],
  }
}

type Parsed = {
  readonly argv: Arguments
  /** Those before '--': what follows it is neither a command nor a call for help. */
  readonly positionals: readonly (string | number)[]
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
  return { argv: { ...argv, _: [...argv._, ...behind] }, positionals: argv._ }
}
