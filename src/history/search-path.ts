// What a statement makes of the search path for the rest of its file: SET, SET LOCAL, RESET, and the set_config() that
// pg_dump writes.

import type { Node } from 'libpg-query'
import { stringsOf } from '../effects/scope.ts'

/** Undefined when it leaves the path as it is; a path that is undefined is the login role's again. */
export const searchPathSetBy = (
  node: Node,
): { readonly path: readonly string[] | undefined } | undefined => {
  if ('VariableSetStmt' in node) {
    const { name, kind, args = [] } = node.VariableSetStmt
    if (kind === 'VAR_RESET_ALL') return { path: undefined }
    if (name !== 'search_path') return undefined
    return { path: kind === 'VAR_SET_VALUE' ? args.flatMap(constantOf) : undefined }
  }
  const text = setConfigPath(node)
  if (text === undefined) return undefined
  return { path: text.split(',').map(readName).filter(isSchema) }
}

// As PostgreSQL reads an identifier: in quotes as it stands, otherwise in small letters.
const readName = (text: string): string => {
  const name = text.trim()
  return /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}

// "$user" is the schema of a role that the file does not name, and it seldom exists.
const isSchema = (name: string): boolean => name !== '' && name !== '$user'

const constantOf = (node: Node): readonly string[] => {
  const value = 'A_Const' in node ? node.A_Const.sval?.sval : undefined
  return value !== undefined && isSchema(value) ? [value] : []
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
