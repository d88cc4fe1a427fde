// The command line: commands, flags and help, by yargs. It decides nothing; what is wrong with the line itself goes
// to the command, so that it is told together with what is wrong with the environment.

import yargs, { type Argv } from 'yargs'
import packageJson from '../package.json' with { type: 'json' }
import type { CommandRequest } from './commands/command.ts'
import { entries } from './commands/entries.ts'
import type { Entry, Given } from './commands/entry.ts'
import { refuseLine } from './commands/refuse.ts'
import { flagOf, variable, type VariableName } from './config/variables.ts'
import type { Flags } from './config/gather.ts'
import { problem, type Problem } from './errors/problem.ts'
import { nearest } from './nearest.ts'

type Arguments = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] }

/** Runs one command line and yields its exit code. */
export const main = async (args: readonly string[], interruption: AbortSignal): Promise<number> => {
  let exitCode = 0
  const handle =
    (entry: Entry) =>
    async (argv: Arguments): Promise<void> => {
      exitCode = await entry.run(requestOf(entry, argv, interruption), givenOf(entry, argv))
    }
  const refuse =
    (known: readonly string[], depth: number) =>
    async (argv: Arguments): Promise<void> => {
      const request = requestOf(noEntry, { ...argv, _: [] }, interruption)
      exitCode = await refuseLine(unknownCommand(argv, known, depth), request)
    }
  const parser = plainParser(args)
  for (const entry of entries.filter(({ name }) => !name.includes(' ')))
    parser.command(usageOf(entry, entry.name), entry.describe, optionsFor(entry), handle(entry))
  for (const [group, members] of groups())
    parser.command(group, groupTitles[group] ?? '', (parent) => {
      for (const { entry, name } of members)
        parent.command(usageOf(entry, name), entry.describe, optionsFor(entry), handle(entry))
      const names = members.map(({ entry }) => entry.name)
      return parent.command('$0', false, {}, refuse(names, 2))
    })
  const names = entries.map(({ name }) => name.split(' ')[0] ?? '')
  parser.command('$0', false, {}, refuse([...new Set(names)], 1))
  await parser.parseAsync()
  return exitCode
}

// What a line that names no command is read as: nothing of it matters.
const noEntry: Entry = { name: '', describe: '', variables: [], run: () => Promise.resolve(0) }

const groupTitles: Readonly<Record<string, string>> = {
  contract: 'write or compare contracts: what services rely on',
}

type Member = { readonly entry: Entry; readonly name: string }

const groups = (): ReadonlyMap<string, readonly Member[]> => {
  const found = new Map<string, Member[]>()
  for (const entry of entries) {
    const [group = '', name] = entry.name.split(' ')
    if (name !== undefined) found.set(group, [...(found.get(group) ?? []), { entry, name }])
  }
  return found
}

const usageOf = ({ words }: Entry, name: string): string =>
  words === undefined ? name : `${name} [${words.name}..]`

// Everything but the commands. Their problems are ours to tell, so yargs neither exits nor complains by itself.
const plainParser = (args: readonly string[]): Argv =>
  yargs([...args])
    .scriptName('schemagate')
    .usage(
      '$0 <command> [flags]\n\nA PostgreSQL migration gate: services start only on a schema they can trust.',
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
    })
    .version(packageJson.version)
    .help()
    .alias({ h: 'help' })
    .wrap(Math.min(110, process.stdout.columns || 110))
    .epilogue(epilogue)
    .exitProcess(false)
    .fail(false)

const optionsFor =
  ({ variables, flags = {}, words }: Entry) =>
  (parser: Argv): Argv => {
    for (const name of variables) {
      const { description, enum: choices, default: standard } = variable(name)
      const shown = [
        name,
        ...(choices === undefined ? [] : [choices.join(' | ')]),
        ...(standard === undefined ? [] : [`default ${standard}`]),
      ]
      parser.option(flagOf(name), {
        type: 'string',
        describe: `${description} (${shown.join('; ')})`,
      })
    }
    parser.option('json', { type: 'boolean', describe: 'report as JSON on stdout' })
    if (words !== undefined)
      parser.positional(words.name, { type: 'string', array: true, describe: words.describe })
    return parser.options(flags)
  }

const requestOf = (entry: Entry, argv: Arguments, interruption: AbortSignal): CommandRequest => ({
  flags: flagsOf(entry, argv),
  environment: process.env,
  format: flagValue(argv, 'json') === true ? 'json' : 'text',
  problems: lineProblems(entry, argv),
  interruption,
})

const givenOf = (entry: Entry, argv: Arguments): Given => ({
  values: (flag) =>
    [argv[flag]].flat().filter((value): value is string => typeof value === 'string'),
  isSet: (flag) => flagValue(argv, flag) === true,
  words: [
    ...((argv[entry.words?.name ?? ''] as readonly string[] | undefined) ?? []),
    // Words behind '--' are words, too.
    ...behind(entry, argv),
  ],
})

// What stands behind the command's own words; yargs takes positional words out of it.
const behind = ({ name }: Entry, argv: Arguments): readonly string[] =>
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

// A flag without a value is told by lineProblems(), so it is no value here.
const flagsOf = ({ variables }: Entry, argv: Arguments): Flags =>
  Object.fromEntries(
    variables.flatMap((name) => {
      const value = variableFlag(argv, name)
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )

const lineProblems = (entry: Entry, argv: Arguments): readonly Problem[] => {
  const { name: command, variables, flags = {}, words } = entry
  const known = [...variables.map(flagOf), ...Object.keys(flags), 'json', 'help', 'version']
  const internal = ['_', '$0', 'h', ...(words === undefined ? [] : [words.name])]
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
  const extra = (words === undefined ? behind(entry, argv) : []).map((argument) =>
    problem('unexpected-argument', { argument, command }),
  )
  return [...unknown, ...empty, ...extra]
}

const unknownCommand = (argv: Arguments, known: readonly string[], depth: number): Problem => {
  const command = argv._.slice(0, depth).join(' ')
  // Half a command: 'contract'.
  const completed = known.filter((name) => name.startsWith(`${command} `)).join(', ')
  const meant = completed === '' ? nearest(command, known) : completed
  return problem('unknown-command', { command, nearest: meant })
}

const epilogue = `Every flag is also an environment variable (its name stands in parentheses); a
flag wins. Secrets are safer in the environment, or in a file that
DATABASE_URL_FILE, DATABASE_URL_DIRECT_FILE, DATABASE_URL_POOLER_FILE or
PGPASSWORD_FILE names. Without a URL, libpq's PGHOST, PGPORT, PGUSER, PGPASSWORD,
PGDATABASE, PGSSLMODE and PGSSLROOTCERT are used.

Exit codes (try again after those marked *):
    0   applied, up to date, or skipped safely
    1   a migration failed, or did not lead to what it promises; it was rolled back
    2   usage or configuration
    3   the database does not hold what a service relies on: a contract is violated
    4   refused: edited file, duplicate version, a file that cannot run here, part of a
        migration or another definition in the database, lint errors
    5   a bug of ours
   69 * database unreachable
   75 * lock not obtained, blocked by another session, connection lost
  130 * interrupted by SIGINT
  143 * interrupted by SIGTERM`
