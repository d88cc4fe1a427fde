// A tool's lock that is a row: what the tool marks as `locked` stays so when it is killed, and is for its own command to release.

import { identifier, literal } from '../database/literal.ts'
import { fenceStates, raise } from '../database/session/fence-states.ts'
import { obstacle, type FoundLedger } from './find.ts'

/**
 * Statements in PL/pgSQL that raise `toolBusy` where the tool holds it, and hold it until the transaction ends: the tool waits for the
 * row. Where the table is none that the tool has made, `toolLedgerForeign`. `about` is a literal.
 */
export const takeLockRow = ({ ledger, schema }: FoundLedger, about: string): readonly string[] => {
  if (ledger.lockTable === undefined) return []
  const table = `${identifier(schema)}.${identifier(ledger.lockTable)}`
  const name = literal(table)
  const may = (privilege: string): string =>
    `pg_catalog.has_table_privilege(${name}, '${privilege}')`
  return [
    `IF pg_catalog.to_regclass(${name}) IS NOT NULL AND ${may('SELECT')} THEN`,
    `IF (SELECT c.relkind <> 'r' OR pg_catalog.row_security_active(c.oid) OR ${obstacle} IS NOT NULL FROM pg_catalog.pg_class c
      WHERE c.oid = pg_catalog.to_regclass(${name})) THEN ${raise(fenceStates.toolLedgerForeign, about)} END IF;`,
    `IF EXISTS (SELECT FROM ONLY ${table} WHERE locked) THEN ${raise(fenceStates.toolBusy, about)} END IF;`,
    `IF ${may('UPDATE')} THEN`,
    // Whoever holds the row is about to mark it.
    `PERFORM FROM ONLY ${table} WHERE NOT locked FOR UPDATE SKIP LOCKED;`,
    `IF NOT FOUND AND EXISTS (SELECT FROM ONLY ${table}) THEN ${raise(fenceStates.toolBusy, about)} END IF;`,
    'END IF;',
    'END IF;',
  ]
}
