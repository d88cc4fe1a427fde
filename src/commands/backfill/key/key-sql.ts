// A key as SQL: its values travel as text, in the form that the column's own type reads.

import { identifier, literal } from '../../../database/literal.ts'
import type { Key } from './facts.ts'

/** One value for each column of the key, as the server writes it. */
export type KeyValues = readonly string[]

/** Rows that follow each other in the order of the key. */
export type KeyRange = {
  /** The last row before it; undefined: it begins with the first row. */
  readonly after: KeyValues | undefined
  /** Its last row; undefined: it has no end, and rows that come in behind all others belong to it. */
  readonly upTo: KeyValues | undefined
}

export const rangeCondition = (
  key: Key,
  { after, upTo }: KeyRange,
): ((qualifier: string) => string) => {
  const bounds = (qualifier: string): readonly string[] => [
    ...(after === undefined ? [] : [compared(key, qualifier, { operator: '>', values: after })]),
    ...(upTo === undefined ? [] : [compared(key, qualifier, { operator: '<=', values: upTo })]),
  ]
  return (qualifier) => {
    const conditions = bounds(qualifier)
    return conditions.length === 0 ? 'true' : `(${conditions.join(' AND ')})`
  }
}

/** Just these rows. */
export const listCondition =
  (key: Key, list: readonly KeyValues[]): ((qualifier: string) => string) =>
  (qualifier) =>
    `(${list.map((values) => compared(key, qualifier, { operator: '=', values })).join(' OR ')})`

/** No row, for the sake of asking whether the server takes the statement. */
export const noRow =
  (key: Key): ((qualifier: string) => string) =>
  (qualifier) =>
    `(${key
      .map((column) => {
        const own = columnList([column], qualifier)
        return `${own} ${operatorOf(column, '<')} ${own}`
      })
      .join(' AND ')})`

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

type Comparison = { readonly operator: '>' | '<=' | '='; readonly values: KeyValues }

// The conditions are also in the file's statement, in its search path: so the operators are said in full. They are those that
// the index is ordered by; where they are of several schemas, no comparison of whole rows can name them.
const compared = (key: Key, qualifier: string, { operator, values }: Comparison): string => {
  const [first, ...rest] = key
  if (first === undefined) return 'true'
  const typed = key.map(({ type }, at) => `${literal(values[at] ?? '')}::${type}`)
  const said = operatorOf(first, operator)
  if (rest.length === 0) return `${columnList(key, qualifier)} ${said} ${typed.join('')}`
  if (rest.every((column) => schemaOf(column) === schemaOf(first)))
    return `(${columnList(key, qualifier)}) ${said} (${typed.join(', ')})`
  const own = columnList([first], qualifier)
  const further = compared(rest, qualifier, { operator, values: values.slice(1) })
  const equal = `${own} ${operatorOf(first, '=')} ${typed[0] ?? ''} AND ${further}`
  if (operator === '=') return `(${equal})`
  const bound = operator === '>' ? '>=' : '<='
  // The first condition is for the index.
  return `(${own} ${operatorOf(first, bound)} ${typed[0] ?? ''} AND (${own} ${operatorOf(first, bound === '>=' ? '>' : '<')} ${typed[0] ?? ''} OR ${equal}))`
}

const schemaOf = ({ operators }: Key[number]): string => operators ?? 'pg_catalog'

const operatorOf = (column: Key[number], operator: string): string =>
  `OPERATOR(${schemaOf(column)}.${operator})`
