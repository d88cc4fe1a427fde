// What a statement sets: SET, RESET, and the set_config() that pg_dump writes. The one reader for whoever asks: what lasts beyond
// a statement, the search path, the time zone, what changes how text is read.

import type { Node } from 'libpg-query'

export type Setting = {
  readonly kind: 'sets' | 'resets'
  readonly by: 'SET' | 'set_config'
  /** In small letters: 'search_path', 'role'; 'all' for RESET ALL. Undefined for what is not a constant. */
  readonly name: string | undefined
  /** Each is undefined for what is not a constant; of set_config() one, as a text; none for FROM CURRENT and RESET. */
  readonly values: readonly (string | undefined)[]
  readonly lasts: 'session' | 'transaction' | 'unknown'
}

/** In their order. What a DO block or a function sets is not seen. */
export const settingsIn = (node: Node): readonly Setting[] => {
  if ('VariableSetStmt' in node) return [setBy(node.VariableSetStmt)]
  return 'SelectStmt' in node ? (node.SelectStmt.targetList ?? []).flatMap(configSetBy) : []
}

type VariableSet = Extract<Node, { VariableSetStmt: unknown }>['VariableSetStmt']

const setBy = ({ name = '', kind, args = [], is_local: isLocal }: VariableSet): Setting => ({
  kind: resetting.includes(kind ?? '') ? 'resets' : 'sets',
  by: 'SET',
  name: kind === 'VAR_RESET_ALL' ? 'all' : name.toLowerCase(),
  values: kind === 'VAR_SET_VALUE' ? args.map(constantOf) : [],
  // SET TRANSACTION ends with its transaction.
  lasts: isLocal === true || name.startsWith('TRANSACTION') ? 'transaction' : 'session',
})

const resetting = ['VAR_RESET_ALL', 'VAR_RESET', 'VAR_SET_DEFAULT']

// As pg_dump writes it: SELECT pg_catalog.set_config('search_path', '', false).
const configSetBy = (target: Node): readonly Setting[] => {
  const call = 'ResTarget' in target ? target.ResTarget.val : undefined
  if (call === undefined || !('FuncCall' in call)) return []
  const name = call.FuncCall.funcname?.at(-1)
  if (name === undefined || !('String' in name) || name.String.sval !== 'set_config') return []
  const [setting, value, local] = call.FuncCall.args ?? []
  const lasts = { on: 'transaction', off: 'session' } as const
  const isLocal = constantOf(local)
  return [
    {
      kind: 'sets',
      by: 'set_config',
      name: constantOf(setting)?.toLowerCase(),
      values: [constantOf(value)],
      lasts: isLocal === 'on' || isLocal === 'off' ? lasts[isLocal] : 'unknown',
    },
  ]
}

const constantOf = (node: Node | undefined): string | undefined => {
  if (node === undefined || !('A_Const' in node)) return undefined
  const { sval, ival, boolval } = node.A_Const
  if (boolval !== undefined) return boolval.boolval === true ? 'on' : 'off'
  return sval === undefined ? ival && String(ival.ival ?? 0) : (sval.sval ?? '')
}
