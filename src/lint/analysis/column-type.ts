// Does a change of a column's type leave the table's files as they are? The list is that of PostgreSQL's binary-coercible
// casts and of the length coercions that its planner leaves out. https://www.postgresql.org/docs/current/sql-altertable.html

import type { ColumnDef, Node, TypeName } from 'libpg-query'
import { typeKey } from '../../schema/effects/scope.ts'
import { stringsOf } from '../../sql/tree/tree.ts'

/** False also where it is not known. */
export const keepsFiles = (from: TypeName, to: TypeName): boolean => {
  const [before, after] = [typeKey(from), typeKey(to)]
  const [old, wanted] = [modifiersOf(from), modifiersOf(to)]
  if (old === undefined || wanted === undefined) return false
  if (before === after) return isWidening(before, old, wanted)
  const into = freeCasts[before]
  return into !== undefined && into.includes(after) && wanted.length === 0
}

/** While the session's time zone is UTC, the two have the same value on disk. */
export const keepsFilesInUtc = (from: TypeName, to: TypeName): boolean => {
  const both = [typeKey(from), typeKey(to)].sort()
  const wanted = modifiersOf(to)
  // A shorter precision would round each row.
  return both.join() === 'timestamp,timestamptz' && wanted !== undefined && (wanted[0] ?? 6) >= 6
}

/** Is it one type in two spellings: timestamp and timestamp(6), mood and public.mood? */
export const isSameType = (a: TypeName, b: TypeName): boolean =>
  bareKey(a) === bareKey(b) &&
  keepsFiles({ ...a, names: b.names ?? [] }, b) &&
  keepsFiles(b, { ...a, names: b.names ?? [] })

const bareKey = (type: TypeName): string =>
  typeKey({ ...type, names: (type.names ?? []).slice(-1) })

const freeCasts: Readonly<Record<string, readonly string[]>> = {
  varchar: ['text'],
  text: ['varchar'],
  cidr: ['inet'],
  xml: ['text'],
  int4: ['oid'],
  oid: ['int4'],
}

const isWidening = (type: string, old: readonly number[], wanted: readonly number[]): boolean => {
  if (old.join() === wanted.join()) return true
  switch (type) {
    case 'varchar':
    case 'varbit':
      return wanted.length === 0 || (old.length > 0 && (wanted[0] ?? 0) >= (old[0] ?? 0))
    case 'numeric':
      return (
        wanted.length === 0 ||
        (old.length > 0 && (wanted[0] ?? 0) >= (old[0] ?? 0) && (wanted[1] ?? 0) === (old[1] ?? 0))
      )
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      return (wanted[0] ?? 6) >= (old[0] ?? 6)
    default:
      // The grammar writes the length of a plain char or bit out: without any, none is enforced.
      return wanted.length === 0
  }
}

// Undefined for what is not a number.
const modifiersOf = ({ typmods = [] }: TypeName): readonly number[] | undefined => {
  const numbers = typmods.map((node) =>
    'A_Const' in node && node.A_Const.ival !== undefined
      ? (node.A_Const.ival.ival ?? 0)
      : undefined,
  )
  return numbers.includes(undefined) ? undefined : numbers.filter((each) => each !== undefined)
}

/** USING with anything but the column itself, or a cast of it to the same type, computes each row again. */
export const isPlainUsing = (node: Node | undefined, column: string, to: TypeName): boolean => {
  if (node === undefined) return true
  if ('ColumnRef' in node) return stringsOf(node.ColumnRef.fields).at(-1) === column
  if (!('TypeCast' in node)) return false
  const { arg, typeName } = node.TypeCast
  return (
    typeName !== undefined && typeKey(typeName) === typeKey(to) && isPlainUsing(arg, column, to)
  )
}

const written: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  bool: 'boolean',
  float4: 'real',
  float8: 'double precision',
  bpchar: 'char',
}

/** As people write it: 'varchar(64)', 'integer'. */
export const sqlType = (type: TypeName): string => {
  const [name = '', modifiers = ''] = canonical(type).split(/(?=\(|\[)/)
  return `${written[name] ?? name}${modifiers}`
}

const canonical = (type: TypeName): string => {
  const modifiers = modifiersOf(type) ?? []
  const key = typeKey(type)
  return modifiers.length === 0 ? key : `${key}(${modifiers.join(', ')})`
}

export const isSerial = ({ typeName }: ColumnDef): boolean =>
  /^(small|big)?serial[248]?$/.test(stringsOf(typeName?.names).at(-1) ?? '')
