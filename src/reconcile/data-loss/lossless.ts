// A column's new type that keeps every value that the old one can hold, as far as that is certain.
// https://www.postgresql.org/docs/current/datatype.html

import { canonicalType } from '../../contract/type-name.ts'

export const isLossless = (from: string, to: string): boolean => {
  const [old, wanted] = [typeOf(from), typeOf(to)]
  if (old.text === wanted.text) return true
  if (wanted.text === 'text') return characters.includes(old.name)
  if (characters.includes(old.name) && wanted.name === 'character varying')
    return isWider(old.sizes, wanted.sizes)
  if (old.name === wanted.name)
    return old.name === 'numeric' ? isRoomier(old, wanted) : isWiderTime(old, wanted)
  const numbers = integers.indexOf(old.name)
  if (numbers === -1) return old.text === 'real' && wanted.text === 'double precision'
  return (
    integers.indexOf(wanted.name) > numbers ||
    wanted.text === 'numeric' ||
    (wanted.text === 'double precision' && old.name !== 'bigint')
  )
}

type Type = { readonly text: string; readonly name: string; readonly sizes: readonly number[] }

const typeOf = (words: string): Type => {
  const text = canonicalType(words)
  const [, before = text, sizes, after = ''] = /^([^(]*)\(([\d, ]*)\)(.*)$/.exec(text) ?? []
  return {
    text,
    name: `${before}${after}`,
    sizes: sizes === undefined ? [] : sizes.split(',').map(Number),
  }
}

const characters: readonly string[] = ['character varying', 'text']
const integers: readonly string[] = ['smallint', 'integer', 'bigint']

// Without a size there is no limit.
const isWider = ([old]: readonly number[], [wanted]: readonly number[]): boolean =>
  wanted === undefined || (old !== undefined && wanted >= old)

const isRoomier = ({ sizes: [precision, scale = 0] }: Type, wanted: Type): boolean => {
  const [newPrecision, newScale = 0] = wanted.sizes
  if (newPrecision === undefined) return true
  return (
    precision !== undefined && newScale >= scale && newPrecision - newScale >= precision - scale
  )
}

const timed = /^(time|timestamp) (with|without) time zone$/

const isWiderTime = (old: Type, wanted: Type): boolean =>
  timed.test(old.name)
    ? isWider([old.sizes[0] ?? 6], [wanted.sizes[0] ?? 6])
    : ['bit varying'].includes(old.name) && isWider(old.sizes, wanted.sizes)
