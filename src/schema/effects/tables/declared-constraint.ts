// The constraints of a table or a column in the order in which the server makes, and so names, them.
// https://www.postgresql.org/docs/current/sql-createtable.html; the order is transformCreateStmt's in the sources.

import { withAttributes, type Constraint } from './constraint.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

/** A constraint as it is in the text: behind a column, or by itself. */
export type Declared = { readonly constraint: Constraint; readonly column: string | undefined }

type ConstraintNodes = Parameters<typeof withAttributes>[0]

export const declaredBehind = (column: string, nodes: ConstraintNodes): readonly Declared[] =>
  withAttributes(nodes).map((constraint) => ({ constraint, column }))

const order = ['CONSTR_CHECK', 'CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_FOREIGN']

const rankOf = ({ constraint: { contype } }: Declared): number =>
  order.indexOf(contype === 'CONSTR_EXCLUSION' ? 'CONSTR_UNIQUE' : (contype ?? ''))

/** Checks first, then the keys with the primary key before the others, then foreign keys. */
export const inServerOrder = (declared: readonly Declared[]): readonly Declared[] =>
  [...declared].sort((a, b) => rankOf(a) - rankOf(b)).reduce(withoutRedundantKey, [])

// PRIMARY KEY UNIQUE makes one index, under the first name that is given.
const withoutRedundantKey = (kept: readonly Declared[], next: Declared): readonly Declared[] => {
  const key = keyOf(next)
  const prior = key === undefined ? undefined : kept.find((each) => keyOf(each) === key)
  if (prior === undefined) return [...kept, next]
  const conname = prior.constraint.conname ?? next.constraint.conname
  if (conname === undefined) return kept
  const named = { ...prior, constraint: { ...prior.constraint, conname } }
  return kept.map((each) => (each === prior ? named : each))
}

const keyOf = ({ constraint, column }: Declared): string | undefined => {
  const { contype, indexname, keys, including, nulls_not_distinct, deferrable } = constraint
  const isKey = contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE'
  if (!isKey || indexname !== undefined) return undefined
  return JSON.stringify([
    column === undefined ? stringsOf(keys) : [column],
    stringsOf(including),
    nulls_not_distinct === true,
    deferrable === true,
    constraint.initdeferred === true,
    constraint.without_overlaps === true,
  ])
}
