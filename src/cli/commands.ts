// Every command, in the order of --help. What only one of them needs is loaded by that one; `run` is what nearly every start is.

import { hasFlag, variableNames, type VariableName } from '../config/variables/variables.ts'
import { backfillCommand } from '../commands/backfill/definition.ts'
import {
  contractDiffCommand,
  contractSchemaCommand,
  contractSnapshotCommand,
} from '../commands/contract/definition.ts'
import { driftCommand } from '../commands/drift/definition.ts'
import type { CommandDefinition } from '../commands/definition.ts'
import { indexesFlags } from '../commands/indexes/flags.ts'
import { lintFlags, lintRequest } from '../commands/lint/flags.ts'
import { schemaDiagramCommand, schemaDumpCommand } from '../commands/schema/definition.ts'
import { validateFlags, waitFlags } from '../commands/validate/flags.ts'
import { squashCommand } from '../commands/squash/definition.ts'
import { adopt, adoptTrusting, run } from '../commands/run/command.ts'
import { forOffline, forReading } from '../commands/variables.ts'

const forRunning: readonly VariableName[] = variableNames.filter(
  (name) => hasFlag(name) && name !== 'SCRATCH_URL',
)

export const commands: readonly CommandDefinition[] = [
  {
    name: 'run',
    describe: 'apply the pending migrations, then check the contracts',
    variables: forRunning,
    run,
  },
  {
    name: 'init',
    describe: 'look at a folder, and at a database where one is named, and say what run would do',
    variables: [...forReading, 'MIGRATION_STATEMENT_TIMEOUT', 'MIGRATION_ROLE', 'STRICT_ORDER'],
    flags: {
      write: {
        type: 'boolean',
        describe: 'write compose.schemagate.yaml, unless it is there; else nothing is written',
      },
    },
    run: async (request, parsed) =>
      (await import('../commands/init/command.ts')).init(request, parsed),
  },
  {
    name: 'plan',
    describe: 'show what run would do now, and why; write nothing',
    variables: [
      ...forReading,
      'MIGRATION_STATEMENT_TIMEOUT',
      'MIGRATION_ROLE',
      'STRICT_ORDER',
      'DRIFT',
    ],
    flags: { verbose: { type: 'boolean', describe: 'with each statement and its locks' } },
    run: async (request, parsed) =>
      (await import('../commands/plan/command.ts')).plan(request, parsed),
  },
  {
    name: 'adopt',
    describe: 'record the migrations that the database already has; run nothing',
    variables: forRunning,
    flags: {
      'dry-run': { type: 'boolean', describe: 'only show what would be recorded' },
      'trust-ledger': {
        type: 'boolean',
        describe: "record what another tool's ledger says, whatever the database has",
      },
    },
    run: async (request, parsed) =>
      parsed.isSet('dry-run')
        ? (await import('../commands/plan/command.ts')).adoptDryRun(request, parsed)
        : parsed.isSet('trust-ledger')
          ? adoptTrusting(request)
          : adopt(request),
  },
  {
    name: 'status',
    describe: 'show what is recorded, pending, edited or unknown',
    variables: forReading,
    flags: {
      'exit-code': {
        type: 'boolean',
        describe:
          'exit with 4 for edited or taken files, else with 75 for what is still to be done',
      },
    },
    run: async (request, parsed) =>
      (await import('../commands/status/command.ts')).status(request, parsed),
  },
  {
    name: 'validate',
    describe: 'check the contracts of the services; write nothing, take no lock',
    variables: forReading,
    flags: validateFlags,
    run: async (request, parsed) =>
      (await import('../commands/validate/command.ts')).validateContracts(request, parsed),
  },
  {
    name: 'wait',
    describe: 'wait until every migration is recorded and the contracts hold; write nothing',
    variables: forReading,
    flags: waitFlags,
    run: async (request, parsed) =>
      (await import('../commands/wait/command.ts')).waitForSchema(request, parsed),
  },
  {
    name: 'doctor',
    describe: 'find what would block a run; exit with the code that run would have; write nothing',
    variables: [
      ...forReading,
      'MIGRATION_LOCK_WAIT_SECONDS',
      'MIGRATION_STATEMENT_TIMEOUT',
      'MIGRATION_LOCK_TIMEOUT',
      'MIGRATION_ROLE',
      'STRICT_ORDER',
      'DRIFT',
    ],
    run: async (request) => (await import('../commands/doctor/command.ts')).doctor(request),
  },
  {
    name: 'indexes',
    describe: 'build the declared indexes (migrations/indexes) while the services run',
    variables: [
      ...forReading,
      'MIGRATION_LOCK_WAIT_SECONDS',
      'MIGRATION_STATEMENT_TIMEOUT',
      'MIGRATION_INDEX_TIMEOUT',
      'MIGRATION_ROLE',
      'TERMINATION_LOG',
    ],
    flags: indexesFlags,
    run: async (request, parsed) =>
      (await import('../commands/indexes/command.ts')).buildIndexes(request, parsed),
  },
  backfillCommand,
  contractSnapshotCommand,
  contractDiffCommand,
  contractSchemaCommand,
  driftCommand,
  schemaDumpCommand,
  schemaDiagramCommand,
  squashCommand,
  {
    name: 'lint',
    describe: 'find what in the migration files could harm a running system',
    variables: forOffline,
    flags: lintFlags,
    run: async (request, parsed) =>
      (await import('../commands/lint/command.ts')).lintMigrations(lintRequest(request, parsed)),
  },
  {
    name: 'new',
    describe: 'create an empty migration file with the next number',
    variables: forOffline,
    positionals: { name: 'name', describe: 'words for the file name, such as: add_user_time_zone' },
    run: async (request, { positionals }) =>
      (await import('../commands/new/command.ts')).newMigration(request, positionals.join('_')),
  },
]
