// Where the database has what the files name without a schema and have not made: a table of somebody else may be in any schema
// of the search path. The server is asked once, and only where the path leaves a choice.

import { literal } from '../../database/literal.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import type { Analysis } from '../../schema/history/analyse.ts'
import {
  readHistoryYielding,
  type LoginPath,
  type FindSchemas,
} from '../../schema/history/history.ts'
import type { Migration } from '../../migrations/migration.ts'

/** The files read again in the light of what the database has. Reads only. Throws as rowsOf() does. */
export const resolveNames = async (
  session: Session,
  analysis: Analysis,
  migrations: readonly Migration[],
  loginPath: LoginPath,
): Promise<Analysis> => {
  const { parse, history, naming } = analysis
  if (history.unresolved.size === 0) return analysis
  const findSchemas = await find(session, [...history.unresolved], loginPath)
  if (findSchemas === undefined) return analysis
  return {
    ...analysis,
    findSchemas,
    history: await readHistoryYielding(migrations, { parse, loginPath, naming, findSchemas }),
  }
}

// A schema that the role may not use is skipped on the path: https://www.postgresql.org/docs/current/ddl-schemas.html
const find = async (
  session: Session,
  names: readonly string[],
  { role }: LoginPath,
): Promise<FindSchemas | undefined> => {
  const wanted = `ANY (ARRAY[${names.map(literal).join(', ')}]::name[])`
  const usable = `has_schema_privilege(${role === undefined ? 'session_user' : literal(role)}, n.oid, 'USAGE')`
  const reply = await session.send(
    reading(`SELECT f.space, f.name, n.nspname AS schema FROM (
    SELECT 'relation' AS space, relname AS name, relnamespace AS schema FROM pg_class WHERE relname = ${wanted}
    UNION ALL SELECT 'type', typname, typnamespace FROM pg_type WHERE typname = ${wanted} AND typrelid = 0) f
  JOIN pg_namespace n ON n.oid = f.schema WHERE n.nspname !~ '^pg_' AND ${usable}`),
  )
  const rows = rowsOf(session, reply)
  if (rows.length === 0) return undefined
  const schemas = new Map<string, string[]>()
  for (const { space, name, schema } of rows) {
    const key = `${String(space)} ${String(name)}`
    schemas.set(key, [...(schemas.get(key) ?? []), String(schema)])
  }
  return (space, name) => schemas.get(`${space} ${name}`) ?? []
}
