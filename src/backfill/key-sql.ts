// A key as SQL: its values travel as text, in the form that the column's own type reads.

import { identifier, literal } from '../database/literal.ts'
import type { Key } from './key.ts'

/** One value for each column of the key, as the server writes it. */
export type KeyValues = readonly string[]

/** The rows from behind `after` (from the first, when that is undefined) up to `upTo`. */
export const rangeCondition = (
  key: Key,
  { after, upTo }: { readonly after: KeyValues | undefined; readonly upTo: KeyValues },
): ((qualifier: string) => string) => {
  const from = after === undefined ? '' : valuesOf(key, after)
  const to = valuesOf(key, upTo)
  return (qualifier) => {
    const columns = columnsOf(key, qualifier)
    return `(${from === '' ? '' : `${columns} > ${from} AND `}${columns} <= ${to})`
  }
}

/** All rows behind `after`. */
export const afterCondition = (key: Key, after: KeyValues): string =>
  `${columnsOf(key)} > ${valuesOf(key, after)}`

/** Just these rows. */
export const listCondition =
  (key: Key, list: readonly KeyValues[]): ((qualifier: string) => string) =>
  (qualifier) =>
    `(${columnsOf(key, qualifier)} IN (${list.map((values) => valuesOf(key, values)).join(', ')}))`

/** No row, for the sake of asking whether the server takes the statement. */
export const noRow =
  (key: Key): ((qualifier: string) => string) =>
  (qualifier) =>
    `(${columnsOf(key, qualifier)} <> ${columnsOf(key, qualifier)})`

/** 'c.a, c.b' or '(c.a, c.b)': as a list, or as one value to compare. */
const columnsOf = (key: Key, qualifier?: string): string => {
  const columns = columnList(key, qualifier)
  return key.length === 1 ? columns : `(${columns})`
}

export const columnList = (key: Key, qualifier?: string, suffix = ''): string =>
  key
    .map(({ name }) => {
      const column = identifier(name) + suffix
      return qualifier === undefined ? column : `${identifier(qualifier)}.${column}`
    })
    .join(', ')

/** The key of a row as an array of texts, as it is kept in our tables. */
export const keyAsTexts = (key: Key, qualifier: string): string =>
  `ARRAY[${columnList(key, qualifier, '::pg_catalog.text')}]`

export const textsLiteral = (values: KeyValues): string =>
  `ARRAY[${values.map(literal).join(', ')}]::pg_catalog.text[]`

const valuesOf = (key: Key, values: KeyValues): string => {
  const typed = key.map(({ type }, at) => `${literal(values[at] ?? '')}::${type}`)
  return key.length === 1 ? typed.join('') : `(${typed.join(', ')})`
}
