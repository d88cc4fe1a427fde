// The name that PostgreSQL chooses for a constraint or index without one: table_columns_suffix, shortened to 63 bytes and
// numbered when it is taken (makeObjectName and ChooseRelationName in the sources).

import type { RelationName } from './effect.ts'
import type { Scope } from './scope.ts'

const longest = 63

export const chooseName = (
  scope: Scope,
  relation: RelationName,
  columns: readonly string[],
  suffix: string,
): string => {
  for (let pass = 0; ; pass++) {
    const name = makeName(relation.name, columns.join('_'), `${suffix}${pass === 0 ? '' : pass}`)
    if (scope.chosen.has(name) || scope.isTaken(relation, name)) continue
    scope.chosen.add(name)
    return name
  }
}

// The longer of the two is shortened first, byte by byte.
const makeName = (table: string, columns: string, suffix: string): string => {
  let first = table
  let second = columns
  const room = longest - Buffer.byteLength(suffix) - 1 - (columns === '' ? 0 : 1)
  while (Buffer.byteLength(first) + Buffer.byteLength(second) > room) {
    if (first.length > second.length) first = first.slice(0, -1)
    else second = second.slice(0, -1)
  }
  return [first, ...(second === '' ? [] : [second]), suffix].join('_')
}
