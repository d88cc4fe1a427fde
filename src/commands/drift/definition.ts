// `schemagate drift` as the command line has it; what it does is loaded when it is called.

import type { CommandDefinition } from '../definition.ts'
import { forReading } from '../variables.ts'
import { driftFormats } from './flags.ts'

export const driftCommand: CommandDefinition = {
  name: 'drift',
  describe: 'find what the database has otherwise than the recorded files make it; write nothing',
  variables: [...forReading, 'MIGRATION_ROLE', 'SCRATCH_URL'],
  flags: {
    exact: {
      type: 'boolean',
      describe:
        'compare with what the files make in a scratch database on the server of SCRATCH_URL',
    },
    format: {
      type: 'string',
      describe: `form of the report (${driftFormats.join(' | ')}; default text)`,
    },
  },
  run: async (request, parsed) => (await import('./command.ts')).drift(request, parsed),
}
