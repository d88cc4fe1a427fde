// The command line as yargs has it: commands, flags, help and version. It decides nothing and runs nothing.
// Loading yargs takes as long as half a start: main.ts comes here only when its parser alone will not do.

import type { Argv } from 'yargs'
import packageJson from '../../package.json' with { type: 'json' }
import { parserConfiguration, type Arguments } from './arguments.ts'
import { commands } from './commands.ts'
import type { CommandDefinition } from '../commands/definition.ts'
import { flagOf, variable } from '../config/variables/variables.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { nearest } from '../errors/nearest.ts'

/** What a line asks for; `handled` when yargs has answered it: with help or the version. */
export type ReadLine =
  | { readonly kind: 'command'; readonly definition: CommandDefinition; readonly argv: Arguments }
  | { readonly kind: 'no command'; readonly problem: Problem; readonly argv: Arguments }
  | { readonly kind: 'handled' }

export const readWithYargs = async (args: readonly string[]): Promise<ReadLine> => {
  const read: ReadLine[] = []
  const take =
    (definition: CommandDefinition) =>
    (argv: Arguments): void => {
      read.push({ kind: 'command', definition, argv })
    }
  const refuse =
    (known: readonly string[], depth: number) =>
    (argv: Arguments): void => {
      read.push({ kind: 'no command', problem: unknownCommand(argv, known, depth), argv })
    }
  const parser = await plainParser(args)
  for (const definition of commands.filter(({ name }) => !name.includes(' ')))
    parser.command(
      usageOf(definition, definition.name),
      definition.describe,
      optionsFor(definition),
      take(definition),
    )
  for (const [group, members] of groups())
    parser.command(group, groupTitles[group] ?? '', (parent) => {
      for (const { definition, name } of members)
        parent.command(
          usageOf(definition, name),
          definition.describe,
          optionsFor(definition),
          take(definition),
        )
      const names = members.map(({ definition }) => definition.name)
      return parent.command('$0', false, {}, refuse(names, 2))
    })
  const names = commands.map(({ name }) => name.split(' ')[0] ?? '')
  parser.command('$0', false, {}, refuse([...new Set(names)], 1))
  await parser.parseAsync()
  return read[0] ?? { kind: 'handled' }
}

const groupTitles: Readonly<Record<string, string>> = {
  contract: 'write or compare contracts: what services rely on',
  schema: 'write the schema of the database as SQL or as a diagram',
}

type Member = { readonly definition: CommandDefinition; readonly name: string }

const groups = (): ReadonlyMap<string, readonly Member[]> => {
  const found = new Map<string, Member[]>()
  for (const definition of commands) {
    const [group = '', name] = definition.name.split(' ')
    if (name !== undefined) found.set(group, [...(found.get(group) ?? []), { definition, name }])
  }
  return found
}

const usageOf = ({ positionals }: CommandDefinition, name: string): string =>
  positionals === undefined ? name : `${name} [${positionals.name}..]`

// Everything but the commands. Their problems are ours to tell, so yargs neither exits nor complains by itself.
const plainParser = async (args: readonly string[]): Promise<Argv> => {
  const { default: yargs } = await import('yargs')
  return yargs([...args])
    .scriptName('schemagate')
    .usage(
      '$0 <command> [flags]\n\nA PostgreSQL migration gate: services start only on a schema they can trust.',
    )
    .parserConfiguration(parserConfiguration)
    .version(packageJson.version)
    .help()
    .alias({ h: 'help' })
    .wrap(Math.min(110, process.stdout.columns || 110))
    .epilogue(epilogue)
    .exitProcess(false)
    .fail(false)
}

const optionsFor =
  ({ variables, flags = {}, positionals }: CommandDefinition) =>
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
    if (positionals !== undefined)
      parser.positional(positionals.name, {
        type: 'string',
        array: true,
        describe: positionals.describe,
      })
    return parser.options(flags)
  }

const unknownCommand = (argv: Arguments, known: readonly string[], depth: number): Problem => {
  const command = argv._.slice(0, depth).join(' ')
  // Half a command: 'contract'.
  const completed = known.filter((name) => name.startsWith(`${command} `)).join(', ')
  const meant = completed === '' ? nearest(command, known) : completed
  return problem('unknown-command', { command, nearest: meant })
}

const epilogue = `Every flag is also an environment variable (its name is in parentheses); a
flag wins. Secrets are safer in the environment, or in a file that
DATABASE_URL_FILE, DATABASE_URL_DIRECT_FILE, DATABASE_URL_POOLER_FILE or
PGPASSWORD_FILE names. Without a URL, libpq's PGHOST, PGPORT, PGUSER, PGPASSWORD,
PGDATABASE, PGSSLMODE and PGSSLROOTCERT are used.

Exit codes (try again after those marked *):
    0   applied, up to date, or skipped safely
    1   a migration failed, or its result was not as promised; it was rolled back
    2   usage or configuration
    3   the database does not hold what a service relies on: a contract is violated;
        or it is not what a dump or the files say
    4   refused: edited file, duplicate version, a file that cannot run here, part of a
        migration or another definition in the database, lint errors
    5   a bug in schemagate
   69 * database unreachable
   75 * lock not obtained, blocked by another session, connection lost
  130 * interrupted by SIGINT
  143 * interrupted by SIGTERM`
