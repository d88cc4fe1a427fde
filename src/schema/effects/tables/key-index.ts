// A key and its index say the same in two ways: ADD CONSTRAINT … USING INDEX makes the one of the other.

import { text, type Definition, type Fragment } from '../effect.ts'

/** Of a constraint: has it an index? */
export const isKey = ([first]: Definition): boolean =>
  first?.kind === 'text' && /^(PRIMARY KEY|UNIQUE|EXCLUDE)/.test(first.text)

type Columns = Extract<Fragment, { kind: 'columns' }>

const isColumns = (part: Fragment): part is Columns => part.kind === 'columns'

const including = ' INCLUDE ('

/** The key columns of an index, without its expressions. */
export const indexColumns = (definition: Definition): readonly string[] =>
  definition
    .slice(0, endOfKey(definition))
    .filter(isColumns)
    .flatMap(({ names }) => names)

/** What a key is that takes this index; `kind` is PRIMARY KEY or UNIQUE, `deferral` what is said behind it. */
export const keyOverIndex = (
  kind: string,
  definition: Definition,
  deferral: string,
): Definition => {
  const [first] = definition.filter(isColumns)
  if (first === undefined) return []
  const { relation } = first
  const included = definition.slice(endOfKey(definition)).filter(isColumns)
  return keyDefinition(isDistinct(definition) ? kind : `${kind}${notDistinct}`, {
    columns: { kind: 'columns', relation, names: indexColumns(definition) },
    included: included.flatMap(({ names }) => names),
    deferral,
  })
}

type Key = {
  readonly columns: Columns
  readonly included: readonly string[]
  readonly deferral: string
}

export const keyDefinition = (kind: string, { columns, included, deferral }: Key): Definition => [
  text(`${kind} (`),
  columns,
  text(')'),
  ...(included.length === 0 ? [] : [text(including), { ...columns, names: included }, text(')')]),
  text(deferral),
]

/** The index that comes with a key; undefined where its definition does not tell. */
export const indexOfKey = (definition: Definition): Definition | undefined => {
  const [first] = definition
  const [columns, included] = definition.filter(isColumns)
  if (first?.kind !== 'text' || columns === undefined) return undefined
  const { relation } = columns
  return [
    text('UNIQUE INDEX ON '),
    { kind: 'relation', relation },
    text(' USING btree ('),
    columns,
    text(')'),
    ...(included === undefined ? [] : [text(including), included, text(')')]),
    text(first.text.includes(notDistinct) ? notDistinct : ''),
  ]
}

const notDistinct = ' NULLS NOT DISTINCT'

const isDistinct = (definition: Definition): boolean =>
  !definition.some((part) => part.kind === 'text' && part.text === notDistinct)

// What follows the bracket of INCLUDE is not a key.
const endOfKey = (definition: Definition): number => {
  const end = definition.findIndex((part) => part.kind === 'text' && part.text.startsWith(')'))
  return end === -1 ? definition.length : end
}
