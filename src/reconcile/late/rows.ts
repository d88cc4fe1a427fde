// Rows: what one operation writes and another reads or writes as well, and what watches over the rows that another writes. Pure.

import { describeObject, type Effect, type RelationName } from '../../schema/effects/effect.ts'
import type { WrittenName } from '../../schema/effects/names/names-in.ts'
import type { RowWrite } from '../../schema/effects/rows/row-work.ts'
import { hasStar } from '../../schema/effects/names/columns-in.ts'
import type { Operation } from './operations.ts'
import { isIt } from './names.ts'

export const rowConflict = (a: Operation, b: Operation): string | undefined =>
  writeConflict(a, b) ?? isRead(a, b) ?? isRead(b, a) ?? isWatched(a, b) ?? isWatched(b, a)

type Named = { readonly operation: Operation; readonly relation: WrittenName }

const isSameTable = (a: Named, b: Named): boolean => {
  if (a.relation.schema !== undefined)
    return isIt(b.operation, b.relation, { ...a.relation, schema: a.relation.schema })
  if (b.relation.schema !== undefined) return isSameTable(b, a)
  return (
    a.relation.name === b.relation.name &&
    (a.operation.path?.some((schema) => b.operation.path?.includes(schema) ?? true) ?? true)
  )
}

const rowsOf = ({ schema = 'public', name }: WrittenName): string =>
  `rows of ${describeObject({ kind: 'table', schema, table: '', name })}`

const writeConflict = (a: Operation, b: Operation): string | undefined => {
  const met = a.rows.writes.find((one) =>
    b.rows.writes.some(
      (other) =>
        isSameTable(
          { operation: a, relation: one.relation },
          { operation: b, relation: other.relation },
        ) &&
        !areApart(one, other) &&
        (depend(one, other, b) || depend(other, one, a)),
    ),
  )
  return met && rowsOf(met.relation)
}

// Does the first change which rows the other means, or what it finds in them?
const depend = (one: RowWrite, other: RowWrite, operation: Operation): boolean => {
  if (one.how === 'insert')
    return other.how === 'insert' ? (one.conflict ?? other.conflict) !== undefined : true
  if (one.how === 'delete') return false
  return other.how !== 'insert' && (one.columns ?? []).some((column) => operation.names.has(column))
}

/** They write other rows, for certain. */
const areApart = (a: RowWrite, b: RowWrite): boolean => {
  const set = [a, b].flatMap(({ how, columns }) => (how === 'update' ? (columns ?? []) : []))
  const differs = (column: string): boolean => {
    const [one, other] = [a.fixed.get(column), b.fixed.get(column)]
    if (one === undefined || other === undefined || set.includes(column)) return false
    return [...one].every((value) => !other.has(value))
  }
  const shared = [...a.fixed.keys()].filter((column) => b.fixed.has(column))
  if (a.how !== 'insert' || b.how !== 'insert') return shared.some(differs)
  // Rows of INSERT are the same row where a unique key is: that of ON CONFLICT, or any.
  const keys = [...(a.conflict ?? []), ...(b.conflict ?? [])]
  return keys.length > 0 ? keys.some(differs) : shared.length > 0 && shared.every(differs)
}

/** Does one read what the other writes? */
const isRead = (reader: Operation, writer: Operation): string | undefined => {
  const met = writer.rows.writes.find(
    ({ how, columns, relation }) =>
      reader.rows.reads.some((read) =>
        isSameTable({ operation: reader, relation: read }, { operation: writer, relation }),
      ) &&
      (how !== 'update' ||
        hasStar(reader.node) ||
        (columns ?? []).some((column) => reader.names.has(column))),
  )
  return met && rowsOf(met.relation)
}

/** Does one put a constraint, trigger, rule, default or partition on the table of the other's rows? */
const isWatched = (writer: Operation, watcher: Operation): string | undefined => {
  for (const write of writer.rows.writes) {
    const isTable = (table: RelationName): boolean => isIt(writer, write.relation, table)
    const effect = watcher.effects.find((each) => watches(each, write, watcher, isTable))
    if (effect !== undefined) return describeObject(effect.object)
    const { node } = watcher
    if (node === undefined || !('RuleStmt' in node)) continue
    const { relation, rulename = '' } = node.RuleStmt
    const { schemaname: schema, relname: name = '' } = relation ?? {}
    const named = { operation: watcher, relation: { schema, name } }
    if (isSameTable(named, { operation: writer, relation: write.relation }))
      return `rule ${rulename} on ${name}`
  }
  return undefined
}

const watches = (
  effect: Effect,
  { how, columns }: RowWrite,
  watcher: Operation,
  isTable: (table: RelationName) => boolean,
): boolean => {
  const { kind, object } = effect
  const owner = { schema: object.schema, name: object.table }
  const sets = (names: ReadonlySet<string>): boolean =>
    how === 'insert' || (how === 'update' && (columns ?? []).some((column) => names.has(column)))
  switch (object.kind) {
    case 'trigger':
      return isTable(owner)
    case 'constraint':
      // That of a new column holds for what the column begins with.
      if (kind === 'create' && effect.inside?.kind === 'column') return false
      return kind !== 'rename' && isTable(owner) && sets(watcher.names)
    case 'column':
      if (kind !== 'alter' || !isTable(owner)) return false
      if (effect.properties.nullability !== undefined) return sets(new Set([object.name]))
      return (
        effect.properties.default !== undefined &&
        how === 'insert' &&
        columns?.includes(object.name) !== true
      )
    case 'index': {
      const { node } = watcher
      const isUnique = node !== undefined && 'IndexStmt' in node && node.IndexStmt.unique === true
      const on = kind === 'create' && isUnique ? effect.on : undefined
      return on !== undefined && isTable(on) && sets(watcher.names)
    }
    case 'table':
      return kind === 'create' && effect.on !== undefined && isTable(effect.on)
    default:
      return false
  }
}
