// One command of the command line as a value: cli/yargs.ts makes yargs' commands from them, with their flags and their help.

import type { VariableName } from '../config/variables/variables.ts'
import { problem, type Problem } from '../errors/problem.ts'
import type { CommandRequest } from './prepare.ts'

/** A flag of one command that is not a variable: it belongs to one call and not to an environment. */
export type OwnFlag = { readonly type: 'string' | 'boolean'; readonly describe: string }

/** What the line gives besides the variables. */
export type ParsedArguments = {
  /** Of a flag that may be repeated, all its values; a flag without a value gives ''. */
  readonly values: (flag: string) => readonly string[]
  readonly isSet: (flag: string) => boolean
  /** What follows the command. */
  readonly positionals: readonly string[]
}

export type CommandDefinition = {
  /** 'run', 'contract diff' */
  readonly name: string
  readonly describe: string
  /** Those that it reads, as flags. */
  readonly variables: readonly VariableName[]
  readonly flags?: Readonly<Record<string, OwnFlag>>
  readonly positionals?: { readonly name: string; readonly describe: string }
  readonly run: (request: CommandRequest, parsed: ParsedArguments) => Promise<number>
}

/** Joins what is wrong with a command's own flags to what is wrong with the line. */
export const withProblems = (
  request: CommandRequest,
  problems: readonly Problem[],
): CommandRequest =>
  problems.length === 0 ? request : { ...request, problems: [...request.problems, ...problems] }

/** The last value of a flag, when it has the form; a problem otherwise. Undefined where it is not given. */
export const readFlag = (
  { values }: ParsedArguments,
  flag: string,
  { isValid, form }: { readonly isValid: (value: string) => boolean; readonly form: string },
): { readonly value: string | undefined; readonly problems: readonly Problem[] } => {
  const value = values(flag).at(-1)
  if (value === undefined || (value !== '' && isValid(value))) return { value, problems: [] }
  const facts = {
    name: `--${flag}`,
    value: value === '' ? undefined : value,
    reason: value === '' ? 'needs a value' : 'is not valid',
    form,
  }
  return { value: undefined, problems: [problem('malformed-value', facts)] }
}

/** All values of a flag that may be repeated. */
export const readAll = (
  { values }: ParsedArguments,
  flag: string,
  form: string,
): { readonly all: readonly string[]; readonly problems: readonly Problem[] } => {
  const all = values(flag)
  const facts = { name: `--${flag}`, value: undefined, reason: 'needs a value', form }
  return { all, problems: all.includes('') ? [problem('malformed-value', facts)] : [] }
}

/** A flag that takes one of a few words. */
export const readChoice = <Choice extends string>(
  parsed: ParsedArguments,
  flag: string,
  choices: readonly Choice[],
): { readonly choice: Choice | undefined; readonly problems: readonly Problem[] } => {
  const isValid = (value: string): boolean => choices.some((each) => each === value)
  const { value, problems } = readFlag(parsed, flag, { isValid, form: orList(choices) })
  return { choice: choices.find((each) => each === value), problems }
}

const orList = (positionals: readonly string[]): string =>
  `${positionals.slice(0, -1).join(', ')} or ${positionals.at(-1) ?? ''}`
