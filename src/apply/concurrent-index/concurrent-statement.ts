// The statements that PostgreSQL runs beside the work of others, and that leave something behind when they are cut off. Read
// from the parse tree and the effects; nothing here asks the database.

import type { RelationName } from '../../schema/effects/effect.ts'
import type { ReadStatement } from '../../schema/history/history.ts'
import { identifier } from '../../database/literal.ts'

export type ConcurrentStatement =
  | {
      readonly kind: 'build'
      readonly index: RelationName
      readonly table: RelationName
      /** With the index's name, also where the file leaves it to the server: a second run must not make a second one. */
      readonly sql: string
    }
  | { readonly kind: 'drop'; readonly index: RelationName; readonly sql: string }
  /** `subject` is the table or index, as SQL. */
  | { readonly kind: 'rebuild'; readonly subject: string; readonly sql: string }
  | {
      readonly kind: 'detach'
      readonly parent: string
      readonly partition: string
      readonly sql: string
    }

/** Undefined for a statement that is not to be managed. `sql` is its text. */
export const concurrentStatementOf = (
  { node, effects }: Pick<ReadStatement, 'node' | 'effects'>,
  sql: string,
): ConcurrentStatement | undefined => {
  if ('IndexStmt' in node && node.IndexStmt.concurrent === true) {
    const made = effects.find(({ kind, object }) => kind === 'create' && object.kind === 'index')
    if (made?.kind !== 'create' || made.on === undefined) return undefined
    const { object, on: table } = made
    return {
      kind: 'build',
      index: { schema: object.schema, name: object.name },
      table,
      sql: node.IndexStmt.idxname === undefined ? named(sql, object.name) : sql,
    }
  }
  if ('DropStmt' in node && node.DropStmt.concurrent === true) {
    const dropped = effects.find(({ kind, object }) => kind === 'drop' && object.kind === 'index')
    return dropped && { kind: 'drop', index: dropped.object, sql }
  }
  if ('ReindexStmt' in node) {
    const { relation, kind, params = [] } = node.ReindexStmt
    const isConcurrent = params.some(
      (param) => 'DefElem' in param && param.DefElem.defname === 'concurrently',
    )
    const isOne = kind === 'REINDEX_OBJECT_INDEX' || kind === 'REINDEX_OBJECT_TABLE'
    return isConcurrent && isOne && relation !== undefined
      ? { kind: 'rebuild', subject: sqlName(relation), sql }
      : undefined
  }
  return detachOf(node, sql)
}

type Relation = { readonly schemaname?: string; readonly relname?: string }

const sqlName = ({ schemaname, relname = '' }: Relation): string =>
  `${schemaname === undefined ? '' : `${identifier(schemaname)}.`}${identifier(relname)}`

const detachOf = (node: ReadStatement['node'], sql: string): ConcurrentStatement | undefined => {
  if (!('AlterTableStmt' in node)) return undefined
  const { relation, cmds = [] } = node.AlterTableStmt
  const [command, ...more] = cmds
  if (command === undefined || more.length > 0 || !('AlterTableCmd' in command)) return undefined
  const { def } = command.AlterTableCmd
  if (def === undefined || !('PartitionCmd' in def) || def.PartitionCmd.concurrent !== true)
    return undefined
  const { name } = def.PartitionCmd
  return relation === undefined || name === undefined
    ? undefined
    : { kind: 'detach', parent: sqlName(relation), partition: sqlName(name), sql }
}

/**
 * The index of a partitioned table alone, which is invalid until those of its partitions are attached. Undefined where the file
 * wants no more than that (ON ONLY), or its text cannot be taken apart.
 */
export const ofParentOnly = (sql: string): string | undefined => {
  const head =
    /^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+)CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?("(?:[^"]|"")*"|[^\s"]+)\s+ON\s+(?!\s|ONLY\s)/i
  return head.test(sql) ? sql.replace(head, '$1IF NOT EXISTS $2 ON ONLY ') : undefined
}

const named = (sql: string, name: string): string =>
  sql.replace(
    /^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+)(?=ON\b)/i,
    (start) => `${start}${identifier(name)} `,
  )
