// May the table be scanned by this key? Only by a unique index of just its columns: each batch is then found where the one
// before it ended, whatever happens to the table meanwhile. Pure.

import { quoteName } from '../../../errors/define.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { ColumnFacts, IndexFacts, Key, TableFacts } from './facts.ts'

export type CheckedKey =
  | { readonly kind: 'usable'; readonly key: Key }
  | {
      readonly kind: 'missing column'
      readonly column: string
      readonly nearest: string | undefined
    }
  | { readonly kind: 'unusable'; readonly reason: string; readonly cure: string }

export const checkKey = (
  names: readonly string[],
  table: string,
  facts: TableFacts,
): CheckedKey => {
  const { columns, indexes } = facts
  const key: ColumnFacts[] = []
  for (const name of names) {
    const column = columns.find((each) => each.name === name)
    if (column === undefined) {
      const known = columns.map((each) => each.name)
      return { kind: 'missing column', column: name, nearest: nearest(name, known) }
    }
    key.push(column)
  }
  const nullable = key.find((column) => column.nullable)
  if (nullable !== undefined)
    return {
      kind: 'unusable',
      reason: `${nullable.name} may be NULL, and no comparison finds such a row`,
      cure: `Walk by a key without it${goodKeyOf(facts)}, or make it NOT NULL in a migration.`,
    }
  const over = indexes.filter((index) => startsWith(index.columns, names))
  const objections = over.map((index) => ({ index, reason: objectionTo(index, names) }))
  if (objections.some(({ reason }) => reason === undefined)) return { kind: 'usable', key }
  // The one that lacks least is last.
  const partial =
    objections.find(({ index }) => index.columns.length === names.length) ?? objections[0]
  return {
    kind: 'unusable',
    reason: partial?.reason ?? `no index starts with ${names.map(quoteName).join(', ')}`,
    cure: `Walk by the columns of a unique index${goodKeyOf(facts)}, or build one: ${indexFor(table, names)}`,
  }
}

const startsWith = (columns: readonly string[], names: readonly string[]): boolean =>
  names.every((name, at) => columns[at] === name)

const objectionTo = (
  { name, valid, unique, partial, ordered, columns }: IndexFacts,
  names: readonly string[],
): string | undefined => {
  const further = columns.slice(names.length)
  if (further.length > 0)
    return `the index ${name} has further columns (${further.map((each) => each || 'an expression').join(', ')})`
  if (!valid) return `the index ${name} is INVALID`
  if (partial) return `the index ${name} covers a part of the rows only`
  if (!unique) return `the index ${name} is not unique`
  return ordered
    ? undefined
    : `the index ${name} has another order than the comparison of its columns`
}

// The first index that would do, to be named in the cure.
const goodKeyOf = ({ columns, indexes }: TableFacts): string => {
  const required = columns.filter(({ nullable }) => !nullable).map(({ name }) => name)
  const good = indexes.find(
    (index) =>
      index.columns.every((column) => required.includes(column)) &&
      objectionTo(index, index.columns) === undefined,
  )
  return good === undefined ? '' : ` (${good.name}: ${good.columns.map(quoteName).join(', ')})`
}

const indexFor = (table: string, names: readonly string[]): string =>
  `CREATE UNIQUE INDEX CONCURRENTLY ON ${table} (${names.map(quoteName).join(', ')});`
