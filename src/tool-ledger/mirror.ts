// The row that another tool would have written, in the same transaction: a forgotten runner of it finds nothing to do, its status
// stays true, and whoever leaves the gate finds its ledger as if the tool had run everything.

import { literal, dollarQuoted, identifier } from '../database/literal.ts'
import { fenceStates, raise } from '../database/session/fence-states.ts'
import type { Migration } from '../migrations/migration.ts'
import { obstacle, quotedTable, shownTable, type FoundLedger } from './find.ts'
import { takeLockRow } from './lock-row.ts'
import { lockKeyOfTool } from './read.ts'

export type Mirror = {
  readonly tool: string
  readonly found: FoundLedger
  /** What names of files in it begin with. */
  readonly base: string | undefined
  /** Files that its number would stand for, although they have not run: it is already that of a later one. */
  readonly implied: ReadonlySet<string>
  /** MIGRATION_ROLE, where it is set. */
  readonly role: string | undefined
}

/** `in this transaction`: it ends with them. `before`: statement by statement. */
type Ran = 'in this transaction' | 'before'

/**
 * One statement, behind ownPath: all of the rows, or none where a file has dropped the table. Raises `toolBusy` where the tool is at
 * work, `toolLedgerForeign` where a row would run somebody's code, and `toolHasRun` where the tool was faster with a file that ran
 * in this transaction, which takes it back.
 */
export const mirrorRows = (
  { tool, found, base, implied, role }: Mirror,
  migrations: readonly Migration[],
  ran: Ran,
): readonly string[] => {
  if (migrations.length === 0) return []
  const table = quotedTable(found)
  const about = literal(JSON.stringify({ tool, table: shownTable(found) }))
  const key = lockKeyOfTool(found)
  const isRole = found.writer === 'role' && role !== undefined
  const body = [
    `IF pg_catalog.to_regclass(${literal(table)}) IS NULL THEN RETURN; END IF;`,
    ...(key === undefined
      ? []
      : [
          `IF NOT pg_catalog.pg_try_advisory_xact_lock(${key}) THEN ${raise(fenceStates.toolBusy, about)} END IF;`,
        ]),
    ...(isRole ? [`SET LOCAL ROLE ${identifier(role)};`] : []),
    ...takeLockRow(found, about),
    ...[table, ...besideOf(found)].map((each) => `LOCK TABLE ONLY ${each} IN ROW EXCLUSIVE MODE;`),
    ...[table, ...besideOf(found)].map(
      (each) => `IF (SELECT c.relkind <> 'r' OR ${obstacle} IS NOT NULL FROM pg_catalog.pg_class c
      WHERE c.oid = pg_catalog.to_regclass(${literal(each)})) THEN ${raise(fenceStates.toolLedgerForeign, about)} END IF;`,
    ),
    ...migrations.flatMap((migration) => {
      const statements = found.ledger.write(table, migration, base)
      // What runs when it has changed may run twice.
      return ran === 'before' || migration.runs !== undefined || implied.has(migration.version)
        ? statements.map((statement) => `${statement};`)
        : [
            'written := 0;',
            ...statements.map(
              (statement) =>
                `${statement}; GET DIAGNOSTICS rows = ROW_COUNT; written := written + rows;`,
            ),
            `IF written = 0 THEN ${raise(fenceStates.toolHasRun, about)} END IF;`,
          ]
    }),
    ...(isRole ? ['RESET ROLE;'] : []),
  ]
  const declared = 'DECLARE rows pg_catalog.int8; written pg_catalog.int8;'
  return [`DO ${dollarQuoted(`${declared} BEGIN ${body.join('\n')} END`)}`]
}

const besideOf = ({ ledger, schema }: FoundLedger): readonly string[] =>
  (ledger.beside ?? []).map((name) => `${identifier(schema)}.${identifier(name)}`)
