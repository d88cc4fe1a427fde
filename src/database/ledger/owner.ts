// Who owns the ledger. Without MIGRATION_ROLE, the login that made it. With it, that role: logins come and go, each of them may
// become the role, and the ledger that one has made is the next one's. A ledger that an earlier login has made is handed
// over by it. Who does not inherit the role's privileges is granted those on the ledger, by the role.

import { identifier, literal } from '../literal.ts'
import type { Row } from '../session/reply.ts'
import type { LedgerAt } from './trust.ts'

/** What there is of the ledger, and what login and role may do. */
type Standing = {
  readonly role: string
  /** Whose it is; nobody's where there is none. */
  readonly schema: 'of the login' | 'of the role' | 'of another' | 'absent'
  /** May the login make a schema itself? */
  readonly creates: boolean
  readonly inherits: boolean
  /** May the role have a schema in this database, and a table in the ledger's? */
  readonly roleCreates: boolean
  readonly roleCreatesTables: boolean
  /** Tables of the ledger's schema that belong to the login. */
  readonly ofLogin: readonly string[]
  /** Those that it may not write to. */
  readonly denied: readonly string[]
}

/** A column `standing`, or none where there is no MIGRATION_ROLE. */
export const standingQuery = ({ ledgerSchema, migrationRole }: LedgerAt): string => {
  if (migrationRole === undefined) return 'NULL AS standing'
  const role = literal(migrationRole)
  const names = (condition: string): string => `coalesce((SELECT pg_catalog.json_agg(c.relname)
      FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND ${condition}), '[]')`
  const isOf = (owner: string, who: string): string =>
    `pg_catalog.pg_get_userbyid(${owner}) = ${who}`
  return `(SELECT pg_catalog.json_build_object(
      'schema', CASE WHEN n.oid IS NULL THEN 'absent' WHEN ${isOf('n.nspowner', role)} THEN 'of the role'
        WHEN ${isOf('n.nspowner', 'session_user')} THEN 'of the login' ELSE 'of another' END,
      'creates', pg_catalog.has_database_privilege(session_user, d.oid, 'CREATE'),
      'inherits', pg_catalog.pg_has_role(session_user, ${role}, 'USAGE'),
      'roleCreates', pg_catalog.has_database_privilege(${role}, d.oid, 'CREATE'),
      'roleCreatesTables', coalesce(pg_catalog.has_schema_privilege(${role}, n.oid, 'CREATE'), false),
      'ofLogin', ${names(isOf('c.relowner', 'session_user'))},
      'denied', ${names(`${isOf('c.relowner', role)} AND NOT (pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
        AND pg_catalog.has_table_privilege(session_user, c.oid, 'INSERT') AND pg_catalog.has_table_privilege(session_user, c.oid, 'UPDATE'))`)}
    )::pg_catalog.text
    FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = ${literal(ledgerSchema)}
    WHERE d.datname = pg_catalog.current_database() AND session_user <> ${role}) AS standing`
}

export const standingIn = (
  row: Row | undefined,
  { migrationRole }: LedgerAt,
): Standing | undefined =>
  typeof row?.['standing'] === 'string' && migrationRole !== undefined
    ? { ...(JSON.parse(row['standing']) as Omit<Standing, 'role'>), role: migrationRole }
    : undefined

/** Is it as it should be, apart from missing tables? */
export const isInOrder = (standing: Standing | undefined): boolean =>
  standing === undefined || (handedOver(standing).length === 0 && standing.denied.length === 0)

export type Making = {
  readonly schema: 'there' | 'absent'
  /** Statements that make, or complete, what is missing. */
  readonly tables: readonly string[]
  /** Their names, also where they are there. */
  readonly made: readonly string[]
}

/** Statements for a transaction of the login that makes what is missing, and hands over what the login has. Behind ownPath. */
export const makeAsOwner = (
  { ledgerSchema }: LedgerAt,
  standing: Standing | undefined,
  { schema: there, tables, made }: Making,
): readonly string[] => {
  const schema = identifier(ledgerSchema)
  // CREATE SCHEMA IF NOT EXISTS asks for the privilege even when the schema already exists.
  const create = there === 'there' ? [] : [`CREATE SCHEMA ${schema}`]
  if (standing === undefined || !isForRole(standing)) return [...create, ...tables]
  const { role, creates, inherits, denied } = standing
  const owner = identifier(role)
  const setLocalRole = `SET LOCAL ROLE ${owner}`
  const given = handedOver(standing).map((name) =>
    name === '' ? `SCHEMA ${schema}` : `TABLE ${schema}.${identifier(name)}`,
  )
  const granted = [
    `GRANT USAGE, CREATE ON SCHEMA ${schema} TO SESSION_USER`,
    ...[...new Set([...made, ...denied])].map(
      (name) =>
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.${identifier(name)} TO SESSION_USER`,
    ),
  ]
  return [
    ...(creates ? [] : [setLocalRole]),
    ...create.map((each) => `${each} AUTHORIZATION ${owner}`),
    'SET LOCAL ROLE NONE',
    ...given.map((each) => `ALTER ${each} OWNER TO ${owner}`),
    setLocalRole,
    ...tables,
    ...(inherits ? [] : granted),
    'SET LOCAL ROLE NONE',
  ]
}

// In a schema of a superuser's, say, the role may have no right to own a table.
const isForRole = (standing: Standing): boolean =>
  standing.schema === 'absent' ||
  standing.schema === 'of the role' ||
  standing.roleCreatesTables ||
  handedOver(standing).length > 0

/** Names of tables, '' for the schema. */
const handedOver = ({
  schema,
  roleCreates,
  roleCreatesTables,
  ofLogin,
}: Standing): readonly string[] => {
  if (schema === 'of the login') return roleCreates ? ['', ...ofLogin] : []
  return schema === 'of the role' || roleCreatesTables ? ofLogin : []
}
