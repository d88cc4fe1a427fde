// The command line: commands, flags and help, by yargs. It decides nothing; what is wrong with the line itself goes
// to the command, so that it is told together with what is wrong with the environment.

import yargs, { type Argv } from 'yargs'
import packageJson from '../package.json' with { type: 'json' }
import type { Command, CommandRequest } from './commands/command.ts'
import { lintFlags, lintRequest } from './commands/lint-flags.ts'
import { newMigration } from './commands/new.ts'
import { refuseLine } from './commands/refuse.ts'
import { adoptDryRun, plan } from './commands/plan.ts'
import { adopt, run } from './commands/run.ts'
import { status } from './commands/status.ts'
import { flagOf, hasFlag, variable, variableNames, type VariableName } from './config/variables.ts'
import type { Flags } from './config/gather.ts'
import { problem, type Problem } from './errors/problem.ts'
import { nearest } from './nearest.ts'

type Arguments = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] }

const commands = ['run', 'plan', 'adopt', 'status', 'lint', 'new'] as const
type CommandName = (typeof commands)[number]

const forReading: readonly VariableName[] = [
  'DATABASE_URL',
  'DATABASE_URL_DIRECT',
  'DATABASE_URL_POOLER',
  'DATABASE_WAIT_SECONDS',
  'MIGRATIONS_DIR',
  'LEDGER_SCHEMA',
  'LOG_FORMAT',
  'LOG_LEVEL',
]

const flagVariables: Readonly<Record<CommandName, readonly VariableName[]>> = {
  run: variableNames.filter(hasFlag),
  plan: [...forReading, 'MIGRATION_STATEMENT_TIMEOUT', 'STRICT_ORDER'],
  adopt: variableNames.filter(hasFlag),
  status: forReading,
  lint: ['MIGRATIONS_DIR', 'LOG_FORMAT', 'LOG_LEVEL'],
  new: ['MIGRATIONS_DIR', 'LOG_FORMAT', 'LOG_LEVEL'],
}

const adoptFlags = {
  'dry-run': { type: 'boolean', describe: 'only show what would be marked' },
} as const

// Flags of one command that are no variables.
const ownFlags: Readonly<Partial<Record<CommandName, object>>> = {
  lint: lintFlags,
  adopt: adoptFlags,
}

const plainCommands: readonly {
  readonly name: CommandName
  readonly describe: string
  readonly command: Command
}[] = [
  { name: 'run', describe: 'bring the database to what the migration files say', command: run },
  { name: 'plan', describe: 'show what run would do now, and why; write nothing', command: plan },
  {
    name: 'status',
    describe: 'show what is recorded, pending, edited or unknown',
    command: status,
  },
]

/** Runs one command line and yields its exit code. */
export const main = async (args: readonly string[], interruption: AbortSignal): Promise<number> => {
  let exitCode = 0
  const request = (command: CommandName, argv: Arguments): CommandRequest => ({
    flags: flagsOf(command, argv),
    environment: process.env,
    format: flagValue(argv, 'json') === true ? 'json' : 'text',
    problems: lineProblems(command, argv),
    interruption,
  })
  const parser = plainParser(args)
  for (const { name, describe, command } of plainCommands)
    parser.command(name, describe, optionsFor(name), async (argv) => {
      exitCode = await command(request(name, argv))
    })
  parser
    .command(
      'adopt',
      'mark what the database has already; run nothing',
      (adopting) => optionsFor('adopt')(adopting).options(adoptFlags),
      async (argv: Arguments) => {
        const command = flagValue(argv, 'dry-run') === true ? adoptDryRun : adopt
        exitCode = await command(request('adopt', argv))
      },
    )
    .command(
      'lint',
      'find what the migration files would do to a running system',
      (parser) => optionsFor('lint')(parser).options(lintFlags),
      async (argv: Arguments) => {
        // Other commands start without the rules.
        const { lintMigrations } = await import('./commands/lint.ts')
        const given = { format: flagValue(argv, 'format'), since: flagValue(argv, 'since') }
        exitCode = await lintMigrations(lintRequest(request('lint', argv), given))
      },
    )
    .command(
      'new [name..]',
      'make an empty migration with the next number',
      (parser) =>
        optionsFor('new')(parser).positional('name', {
          type: 'string',
          array: true,
          describe: 'words for the file name, such as: add_user_time_zone',
        }),
      async (argv: Arguments) => {
        // Words behind '--' are names too.
        const words = [
          ...((argv['name'] as readonly string[] | undefined) ?? []),
          ...argv._.slice(1),
        ]
        exitCode = await newMigration(request('new', { ...argv, _: ['new'] }), words.join('_'))
      },
    )
    .command('$0', false, {}, async (argv) => {
      exitCode = await refuseLine(unknownCommand(argv), request('run', argv))
    })
  await parser.parseAsync()
  return exitCode
}

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
  (command: CommandName) =>
  (parser: Argv): Argv => {
    for (const name of flagVariables[command]) {
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
    return parser.option('json', { type: 'boolean', describe: 'report as JSON on stdout' })
  }

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
const flagsOf = (command: CommandName, argv: Arguments): Flags =>
  Object.fromEntries(
    flagVariables[command].flatMap((name) => {
      const value = variableFlag(argv, name)
      return typeof value === 'string' && value !== '' ? [[name, value]] : []
    }),
  )

const lineProblems = (command: CommandName, argv: Arguments): readonly Problem[] => {
  const own = Object.keys(ownFlags[command] ?? {})
  const known = [...flagVariables[command].map(flagOf), ...own, 'json', 'help', 'version']
  const internal = ['_', '$0', 'h', ...(command === 'new' ? ['name'] : [])]
  const unknown = Object.keys(argv)
    .filter((name) => !known.includes(name) && !internal.includes(name))
    .map((name) => {
      const meant = nearest(name, known, 3)
      const flag = name.length === 1 ? `-${name}` : `--${name}`
      return problem('unknown-flag', { flag, nearest: meant && `--${meant}`, command })
    })
  const empty = flagVariables[command]
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
  const extra = argv._.slice(1).map((argument) =>
    problem('unexpected-argument', { argument: String(argument), command }),
  )
  return [...unknown, ...empty, ...extra]
}

const unknownCommand = (argv: Arguments): Problem => {
  const command = String(argv._[0] ?? '')
  return problem('unknown-command', { command, nearest: nearest(command, commands) })
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
    4   refused: edited file, duplicate version, a file that cannot run here, part of a
        migration or another definition in the database, lint errors
    5   a bug of ours
   69 * database unreachable
   75 * lock not obtained, blocked by another session, connection lost
  130 * interrupted by SIGINT
  143 * interrupted by SIGTERM`
