// goose: a row for each time that a migration went up or down; of each version, the last counts.

import type { Claim, ToolLedger } from '../tool-ledger.ts'

export const goose: ToolLedger = {
  dialect: 'goose',
  table: 'goose_db_version',
  columns: { id: 'number', version_id: 'number', is_applied: 'yes or no' },
  orderBy: 'id',
  claims: (rows) => {
    const last = new Map(rows.map((row) => [row['version_id'] ?? '', row['is_applied'] === 'true']))
    return [...last].flatMap(([version, isApplied]): readonly Claim[] =>
      // Its own first row.
      isApplied && version !== '0' ? [{ version, state: 'applied' }] : [],
    )
  },
  // Of its library, where a program asks for it.
  lock: () => 4_097_083_626n,
  write: (table, { version }) => [
    `INSERT INTO ${table} (version_id, is_applied) SELECT ${version}, true
      WHERE (SELECT is_applied FROM ${table} WHERE version_id = ${version} ORDER BY id DESC LIMIT 1) IS NOT TRUE`,
  ],
}
