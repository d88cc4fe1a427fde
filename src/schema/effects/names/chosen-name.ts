// The name that PostgreSQL chooses for a constraint, index or sequence without one: table_columns_suffix, shortened to 63
// bytes and numbered when it is taken (makeObjectName, ChooseRelationName and ChooseConstraintName in the sources).

import { bytesIn, clip, longestName, type Naming } from '../../../sql/tree/naming.ts'
import type { RelationName } from '../effect.ts'
import type { NameSpace, Scope } from '../scope.ts'

// Keys have an index, so their names must be free among relations too; names of constraints are never taken twice in a
// schema when the server chooses, whatever the table.
const spaces = {
  pkey: ['relation', 'constraint'],
  key: ['relation', 'constraint'],
  excl: ['relation', 'constraint'],
  check: ['constraint'],
  fkey: ['constraint'],
  idx: ['relation'],
  seq: ['relation'],
} as const satisfies Readonly<Record<string, readonly NameSpace[]>>

export type Suffix = keyof typeof spaces

export const chooseName = (
  scope: Scope,
  relation: RelationName,
  columns: readonly string[],
  suffix: Suffix,
): string => {
  for (let pass = 0; ; pass++) {
    const last = `${suffix}${pass === 0 ? '' : pass}`
    const name = makeName(relation.name, columns.join('_'), last, scope.naming)
    const isTaken = spaces[suffix].some(
      (space) => scope.chosen.has(`${space} ${name}`) || scope.isTaken(relation, name, space),
    )
    if (isTaken) continue
    takeName(scope, name, suffix)
    return name
  }
}

/** A name that the statement itself gives, so that the server chooses another one for what comes behind it. */
export const takeName = (scope: Scope, name: string, suffix: Suffix): void => {
  for (const space of spaces[suffix]) scope.chosen.add(`${space} ${name}`)
}

// The longer of the two is shortened first, byte by byte; then no character is left in two.
const makeName = (table: string, columns: string, suffix: string, naming: Naming): string => {
  let first = bytesIn(table, naming)
  let second = bytesIn(columns, naming)
  const room = longestName - suffix.length - 1 - (columns === '' ? 0 : 1)
  while (first + second > room) {
    if (first > second) first--
    else second--
  }
  return [
    clip(table, first, naming),
    ...(columns === '' ? [] : [clip(columns, second, naming)]),
    suffix,
  ].join('_')
}

/** As two columns of one index may not have one name, the server numbers them. */
export const distinctNames = (names: readonly string[], naming: Naming): readonly string[] => {
  const found: string[] = []
  for (const name of names) {
    let distinct = name
    for (let number = 1; found.includes(distinct); number++)
      distinct = `${clip(name, longestName - String(number).length, naming)}${number}`
    found.push(distinct)
  }
  return found
}
