// A key as SQL: its values travel as text, in the form that the column's own type reads.

import { identifier, literal } from '../../database/literal.ts'
import type { Key } from './key.ts'

/** One value for each column of the key, as the server writes it. */
export type KeyValues = readonly string[]

/** Rows that follow each other in the order of the key. */
export type Stretch = {
  /** The last row before it; undefined: it begins with the first row. */
  readonly after: KeyValues | undefined
  /** Its last row; undefined: it has no end, and rows that come in behind all others belong to it. */
  readonly upTo: KeyValues | undefined
}

export const stretchCondition = (
  key: Key,
  { after, upTo }: Stretch,
): ((qualifier: string) => string) => {
  const bounds = [
    ...(after === undefined ? [] : [`> ${valuesOf(key, after)}`]),
    ...(upTo === undefined ? [] : [`<= ${valuesOf(key, upTo)}`]),
  ]
  return (qualifier) => {
    const columns = columnsOf(key, qualifier)
    return bounds.length === 0 ? 'true' : `(${bounds.map((b) => `${columns} ${b}`).join(' AND ')})`
  }
}

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
const columnsOf = (key: Key, qualifier: string): string => {
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

export const textsLiteral = (values: KeyValues | undefined): string =>
  `${values === undefined ? 'NULL' : `ARRAY[${values.map(literal).join(', ')}]`}::pg_catalog.text[]`

/** ORDER BY this, and keys that are kept as texts come in the order of the table's rows. */
export const orderOfTexts = (key: Key, texts: string): string =>
  key
    .map(({ type, collation }, at) => {
      const value = `(${texts})[${at + 1}]::${type}`
      return collation === null ? value : `${value} COLLATE ${collation}`
    })
    .join(', ')

const valuesOf = (key: Key, values: KeyValues): string => {
  const typed = key.map(({ type }, at) => `${literal(values[at] ?? '')}::${type}`)
  return key.length === 1 ? typed.join('') : `(${typed.join(', ')})`
}
