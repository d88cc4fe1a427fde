// Statements that run a text of their own, or a function, in which the parser sees nothing: what precedes them in a file may
// be renamed, altered or gone behind them.

import type { Node } from 'libpg-query'
import { callsOf } from '../tree/tree.ts'
import { doBody } from '../tree/do-body.ts'

// Too many words do no harm: what may be undone is only not compared.
const changes = /\b(?:alter|drop|rename|execute|call|perform|select)\b/i

// Of sequences and settings, as pg_dump calls them.
const plain: ReadonlySet<string> = new Set(['setval', 'nextval', 'currval', 'set_config'])

export const mayUndo = (node: Node): boolean => {
  if ('CallStmt' in node || 'ExecuteStmt' in node) return true
  const body = doBody(node)
  if (body !== undefined) return changes.test(body)
  return 'SelectStmt' in node && callsOf(node).some(({ name }) => !plain.has(name))
}
