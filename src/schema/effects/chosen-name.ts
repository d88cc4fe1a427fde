// The name that PostgreSQL chooses for a constraint, index or sequence without one: table_columns_suffix, shortened to 63
// bytes and numbered when it is taken (makeObjectName, ChooseRelationName and ChooseConstraintName in the sources).

import type { RelationName } from './effect.ts'
import type { NameSpace, Scope } from './scope.ts'

const longest = 63

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
    const name = makeName(relation.name, columns.join('_'), `${suffix}${pass === 0 ? '' : pass}`)
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
const makeName = (table: string, columns: string, suffix: string): string => {
  let first = Buffer.byteLength(table)
  let second = Buffer.byteLength(columns)
  const room = longest - Buffer.byteLength(suffix) - 1 - (columns === '' ? 0 : 1)
  while (first + second > room) {
    if (first > second) first--
    else second--
  }
  return [clip(table, first), ...(columns === '' ? [] : [clip(columns, second)]), suffix].join('_')
}

/** At most so many bytes, in whole characters. */
export const clip = (name: string, bytes: number): string => {
  let clipped = ''
  for (const character of name) {
    if (Buffer.byteLength(clipped + character) > bytes) break
    clipped += character
  }
  return clipped
}

/** As two columns of one index may not have one name, the server numbers them. */
export const distinctNames = (names: readonly string[]): readonly string[] => {
  const found: string[] = []
  for (const name of names) {
    let distinct = name
    for (let number = 1; found.includes(distinct); number++)
      distinct = `${clip(name, longest - String(number).length)}${number}`
    found.push(distinct)
  }
  return found
}
