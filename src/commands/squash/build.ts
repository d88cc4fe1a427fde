// The two databases that a squash looks at: one that the files have made, one that the base has made.

import { dumpSchema, type DumpOptions } from '../../catalog/dump/dump.ts'
import { readInventory } from '../../catalog/dump/inventory.ts'
import type { DumpedObject } from '../../catalog/dump/paragraphs.ts'
import type { Config } from '../../config/config.ts'
import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { quoteName } from '../../errors/define.ts'
import { withScratchDatabase, type ScratchRequest } from '../scratch/scratch.ts'
import type { Built } from './differences.ts'

export type BuiltHistory = Built & {
  /** As a base file says them: for whoever runs it. */
  readonly portable: readonly DumpedObject[]
  readonly tablesWithRows: readonly string[]
  readonly serverVersion: string
}

const patienceMs = 60_000

const whole: DumpOptions = {
  schemas: undefined,
  timeoutMs: patienceMs,
  owners: 'with owners',
  privileges: 'with privileges',
}

/** Throws what withScratchDatabase() and dumpSchema() throw. */
export const buildFiles = (request: ScratchRequest): Promise<BuiltHistory> =>
  withScratchDatabase(request, async ({ session, server }) => {
    const currentRole = quoteName(request.config.migrationRole ?? session.endpoint.user)
    return {
      ...(await look(session, request.config)),
      portable: await dumpSchema(session, { ...whole, currentRole }),
      tablesWithRows: await tablesWithRows(session, request.config),
      serverVersion: server.version,
    }
  })

export const buildBase = (request: ScratchRequest): Promise<Built> =>
  withScratchDatabase(request, ({ session }) => look(session, request.config))

const look = async (session: Session, { ledgerSchema }: Config): Promise<Built> => ({
  objects: await dumpSchema(session, whole),
  inventory: await readInventory(session, ledgerSchema),
})

const tablesQuery = (ledgerSchema: string): string =>
  `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS "table" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', ${literal(ledgerSchema)}) ORDER BY 1`

const tablesWithRows = async (
  session: Session,
  { ledgerSchema }: Config,
): Promise<readonly string[]> => {
  const tables = rowsOf(session, await session.send(reading(tablesQuery(ledgerSchema)))).map(
    (row) => String(row['table']),
  )
  if (tables.length === 0) return []
  const queries = tables.map(
    (table, at) => `SELECT ${at} AS at WHERE EXISTS (SELECT FROM ${table})`,
  )
  const reply = await session.send(reading(queries.join(' UNION ALL ')))
  return rowsOf(session, reply)
    .map((row) => tables[Number(row['at'])] ?? '')
    .sort()
}
