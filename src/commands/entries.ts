// Every command, in the order of --help. What only one of them needs is loaded by that one.

import { hasFlag, variableNames, type VariableName } from '../config/variables.ts'
import {
  contractDiffEntry,
  contractSchemaEntry,
  contractSnapshotEntry,
} from './contract-entries.ts'
import type { Entry } from './entry.ts'
import { buildIndexes, indexesFlags } from './indexes.ts'
import { lintFlags, lintRequest } from './lint-flags.ts'
import { newMigration } from './new.ts'
import { adoptDryRun, plan } from './plan.ts'
import { adopt, run } from './run.ts'
import { status } from './status.ts'
import { forOffline, forReading } from './variables-of.ts'
import { validateContracts, validateFlags } from './validate.ts'
import { waitForSchema, waitFlags } from './wait.ts'

const forRunning: readonly VariableName[] = variableNames.filter(hasFlag)

export const entries: readonly Entry[] = [
  {
    name: 'run',
    describe: 'bring the database to what the migration files say',
    variables: forRunning,
    run,
  },
  {
    name: 'plan',
    describe: 'show what run would do now, and why; write nothing',
    variables: [...forReading, 'MIGRATION_STATEMENT_TIMEOUT', 'STRICT_ORDER'],
    run: plan,
  },
  {
    name: 'adopt',
    describe: 'mark what the database has already; run nothing',
    variables: forRunning,
    flags: { 'dry-run': { type: 'boolean', describe: 'only show what would be marked' } },
    run: (request, given) => (given.isSet('dry-run') ? adoptDryRun : adopt)(request),
  },
  {
    name: 'status',
    describe: 'show what is recorded, pending, edited or unknown',
    variables: forReading,
    run: status,
  },
  {
    name: 'validate',
    describe: 'check what the services rely on, by their contracts; write nothing, take no lock',
    variables: forReading,
    flags: validateFlags,
    run: validateContracts,
  },
  {
    name: 'wait',
    describe: 'wait until every migration is recorded and the contracts hold; write nothing',
    variables: forReading,
    flags: waitFlags,
    run: waitForSchema,
  },
  {
    name: 'indexes',
    describe: 'build the declared indexes (migrations/indexes) beside the running services',
    variables: [
      ...forReading,
      'MIGRATION_LOCK_WAIT_SECONDS',
      'MIGRATION_STATEMENT_TIMEOUT',
      'MIGRATION_INDEX_TIMEOUT',
    ],
    flags: indexesFlags,
    run: buildIndexes,
  },
  contractSnapshotEntry,
  contractDiffEntry,
  contractSchemaEntry,
  {
    name: 'lint',
    describe: 'find what the migration files would do to a running system',
    variables: forOffline,
    flags: lintFlags,
    run: async (request, given) => {
      // Other commands start without the rules.
      const { lintMigrations } = await import('./lint.ts')
      return lintMigrations(lintRequest(request, given))
    },
  },
  {
    name: 'new',
    describe: 'make an empty migration with the next number',
    variables: forOffline,
    words: { name: 'name', describe: 'words for the file name, such as: add_user_time_zone' },
    run: (request, { words }) => newMigration(request, words.join('_')),
  },
]
