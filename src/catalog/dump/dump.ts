// The schema of a database as SQL, from its catalog: one paragraph for each object, in an order that loads and does not change. Reads
// only, in one snapshot, and runs nothing of the database's; the statements are the server's own words wherever it has some.

import { ownTables } from '../../database/ledger/trust.ts'
import { readingInCleanSession } from '../../database/own-sql.ts'
import type { Row } from '../../database/session/reply.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { comments, grants, securityLabels } from './queries/belongings.ts'
import { needsQuery } from './queries/dependencies.ts'
import { defaultPrivileges, otherSources } from './queries/other.ts'
import { paragraphs, type Belongings, type DumpedObject, type Facts } from './paragraphs.ts'
import { relationSources, viewShapes } from './queries/relations.ts'
import { castSources, routineSources } from './queries/routines.ts'
import { selectOf, spaces } from './queries/source.ts'
import { tableFacts } from './queries/table-facts.ts'
import { databaseSources, domainConstraints, schemaSource, typeSources } from './queries/types.ts'

export type DumpOptions = Belongings & {
  /** Undefined for all, with what belongs to no schema. */
  readonly schemas: readonly string[] | undefined
  /** How long to wait for who alters a table. */
  readonly timeoutMs: number
}

// What the server's words depend on besides the search path.
const wording = `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL DateStyle TO 'ISO, YMD'; SET LOCAL IntervalStyle TO postgres;
SET LOCAL TimeZone TO 'UTC'; SET LOCAL extra_float_digits TO 3; SET LOCAL bytea_output TO hex; SET LOCAL quote_all_identifiers TO off; SET LOCAL jit TO off`

/** Throws `connection-lost`, `server-busy`, `server-refused`. Writes nothing. */
export const dumpSchema = async (
  session: Session,
  options: DumpOptions,
): Promise<readonly DumpedObject[]> => {
  const { schemas, timeoutMs, privileges } = options
  const ctes = `WITH ${spaces(schemas, ownTables)}`
  const sources = [
    ...[schemaSource, ...typeSources, ...routineSources, ...relationSources],
    ...(schemas === undefined ? [...databaseSources, ...castSources, ...otherSources] : []),
    ...(privileges === 'with privileges'
      ? [defaultPrivileges(schemas === undefined ? 'all' : 'in schemas')]
      : []),
  ]
  const queries: Readonly<Record<keyof Facts, string>> = {
    sources: `${ctes}\n${sources.map(selectOf).join('\nUNION ALL\n')}`,
    tables: `${ctes}\n${tableFacts}`,
    domains: `${ctes}\n${domainConstraints}`,
    views: `${ctes}\n${viewShapes}`,
    needs: needsQuery,
    comments,
    labels: securityLabels,
    grants,
  }
  const reply = await session.send(
    readingInCleanSession(
      wording,
      `SET LOCAL statement_timeout TO ${10 * timeoutMs}; SET LOCAL lock_timeout TO ${timeoutMs}`,
      ...Object.values(queries),
    ),
  )
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  rowsOf(session, reply)
  const sets = reply.kind === 'done' ? reply.sets : []
  const rows = Object.fromEntries(Object.keys(queries).map((name, at) => [name, sets[at] ?? []]))
  return paragraphs(factsOf(rows), options)
}

// Rows come as the queries name their columns; those of tables are documents.
const factsOf = ({ tables = [], ...others }: Readonly<Record<string, readonly Row[]>>): Facts =>
  ({
    ...others,
    tables: tables.map(({ facts }) => JSON.parse(String(facts)) as Facts['tables'][number]),
  }) as unknown as Facts
