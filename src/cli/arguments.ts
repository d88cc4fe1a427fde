// What a command line that was parsed asks for: the request to its command, with what is wrong with the line itself, so that it
// is reported together with what is wrong with the environment.

import type { CommandRequest } from '../commands/prepare.ts'
import type { CommandDefinition, ParsedArguments } from '../commands/definition.ts'
import type { Flags } from '../config/variables/read-variables.ts'
import { flagOf, variable, type VariableName } from '../config/variables/variables.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { nearest } from '../errors/nearest.ts'

/** As yargs and its parser give it. */
export type Arguments = Readonly<Record<string, unknown>> & {
  readonly _: readonly (string | number)[]
}

/** How both of them are set: they must read a line in the same way. */
export const parserConfiguration = {
  'camel-case-expansion': false,
  'boolean-negation': false,
  'parse-positional-numbers': false,
  'dot-notation': false,
} as const

export const requestOf = (
  definition: CommandDefinition,
  argv: Arguments,
  interruption: AbortSignal,
): CommandRequest => ({
  flags: flagsOf(definition, argv),
  environment: process.env,
  format: formatOf(argv),
  problems: lineProblems(definition, argv),
  interruption,
})

// Where the log is to be JSON, nothing else goes out: the report is one more line.
const formatOf = (argv: Arguments): CommandRequest['format'] => {
  const logFormat = flagValue(argv, flagOf('LOG_FORMAT')) ?? process.env['LOG_FORMAT']
  if (logFormat === 'json') return 'json line'
  return flagValue(argv, 'json') === true ? 'json' : 'text'
}

export const parsedArguments = (
  definition: CommandDefinition,
  argv: Arguments,
): ParsedArguments => ({
  values: (flag) =>
    [argv[flag]].flat().filter((value): value is string => typeof value === 'string'),
  isSet: (flag) => flagValue(argv, flag) === true,
  positionals: [
    ...((argv[definition.positionals?.name ?? ''] as readonly string[] | undefined) ?? []),
    // Words behind '--' are words, too.
    ...behind(definition, argv),
  ],
})

// What follows the command's own words; yargs takes positional words out of it.
const behind = ({ name }: CommandDefinition, argv: Arguments): readonly string[] =>
  argv._.slice(name.split(' ').length).map(String)

// A flag given twice: the last one counts, as in most command-line tools.
const flagValue = (argv: Arguments, flag: string): unknown => {
  const value = argv[flag]
  return Array.isArray(value) ? value.at(-1) : value
}

// The flag of a 0-or-1 variable needs no value to mean 1.
const variableFlag = (argv: Arguments, name: VariableName): unknown => {
  const value = flagValue(argv, flagOf(name))
  return value === '' && variable(name).enum?.includes('1') === true ? '1' : value
}

// A flag without a value is reported by lineProblems(), so it is not a value here.
const flagsOf = ({ variables }: CommandDefinition, argv: Arguments): Flags =>
  Object.fromEntries(
    variables.flatMap((name) => {
      const value = variableFlag(argv, name)
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )

const lineProblems = (definition: CommandDefinition, argv: Arguments): readonly Problem[] => {
  const { name: command, variables, flags = {}, positionals } = definition
  const known = [...variables.map(flagOf), ...Object.keys(flags), 'json', 'help', 'version']
  const internal = ['_', '$0', 'h', ...(positionals === undefined ? [] : [positionals.name])]
  const unknown = Object.keys(argv)
    .filter((name) => !known.includes(name) && !internal.includes(name))
    .map((name) => {
      const meant = nearest(name, known, 3)
      const flag = name.length === 1 ? `-${name}` : `--${name}`
      return problem('unknown-flag', { flag, nearest: meant && `--${meant}`, command })
    })
  const empty = variables
    .filter((name) => variableFlag(argv, name) === '')
    .map((name) => {
      const { form } = variable(name)
      return problem('malformed-value', {
        name: `--${flagOf(name)}`,
        value: undefined,
        reason: 'needs a value',
        form,
      })
    })
  const extra = (positionals === undefined ? behind(definition, argv) : []).map((argument) =>
    problem('unexpected-argument', { argument, command }),
  )
  return [...unknown, ...empty, ...extra]
}
