// Whose ledger is it? A schema or a table that somebody else has made, or has put something on, would run their code with our
// rights: a trigger or a rule when we write, a view or the expression of an index already when we read. So there is a guard in
// front of what reads the ledger, in the same message: it raises when anything is not as we make it, and the server does not come
// to what follows. Who owns schema and table could change them between the two: that is why the owner counts before all else.

import type { Config } from '../../config/config.ts'
import { literal } from '../literal.ts'
import { reading } from '../own-sql.ts'
import { maySetRole } from '../server/server.ts'
import { rowsOf, type Session } from '../session/session.ts'
import { fenceStates, raising } from '../session/fence-states.ts'
import { fail } from '../../errors/problem.ts'
import { flaws, type Flaw } from './flaws.ts'

/** Where the ledger is, and who may own it beside the login role and superusers. */
export type LedgerAt = Pick<Config, 'ledgerSchema' | 'migrationRole'>

export const migrationTables: readonly string[] = ['schema_migrations']
export const backfillTables: readonly string[] = ['backfills', 'backfill_skipped', 'backfill_ahead']
export const objectTables: readonly string[] = ['schema_objects']

/** All that we may have made beside each other in one schema. */
export const ownTables: readonly string[] = [...migrationTables, ...backfillTables, ...objectTables]

/**
 * Statements that yield no row, and raise `ledgerForeign` when the schema or one of the tables is there and not to be trusted.
 * Must follow ownPath, and precede what reads the ledger: for a login that has nothing of MIGRATION_ROLE's unless it puts that
 * on, and has not been granted anything yet, they put it on for the rest of the transaction.
 */
export const refuseForeign = (at: LedgerAt, tables = migrationTables): string =>
  [refuse(at, tables, flaws(at.migrationRole)), ...asOwner(at)].join(';\n')

const asOwner = ({ ledgerSchema, migrationRole }: LedgerAt): readonly string[] =>
  migrationRole === undefined
    ? []
    : [
        `SELECT FROM (SELECT pg_catalog.set_config('role', ${literal(migrationRole)}, true) AS role FROM pg_catalog.pg_namespace n
    WHERE n.nspname = ${literal(ledgerSchema)} AND pg_catalog.pg_get_userbyid(n.nspowner) = ${literal(migrationRole)}
      AND NOT pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE') AND ${maySetRole('n.nspowner')} OFFSET 0) s WHERE s.role IS NULL`,
      ]

/** The same of what can be put on the ledger under harmless locks: after a look at the locks it is in each message. */
export const refuseUnlocked = (at: LedgerAt): string =>
  refuse(
    at,
    migrationTables,
    flaws(at.migrationRole).filter(({ isUnlocked }) => isUnlocked),
  )

const refuse = (at: LedgerAt, tables: readonly string[], among: readonly Flaw[]): string =>
  `SELECT ${raising(fenceStates.ledgerForeign)} FROM ${tablesOf(at, tables)}
  AND (${among.map(conditionOf).join('\n  OR ')}) LIMIT 1`

/** What refuseForeign() has met, as a problem. Throws `ledger-not-ours`. */
export const failForeign = async (
  session: Session,
  at: LedgerAt,
  tables = migrationTables,
): Promise<never> => {
  const queries = flaws(at.migrationRole).map(
    (flaw) => `${tellingOf(flaw)} FROM ${tablesOf(at, tables)} AND ${conditionOf(flaw)}`,
  )
  const rows = rowsOf(session, await session.send(reading(queries.join('\nUNION ALL '))))
  return fail('ledger-not-ours', {
    ledger: `${at.ledgerSchema}.${tables[0] ?? ''}`,
    user: session.endpoint.user,
    flaws: rows.map((row) => ({ what: String(row['what']), cure: String(row['cure']) })),
  })
}

const tablesOf = ({ ledgerSchema }: LedgerAt, tables: readonly string[]): string =>
  `pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname IN (${tables.map(literal).join(', ')})
  WHERE n.nspname = ${literal(ledgerSchema)}`

// Not EXISTS, for which the server would make two plans.
const conditionOf = ({ gate, from }: Flaw): string =>
  [gate, ...(from === undefined ? [] : [`(SELECT true FROM ${from} LIMIT 1)`])]
    .filter((each) => each !== undefined)
    .join(' AND ')

const tellingOf = ({ from, what, cure }: Flaw): string => {
  const first = (expression: string): string =>
    from === undefined ? expression : `(SELECT ${expression} FROM ${from} LIMIT 1)`
  return `SELECT ${first(`pg_catalog.format(${what})`)} AS what, ${first(`pg_catalog.format(${cure})`)} AS cure`
}
