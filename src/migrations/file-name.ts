// What a migration file is called: digits, '_' or '-', a name, '.sql'.

import { maxVersionDigits, versionOf, type MigrationVersion } from './migration.ts'

export type FileName =
  | { readonly kind: 'migration'; readonly version: MigrationVersion; readonly name: string }
  | { readonly kind: 'other'; readonly reason: string }

// Flyway's V1.2__name, too.
const numbered = /^(?:\d+|[VB]\d[\d._]*_)[_-]/

/** What a name says beside its number: 'call_log' of '0009_call_log'. */
export const labelOf = (name: string): string => name.replace(numbered, '')

/** The same name behind all of these, as wide as the last one; a name of Flyway stays one. */
export const renamedBehind = (names: readonly string[], name: string): string => {
  const number = numberAfter(names.map((each) => each.replace(/^[VB](\d+)[\d._]*__/, '$1_')))
  return /^[VB]\d/.test(name) ? `V${number}__${labelOf(name)}` : `${number}_${labelOf(name)}`
}

/** The file of that name under another one: the last part of its path that has the name. */
export const renamedFile = (file: string, { from, to }: { from: string; to: string }): string => {
  const at = file.lastIndexOf(from)
  return at === -1 ? file : file.slice(0, at) + to + file.slice(at + from.length)
}

/** The number after the highest one, as wide as that; `names` may end in '.sql'. */
export const numberAfter = (names: readonly string[]): string => {
  const numbers = names
    .map((name) => /^\d+(?=[_-])/.exec(name)?.[0] ?? '')
    .filter((number) => number !== '')
    .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
  const last = numbers.at(-1)
  return last === undefined ? '0001' : String(BigInt(last) + 1n).padStart(last.length, '0')
}

export const readFileName = (entry: string): FileName => {
  const other = (reason: string): FileName => ({ kind: 'other', reason })
  // A name with one could forge a line of the log.
  if (/[\u0000-\u001f\u007f]/.test(entry)) return other('its name holds a control character')
  const match = /^(\d+)[_-](.+)\.sql$/.exec(entry)
  if (match === null) {
    if (!entry.endsWith('.sql')) return other("its name does not end in '.sql'")
    if (!/^\d/.test(entry)) return other('its name does not start with a number')
    if (/^\d+[_-]\.sql$/.test(entry)) return other('there is no name after its number')
    return other("there is neither '_' nor '-' between its number and its name")
  }
  const version = versionOf(match[1] ?? '')
  return version.length > maxVersionDigits
    ? other(`its number has more than ${maxVersionDigits} digits`)
    : { kind: 'migration', version, name: entry.slice(0, -'.sql'.length) }
}
