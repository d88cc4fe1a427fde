// What a statement sets for the rest of its session, beyond its transaction: SET, RESET, and set_config(…, false).

import type { Node } from 'libpg-query'

export type SessionSetting = {
  readonly kind: 'sets' | 'resets'
  /** 'search_path', 'role'; 'all' for RESET ALL. */
  readonly name: string
}

/** Undefined for a statement that sets nothing, or only until its transaction ends. */
export const sessionSettingOf = (node: Node): SessionSetting | undefined => {
  if ('VariableSetStmt' in node) {
    const { name, kind, is_local: isLocal } = node.VariableSetStmt
    // SET TRANSACTION ends with its transaction.
    if (isLocal === true || name?.startsWith('TRANSACTION') === true) return undefined
    if (kind === 'VAR_RESET_ALL') return { kind: 'resets', name: 'all' }
    const resets = kind === 'VAR_RESET' || kind === 'VAR_SET_DEFAULT'
    return { kind: resets ? 'resets' : 'sets', name: name ?? '' }
  }
  const set = 'SelectStmt' in node ? configSetBy(node.SelectStmt.targetList) : undefined
  return set?.lasts === 'session' ? { kind: 'sets', name: set.name } : undefined
}

type ConfigSet = {
  readonly name: string
  /** Undefined for what is not a constant. */
  readonly value: string | undefined
  readonly lasts: 'session' | 'transaction'
}

// As pg_dump writes it: SELECT pg_catalog.set_config('search_path', '', false).
export const configSetBy = (targets: readonly Node[] | undefined): ConfigSet | undefined => {
  for (const target of targets ?? []) {
    const call = 'ResTarget' in target ? target.ResTarget.val : undefined
    if (call === undefined || !('FuncCall' in call)) continue
    const name = call.FuncCall.funcname?.at(-1)
    if (name === undefined || !('String' in name) || name.String.sval !== 'set_config') continue
    const [setting, value, local] = call.FuncCall.args ?? []
    const isLocal = local !== undefined && 'A_Const' in local && local.A_Const.boolval?.boolval
    return {
      name: constantText(setting) ?? '',
      value: constantText(value),
      lasts: isLocal === true ? 'transaction' : 'session',
    }
  }
  return undefined
}

const constantText = (node: Node | undefined): string | undefined =>
  node !== undefined && 'A_Const' in node ? node.A_Const.sval?.sval : undefined
