// What a statement makes of the search path for the rest of its file: SET, SET LOCAL, RESET, and the set_config() that
// pg_dump writes.

import type { Node } from 'libpg-query'
import { stringsOf } from '../effects/scope.ts'

/** Undefined when it leaves the path as it is. */
export const searchPathSetBy = (
  node: Node,
  initial: readonly string[],
): readonly string[] | undefined => {
  if ('VariableSetStmt' in node) {
    const { name, kind, args = [] } = node.VariableSetStmt
    if (kind === 'VAR_RESET_ALL') return initial
    if (name !== 'search_path') return undefined
    return kind === 'VAR_SET_VALUE' ? args.flatMap(constantOf) : initial
  }
  const path = setConfigPath(node)
  return path
    ?.split(',')
    .map((each) => each.trim().replace(/^"(.*)"$/, '$1'))
    .filter((each) => each !== '')
}

const constantOf = (node: Node): readonly string[] => {
  const value = 'A_Const' in node ? node.A_Const.sval?.sval : undefined
  return value === undefined || value === '' ? [] : [value]
}

const setConfigPath = (node: Node): string | undefined => {
  const [target, ...more] = ('SelectStmt' in node ? node.SelectStmt.targetList : undefined) ?? []
  const call = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (call === undefined || more.length > 0 || !('FuncCall' in call)) return undefined
  if (stringsOf(call.FuncCall.funcname).at(-1) !== 'set_config') return undefined
  const [name, value] = (call.FuncCall.args ?? []).map((arg) =>
    'A_Const' in arg ? (arg.A_Const.sval?.sval ?? '') : '',
  )
  return name === 'search_path' ? value : undefined
}
