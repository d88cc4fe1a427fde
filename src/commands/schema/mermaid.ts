// Tables and foreign keys as an entity relationship diagram of Mermaid, which GitHub, GitLab and editors draw. Pure.
// https://mermaid.js.org/syntax/entityRelationshipDiagram.html

import type { DiagramTable } from '../../catalog/dump/diagram-facts.ts'
import { keysOf, shortType } from './column.ts'

/** A reference to a table that is not among them shows it by its name alone. */
export const mermaid = (tables: readonly DiagramTable[]): string =>
  [
    'erDiagram',
    ...tables.flatMap((table) => entity(table)),
    ...tables.flatMap((table) =>
      table.references.map((reference) => relationship(table, reference)),
    ),
    '',
  ].join('\n')

const titleOf = (schema: string, name: string): string =>
  quoted(schema === 'public' ? name : `${schema}.${name}`)

// Mermaid cannot escape a quote; and nobody else's text may begin a line here.
const quoted = (words: string): string => `"${words.replace(/["\\%\p{Cc}]/gu, '_')}"`

const entity = ({ schema, name, columns }: DiagramTable): readonly string[] => [
  `    ${titleOf(schema, name)} {`,
  ...columns.map((column) => {
    const keys = keysOf(column).join(', ')
    const shown = word(column.name)
    const comment = shown === column.name ? '' : ` ${quoted(column.name)}`
    return `        ${word(shortType(column.type))} ${shown}${keys === '' ? '' : ` ${keys}`}${comment}`
  }),
  '    }',
]

// Types and names of attributes are words: what no word may have is replaced.
const word = (name: string): string => {
  const safe = name.replace(/,/g, '-').replace(/[^\p{L}\p{N}_()[\]-]/gu, '_')
  return /^[\p{L}_]/u.test(safe) ? safe : `_${safe}`
}

const relationship = (
  { schema, name }: DiagramTable,
  reference: DiagramTable['references'][number],
): string => {
  const child = reference.isUnique ? '|o' : '}o'
  const parent = reference.isRequired ? '||' : 'o|'
  return `    ${titleOf(schema, name)} ${child}--${parent} ${titleOf(reference.schema, reference.table)} : ${quoted(reference.columns.join(', '))}`
}
