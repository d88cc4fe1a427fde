// What a file says of its own evidence: `@fingerprint` and `@verify`. Read without the SQL parser, which is not loaded when
// nothing is pending.

import type { Place } from '../errors/problem.ts'

export const fingerprintKinds = [
  'column',
  'table',
  'index',
  'constraint',
  'type',
  'function',
] as const

export type Fingerprint =
  | {
      readonly kind: (typeof fingerprintKinds)[number]
      /** '' when it is left to the search path. */
      readonly schema: string
      /** The table of a column or constraint, else ''. */
      readonly table: string
      /** Of a function with its argument types. */
      readonly name: string
      /** As it is written. */
      readonly text: string
      readonly place: Place
    }
  | SqlCheck

export type SqlCheck = {
  readonly kind: 'sql'
  /** A query that yields one boolean. */
  readonly sql: string
  readonly text: string
  readonly place: Place
}

export const fingerprintForm =
  'one of: column <table>.<column> · table <table> · index <index> · constraint <table>.<constraint> · ' +
  'type <type> · function <name>(<argument types>) · sql SELECT <a boolean>; each name may have its schema before it'

export const verifyForm = 'sql SELECT <a boolean>'

const identifier = '(?:"(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)'
const name = new RegExp(`^${identifier}(?:\\.${identifier}){0,2}$`)
const query = /^(?:select|with|values|table)\b/i

/** Undefined for what is none. */
export const readFingerprint = (value: string, place: Place): Fingerprint | undefined => {
  const [word = '', rest = ''] = split(value)
  if (word === 'sql') return readSqlCheck(value, place)
  const kind = fingerprintKinds.find((each) => each === word)
  const bracket = kind === 'function' ? rest.indexOf('(') : rest.length
  const named = rest.slice(0, bracket)
  const args = rest.slice(bracket)
  if (kind === undefined || !name.test(named) || (kind === 'function' && !args.endsWith(')')))
    return undefined
  const parts = [...named.matchAll(new RegExp(identifier, 'g'))].map(([each]) => fold(each))
  const owned = kind === 'column' || kind === 'constraint'
  if (parts.length < (owned ? 2 : 1) || parts.length > (owned ? 3 : 2)) return undefined
  return {
    kind,
    schema: parts.at(owned ? -3 : -2) ?? '',
    table: owned ? (parts.at(-2) ?? '') : '',
    name: (parts.at(-1) ?? '') + args,
    text: value,
    place,
  }
}

export const readSqlCheck = (value: string, place: Place): SqlCheck | undefined => {
  const [word, rest = ''] = split(value)
  const sql = rest.replace(/;\s*$/, '')
  return word === 'sql' && query.test(sql) ? { kind: 'sql', sql, text: value, place } : undefined
}

const split = (value: string): readonly string[] =>
  /^(\S+)\s+(.*)$/.exec(value)?.slice(1) ?? [value]

const fold = (part: string): string =>
  part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()
