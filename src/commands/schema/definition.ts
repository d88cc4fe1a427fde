// The commands of `schemagate schema` as the command line has them; what they do is loaded when one is called.

import type { VariableName } from '../../config/variables/variables.ts'
import type { CommandDefinition } from '../definition.ts'
import { forReading } from '../variables.ts'
import { diagramFormats } from './flags.ts'

// No file of migrations is read.
const variables: readonly VariableName[] = forReading.filter(
  (name) => !name.startsWith('MIGRATIONS_') && name !== 'LEDGER_SCHEMA',
)

const schema = {
  type: 'string',
  describe: 'only these schemas, with commas between; may be repeated (default: all)',
} as const

export const schemaDumpCommand: CommandDefinition = {
  name: 'schema dump',
  describe: 'write the schema of the database as SQL to stdout, always in the same order',
  variables,
  flags: {
    check: {
      type: 'string',
      describe: 'write nothing; exit with 3 and the difference when this file says otherwise',
    },
    schema,
    'no-owner': { type: 'boolean', describe: 'without the owners of objects' },
    'no-privileges': { type: 'boolean', describe: 'without what is granted' },
  },
  run: async (request, parsed) => (await import('./dump.ts')).writeDump(request, parsed),
}

export const schemaDiagramCommand: CommandDefinition = {
  name: 'schema diagram',
  describe: 'write tables and foreign keys as a diagram to stdout: Mermaid, or SVG',
  variables,
  flags: {
    format: {
      type: 'string',
      describe: `form of the diagram (${diagramFormats.join(' | ')}; default mermaid)`,
    },
    schema,
    tables: {
      type: 'string',
      describe: 'only these tables, with commas between (default: all)',
    },
  },
  run: async (request, parsed) => (await import('./diagram.ts')).drawDiagram(request, parsed),
}
