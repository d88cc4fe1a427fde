// `schemagate schema diagram`: tables and foreign keys of the database as a picture. Reads only.

import { readDiagram, type DiagramTable } from '../../catalog/dump/diagram-facts.ts'
import { exitCodes } from '../../errors/exit-codes.ts'
import { nearest } from '../../errors/nearest.ts'
import { problem, SchemagateError } from '../../errors/problem.ts'
import { readAll, readChoice, type ParsedArguments } from '../definition.ts'
import type { CommandRequest } from '../prepare.ts'
import { diagramFormats, type DiagramFormat } from './flags.ts'
import { svg } from './svg/svg.ts'
import { mermaid } from './mermaid.ts'
import { namesIn, patienceMs, readDatabase, readSchemas } from './read-database.ts'

const drawings: Readonly<
  Record<DiagramFormat, (tables: readonly DiagramTable[]) => string | Promise<string>>
> = { mermaid, svg }

export const drawDiagram = (request: CommandRequest, parsed: ParsedArguments): Promise<number> => {
  const { schemas, problems } = readSchemas(parsed)
  const tables = readAll(
    parsed,
    'tables',
    'table names with commas between, such as call_log,audit.events',
  )
  const form = readChoice(parsed, 'format', diagramFormats)
  return readDatabase(request, {
    problems: [...problems, ...tables.problems, ...form.problems],
    schemas,
    read: (session) => readDiagram(session, { schemas, timeoutMs: patienceMs }),
    report: async (found, { print }) => {
      const shown = only(found, namesIn(tables.all))
      const format = form.choice ?? 'mermaid'
      const drawn = await drawings[format](shown)
      await print({
        text: () => drawn,
        json: () => ({ exit_code: exitCodes.ok, [format]: drawn }),
      })
      return exitCodes.ok
    },
  })
}

const nameOf = ({ schema, name }: DiagramTable): string => `${schema}.${name}`

// The schema public need not be said.
const only = (
  found: readonly DiagramTable[],
  asked: readonly string[],
): readonly DiagramTable[] => {
  if (asked.length === 0) return found
  const known = found.map(nameOf)
  const whole = (name: string): string => (known.includes(name) ? name : `public.${name}`)
  const problems = asked
    .filter((table) => !known.includes(whole(table)))
    .map((table) => problem('unknown-table', { table, nearest: nearest(table, known, 3) }))
  if (problems.length > 0) throw new SchemagateError(problems)
  const wanted = new Set(asked.map(whole))
  return found.filter((table) => wanted.has(nameOf(table)))
}
