// Does the text say which columns and constraints a table has? Not of one that is made like another, of a query, of a type, or of a
// parent.

import type { Node } from 'libpg-query'
import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'

export const knowsColumnsOf = (history: History): ((table: ObjectName) => boolean) => {
  const known = new Set(
    history.timelines
      .filter(({ property, changes }) => {
        const made = changes.findLast(({ how }) => how === 'create' || how === 'replace')
        const node = made && history.migrations[made.at]?.statements?.[made.statement]?.node
        return property === 'existence' && node !== undefined && saysColumns(node)
      })
      .map(({ object }) => objectKey(object)),
  )
  return (table) => known.has(objectKey(table))
}

const saysColumns = (node: Node): boolean => {
  if (!('CreateStmt' in node)) return false
  const { inhRelations = [], ofTypename, tableElts = [] } = node.CreateStmt
  return (
    inhRelations.length === 0 &&
    ofTypename === undefined &&
    !tableElts.some((element) => 'TableLikeClause' in element)
  )
}
