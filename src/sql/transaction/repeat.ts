// A statement without a transaction that may have run, or not: does a repetition do no harm, or what in the catalog tells?

import type { Node } from 'libpg-query'
import { transactionNeed } from './transaction-need.ts'

export type Evidence =
  /** To run it again does what running it once does. */
  | { readonly kind: 'repeatable' }
  | {
      readonly kind: 'existence'
      readonly catalog: 'pg_database' | 'pg_tablespace' | 'pg_subscription'
      readonly column: string
      readonly name: string
      readonly doneWhen: 'there' | 'gone'
    }
  | { readonly kind: 'none'; readonly statement: string }

const repeatable: Evidence = { kind: 'repeatable' }

type Existence = Extract<Evidence, { kind: 'existence' }>

const existence = (
  catalog: Existence['catalog'],
  column: string,
  doneWhen: Existence['doneWhen'],
  name = '',
): Evidence => ({ kind: 'existence', catalog, column, name, doneWhen })

const repeatables = [
  ...(['VacuumStmt', 'ClusterStmt', 'ReindexStmt', 'DiscardStmt', 'AlterSystemStmt'] as const),
  ...(['AlterDatabaseStmt', 'AlterSubscriptionStmt', 'IndexStmt', 'DropStmt'] as const),
  'AlterTableStmt' as const,
]

export const evidenceOf = (node: Node): Evidence => {
  if ('CreatedbStmt' in node)
    return existence('pg_database', 'datname', 'there', node.CreatedbStmt.dbname)
  if ('DropdbStmt' in node)
    return existence('pg_database', 'datname', 'gone', node.DropdbStmt.dbname)
  if ('CreateTableSpaceStmt' in node)
    return existence('pg_tablespace', 'spcname', 'there', node.CreateTableSpaceStmt.tablespacename)
  if ('DropTableSpaceStmt' in node)
    return existence('pg_tablespace', 'spcname', 'gone', node.DropTableSpaceStmt.tablespacename)
  if ('CreateSubscriptionStmt' in node)
    return existence('pg_subscription', 'subname', 'there', node.CreateSubscriptionStmt.subname)
  if ('DropSubscriptionStmt' in node)
    return existence('pg_subscription', 'subname', 'gone', node.DropSubscriptionStmt.subname)
  if (repeatables.some((kind) => kind in node)) return repeatable
  const need = transactionNeed(node)
  return {
    kind: 'none',
    statement:
      'CallStmt' in node ? 'CALL' : need.kind === 'no transaction' ? need.statement : 'a statement',
  }
}
