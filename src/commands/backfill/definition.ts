// `schemagate backfill` as the command line has it; what it does is loaded when it is called.

import type { CommandDefinition } from '../definition.ts'
import { forReading } from '../variables.ts'

export const backfillCommand: CommandDefinition = {
  name: 'backfill',
  describe: 'fill old rows in small batches, and resume where it stopped',
  variables: [...forReading, 'MIGRATION_ROLE', 'TERMINATION_LOG'],
  positionals: { name: 'names', describe: 'of files in the folder backfills, without .sql' },
  flags: {
    all: { type: 'boolean', describe: 'every backfill, in the order of their names' },
    'time-budget': {
      type: 'string',
      describe: 'stop after so long, such as 30min; the next run resumes (default: no limit)',
    },
    strict: {
      type: 'boolean',
      describe: 'exit with a code other than 0 when something failed or is incomplete',
    },
    restart: { type: 'boolean', describe: 'begin again at the first row' },
  },
  run: async (request, parsed) => (await import('./command.ts')).backfill(request, parsed),
}
