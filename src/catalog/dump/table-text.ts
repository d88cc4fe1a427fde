// CREATE TABLE and what follows it, of the facts of a table. What may have to follow by itself, because it needs something that
// needs the table, is a piece: a default, a constraint.

import type { Dumpable, Piece } from './dumpable.ts'
import { phases } from './queries/source.ts'
import type { ColumnFacts, ConstraintFacts, TableFacts } from './queries/table-facts.ts'

const word = ({ kind }: TableFacts): string => (kind === 'f' ? 'FOREIGN TABLE' : 'TABLE')

const alter = (table: TableFacts, action: string): string =>
  `ALTER ${word(table)} ONLY ${table.qualified} ${action}`

export const dumpableTable = (table: TableFacts): Dumpable => {
  const { oid, schema, name, qualified, owner } = table
  const defaults = columnsOf(table).flatMap((column) => defaultPiece(table, column))
  const constraints = (table.constraints ?? []).map((each) => constraintPiece(table, each))
  return {
    id: `pg_class ${oid}`,
    kind: word(table).toLowerCase(),
    phase: phases.table,
    schema,
    relation: '',
    name,
    target: `${word(table)} ${qualified}`,
    owner,
    pieces: [...defaults, ...constraints],
    apart: (table.constraints ?? [])
      .filter(({ place }) => place === 'apart')
      .map((each) => constraintId(each)),
    text: (apart) => [
      createTable(table, apart),
      ...columnsOf(table).flatMap((column) => afterColumn(table, column)),
      ...(table.isPartition
        ? [
            `ALTER TABLE ONLY ${table.parents?.[0] ?? ''} ATTACH PARTITION ${qualified} ${table.bound ?? ''}`,
          ]
        : []),
      ...(table.constraints ?? []).flatMap((each) =>
        each.settings !== null && !apart.has(constraintId(each)) ? [each.settings] : [],
      ),
      ...table.statements,
    ],
    last: table.owned === null ? [] : [table.owned],
  }
}

const columnsOf = ({ columns }: TableFacts): readonly ColumnFacts[] => columns ?? []

const constraintId = ({ oid }: ConstraintFacts): string => `pg_constraint ${oid}`

const constraintPiece = (table: TableFacts, constraint: ConstraintFacts): Piece => ({
  id: constraintId(constraint),
  kind: 'constraint',
  name: constraint.name,
  target: `CONSTRAINT ${constraint.name} ON ${table.qualified}`,
  statements: [
    alter(table, `ADD CONSTRAINT ${constraint.name} ${constraint.definition}`),
    ...(constraint.settings === null ? [] : [constraint.settings]),
  ],
})

const defaultPiece = (table: TableFacts, column: ColumnFacts): readonly Piece[] => {
  if (column.default === null || !column.isLocal) return []
  return [
    {
      id: `pg_attrdef ${column.default.id}`,
      kind: 'default',
      name: column.name,
      target: '',
      statements: [
        alter(table, `ALTER COLUMN ${column.name} SET DEFAULT ${column.default.expression}`),
      ],
    },
  ]
}

const createTable = (table: TableFacts, apart: ReadonlySet<string>): string => {
  const { qualified, ofType, parents, isPartition, isUnlogged } = table
  const elements = [
    ...columnsOf(table).flatMap((column) => columnText(table, column, apart)),
    ...(table.constraints ?? []).flatMap((each) =>
      each.type === 'n' || apart.has(constraintId(each))
        ? []
        : [`CONSTRAINT ${each.name} ${each.definition}`],
    ),
  ].map((each) => `    ${each}`)
  const list = elements.length === 0 ? '()' : `(\n${elements.join(',\n')}\n)`
  return [
    `CREATE ${isUnlogged ? 'UNLOGGED ' : ''}${word(table)} ${qualified}`,
    ...(ofType === null ? [] : [` OF ${ofType}`]),
    ...(ofType !== null && elements.length === 0 ? [] : [` ${list}`]),
    ...(parents === null || isPartition ? [] : [`\nINHERITS (${parents.join(', ')})`]),
    ...(table.partitionKey === null ? [] : [`\nPARTITION BY ${table.partitionKey}`]),
    ...(table.server === null ? [] : [`\n${table.server}`]),
    ...(table.method === null ? [] : [`\nUSING ${table.method}`]),
    ...(table.storage === null ? [] : [`\nWITH (${table.storage})`]),
    ...(table.tablespace === null ? [] : [`\nTABLESPACE ${table.tablespace}`]),
  ].join('')
}

const columnText = (
  { ofType }: TableFacts,
  column: ColumnFacts,
  apart: ReadonlySet<string>,
): readonly string[] => {
  if (!column.isLocal) return []
  const own = column.default
  const words = [
    ...(column.options === null ? [] : [column.options.trim()]),
    ...(column.compression === null ? [] : [`COMPRESSION ${column.compression}`]),
    ...(column.identity === null ? [] : [column.identity]),
    ...(column.generated === null ? [] : [column.generated]),
    ...(own === null || apart.has(`pg_attrdef ${own.id}`) ? [] : [`DEFAULT ${own.expression}`]),
    ...(column.notNull === null ? [] : [column.notNull]),
  ]
  if (ofType !== null) return words.length === 0 ? [] : [[column.name, ...words].join(' ')]
  return [[column.name, `${column.type}${column.collate}`, ...words].join(' ')]
}

// Of a parent's column, what the child has otherwise.
const afterColumn = (table: TableFacts, column: ColumnFacts): readonly string[] => {
  const { name, isLocal, inheritsDefault, statements } = column
  const own = column.default
  if (isLocal) return statements
  const change = own === null ? 'DROP DEFAULT' : `SET DEFAULT ${own.expression}`
  const generated = column.generated !== null || column.identity !== null
  return [
    ...(inheritsDefault || generated ? [] : [alter(table, `ALTER COLUMN ${name} ${change}`)]),
    ...(column.notNull === null ? [] : [alter(table, `ALTER COLUMN ${name} SET NOT NULL`)]),
    ...statements,
  ]
}
