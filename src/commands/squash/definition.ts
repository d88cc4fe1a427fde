// `schemagate squash` as the command line has it; what it does is loaded when it is called.

import type { CommandDefinition } from '../definition.ts'
import { forReading } from '../variables.ts'

export const squashCommand: CommandDefinition = {
  name: 'squash',
  describe: 'write one base file that replaces the files up to a number, and prove that it does',
  variables: [
    ...forReading,
    'SCRATCH_URL',
    'MIGRATION_STATEMENT_TIMEOUT',
    'MIGRATION_LOCK_TIMEOUT',
    'MIGRATION_ROLE',
  ],
  flags: {
    to: { type: 'string', describe: 'number of the last file that goes into the base' },
  },
  run: async (request, parsed) => (await import('./command.ts')).squash(request, parsed),
}
