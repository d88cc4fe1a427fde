// A contract of what a database has. Everything is in the order of its name, so that two snapshots differ only where the
// databases do, and changes of two people merge. Pure.

import type { ColumnContract, Contract, TableContract } from '../contract.ts'
import type { ColumnFacts, Facts, RelationFacts } from '../facts.ts'

export type SnapshotOf = {
  readonly service: string
  readonly tables: readonly string[]
  readonly views: readonly string[]
  readonly enums: readonly string[]
  readonly extensions: readonly string[]
  /** With their argument types. */
  readonly functions: readonly FunctionOf[]
}

type FunctionOf = { readonly signature: string; readonly returns: string | undefined }

/** Names that the facts do not have are left out. */
export const snapshot = (
  { service, tables, views, enums, extensions, functions }: SnapshotOf,
  facts: Facts,
): Contract => {
  const relations = (names: readonly string[]): readonly (readonly [string, RelationFacts])[] =>
    sorted(names).flatMap((name) => {
      const found = facts.relations.get(name)
      return found === undefined ? [] : [[name, found] as const]
    })
  return {
    service,
    ...some(
      'tables',
      relations(tables).map(([name, found]) => [name, tableOf(found)]),
    ),
    ...some(
      'views',
      relations(views).map(([name, found]) => [name, viewOf(found)]),
    ),
    ...some(
      'enums',
      sorted(enums).map((name) => [name, facts.enums.get(name)?.labels ?? []]),
    ),
    ...(extensions.length === 0 ? {} : { extensions: sorted(extensions) }),
    ...some(
      'functions',
      [...functions]
        .sort((a, b) => compare(a.signature, b.signature))
        .map(({ signature, returns }) => [signature, returns === undefined ? {} : { returns }]),
    ),
  }
}

const some = (
  member: string,
  entries: readonly (readonly [string, unknown])[],
): Readonly<Record<string, unknown>> =>
  entries.length === 0 ? {} : { [member]: Object.fromEntries(entries) }

const tableOf = ({ columns, indexes, constraints }: RelationFacts): TableContract => ({
  ...some(
    'columns',
    byName(columns).map(([name, column]) => [name, columnOf(column)]),
  ),
  ...some(
    'indexes',
    byName(indexes).map(([name, { definition, unique }]) => [
      name,
      { ...(definition === undefined ? {} : { definition }), ...(unique ? { unique } : {}) },
    ]),
  ),
  ...some(
    'constraints',
    byName(constraints).map(([name, { definition, validated }]) => [
      name,
      { ...(definition === undefined ? {} : { definition }), ...(validated ? {} : { validated }) },
    ]),
  ),
})

const viewOf = ({ columns }: RelationFacts): TableContract =>
  some(
    'columns',
    byName(columns).map(([name, { type }]) => [name, type === undefined ? {} : { type }]),
  )

const columnOf = (column: ColumnFacts): ColumnContract => ({
  ...(column.type === undefined ? {} : { type: column.type }),
  ...(column.nullable === undefined ? {} : { nullable: column.nullable }),
  ...defaultOf(column),
})

// The name of a sequence is nobody's business: that something fills the column is.
const defaultOf = ({ filledBy, default: sql }: ColumnFacts): Pick<ColumnContract, 'default'> => {
  if (filledBy === undefined || filledBy === 'nothing') return {}
  // DEFAULT NULL is what every column has.
  if (sql?.startsWith('NULL::') === true) return {}
  return { default: sql === undefined || sql.startsWith('nextval(') ? true : sql }
}

const byName = <Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] =>
  [...map].sort(([a], [b]) => compare(a, b))

const sorted = (names: readonly string[]): readonly string[] => [...names].sort(compare)

// By code unit: a locale would order differently on another machine.
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
