// The text of a DO block, which the parser hands over as a literal.

import type { Node } from 'libpg-query'

/** Undefined for every other statement. */
export const doBody = (node: Node): string | undefined => {
  if (!('DoStmt' in node)) return undefined
  for (const option of node.DoStmt.args ?? []) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'as') continue
    const { arg } = option.DefElem
    return arg !== undefined && 'String' in arg ? (arg.String.sval ?? '') : ''
  }
  return ''
}
