// The commands of `schemagate contract` as the command line has them; what they do is loaded when one is called.

import type { CommandDefinition } from '../definition.ts'
import { forOffline, forReading } from '../variables.ts'

export const contractSnapshotCommand: CommandDefinition = {
  name: 'contract snapshot',
  describe: 'write a contract of the database to stdout',
  variables: forReading,
  flags: {
    service: { type: 'string', describe: 'the name of the service (default app)' },
    tables: {
      type: 'string',
      describe: 'only these tables and views, with the enums they use: call_log,audit.events',
    },
  },
  run: async (request, parsed) => (await import('./snapshot.ts')).snapshotContract(request, parsed),
}

export const contractDiffCommand: CommandDefinition = {
  name: 'contract diff',
  describe:
    'show what breaks a service that relies on a contract: in the database, or in a newer contract',
  variables: forReading,
  positionals: {
    name: 'contracts',
    describe:
      'a service or a file: against the database; two of them: from the old one to the new one',
  },
  run: async (request, parsed) => (await import('./diff.ts')).diffContract(request, parsed),
}

export const contractSchemaCommand: CommandDefinition = {
  name: 'contract schema',
  describe: 'write the JSON Schema of contracts to stdout, for editors',
  variables: forOffline,
  run: async (request) => (await import('./schema.ts')).printContractSchema(request),
}
