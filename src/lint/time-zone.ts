// Which time zone a file has set for its session, where a statement of it stands. The gate resets it behind each file.

import type { Node } from 'libpg-query'
import { ofFile, type Subject } from './subject.ts'
import { stringsOf } from '../effects/scope.ts'

/** Has the file itself set UTC, or another name of it? Whatever the server, the role or the database sets is not known. */
export const isInUtc = (subject: Subject): boolean => {
  const here = subject.earlier.count()
  return settingsOf(subject).findLast(({ at }) => at < here)?.isUtc === true
}

type Setting = { readonly at: number; readonly isUtc: boolean }

const settingsOf = ofFile((statements): readonly Setting[] =>
  statements.flatMap(({ node }, at) => {
    const zone = zoneSetBy(node)
    return zone === undefined ? [] : [{ at, isUtc: utc.has(zone.toUpperCase()) }]
  }),
)

const utc: ReadonlySet<string> = new Set([
  ...['UTC', 'UCT', 'GMT', 'ZULU', 'UNIVERSAL', 'GREENWICH', 'GMT0', 'GMT+0', 'GMT-0'],
  ...['ETC/UTC', 'ETC/UCT', 'ETC/GMT', 'ETC/ZULU', 'ETC/UNIVERSAL', 'ETC/GREENWICH', '0'],
])

const unknownZone = ''

/** Undefined for what sets none. */
const zoneSetBy = (node: Node): string | undefined => {
  if ('VariableSetStmt' in node) {
    const { kind, name, args = [] } = node.VariableSetStmt
    if (kind === 'VAR_RESET_ALL') return unknownZone
    if (name?.toLowerCase() !== 'timezone') return undefined
    return kind === 'VAR_SET_VALUE' ? constantOf(args[0]) : unknownZone
  }
  // These may hold anything.
  if ('DoStmt' in node || 'CallStmt' in node)
    return /time\s*zone/i.test(JSON.stringify(node)) ? unknownZone : undefined
  if ('DiscardStmt' in node) return unknownZone
  if (!('SelectStmt' in node) || !/timezone/i.test(JSON.stringify(node))) return undefined
  const [only, ...more] = node.SelectStmt.targetList ?? []
  const value = only !== undefined && 'ResTarget' in only ? only.ResTarget.val : undefined
  if (value === undefined || more.length > 0 || !('FuncCall' in value)) return unknownZone
  const { funcname, args = [] } = value.FuncCall
  if (stringsOf(funcname).at(-1) !== 'set_config') return undefined
  return constantOf(args[0]).toLowerCase() === 'timezone' ? constantOf(args[1]) : undefined
}

const constantOf = (node: Node | undefined): string => {
  if (node === undefined || !('A_Const' in node)) return unknownZone
  const { sval, ival } = node.A_Const
  return sval?.sval ?? (ival === undefined ? unknownZone : String(ival.ival ?? 0))
}
