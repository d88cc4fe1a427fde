// Random histories that every server accepts. A list of numbers is read against a small model of the schema, so that each
// statement fits what the ones before it made; what does not fit is left out. Shrinking the numbers shrinks the history.

import * as fc from 'fast-check'

/** The text of each file, in their order. */
export type RandomHistory = readonly string[]

type Column = {
  name: string
  type: string
  /** Labels that an enum's ADD VALUE gave in the same transaction cannot be used yet, so defaults come from the first. */
  notNull: boolean
  default: string | undefined
}

type Constraint = {
  name: string | undefined
  readonly kind: 'primary key' | 'unique' | 'check' | 'foreign key'
  readonly columns: readonly Column[]
  readonly references?: { readonly table: Table; readonly key: Constraint }
  valid: boolean
}

type Index = {
  name: string | undefined
  readonly columns: readonly Column[]
  /** Behind ON; column names as they are when it is written. */
  readonly shape: string
  readonly unique: boolean
  readonly typed: boolean
}

type Table = {
  name: string
  columns: Column[]
  constraints: Constraint[]
  indexes: Index[]
}

type View = { name: string; readonly table: Table; readonly columns: readonly Column[] }

type Enum = { name: string; labels: string[] }

type Schema = {
  tables: Table[]
  views: View[]
  enums: Enum[]
  functions: Map<string, number>
  triggers: { readonly name: string; readonly table: Table; readonly function: string }[]
  /** With the names of their constraints. */
  domains: Map<string, Set<string>>
  /** With the columns that they belong to, and go with. */
  sequences: Map<string, Column>
  /** Labels of this file that its transaction cannot use yet. */
  freshLabels: Set<string>
}

/** One decision after the other, out of the numbers of one operation. */
type Choose = {
  readonly from: <T>(list: readonly T[]) => T | undefined
  readonly one: <T>(first: T, ...more: readonly T[]) => T
  /** Once in so many. */
  readonly rarely: (oneIn: number) => boolean
}

type Operation = readonly number[]

// Small numbers are no more telling than others here.
const operation: fc.Arbitrary<Operation> = fc.noBias(
  fc.array(fc.nat({ max: 1_000_000 }), { minLength: 12, maxLength: 12 }),
)

export const randomHistory = (mostFiles: number): fc.Arbitrary<RandomHistory> =>
  fc
    .array(fc.array(operation, { minLength: 1, maxLength: 5, size: 'max' }), {
      minLength: 2,
      maxLength: mostFiles,
      size: 'max',
    })
    .map((files) => historyOf(files, makers))

/** The statements of one file, as somebody changes them. */
export type Extend = (statements: readonly string[], file: number) => readonly string[]

/** With statements besides that no catalog tells of, or that may hide what they do. */
export const harshHistory = (mostFiles: number, extend: Extend): fc.Arbitrary<RandomHistory> =>
  fc
    .array(fc.array(operation, { minLength: 1, maxLength: 4, size: 'max' }), {
      minLength: 3,
      maxLength: mostFiles,
      size: 'max',
    })
    .map((files) => historyOf(files, [...makers, ...harshMakers], extend))

const asTheyAre: Extend = (statements) => statements

const historyOf = (
  files: readonly (readonly Operation[])[],
  makersOf: readonly Make[],
  extend = asTheyAre,
): RandomHistory => {
  const schema: Schema = {
    tables: [],
    views: [],
    enums: [],
    functions: new Map(),
    triggers: [],
    domains: new Map(),
    sequences: new Map(),
    freshLabels: new Set(),
  }
  return files.map((operations, file) => {
    schema.freshLabels.clear()
    const made = operations.flatMap((numbers) => statementOf(schema, numbers, makersOf) ?? [])
    const statements = extend(made, file)
    return statements.length === 0
      ? 'SELECT 1;\n'
      : allowing(statements) + statements.map((statement) => `${statement};\n`).join('')
  })
}

// A file that takes away and makes again, or gives a type twice, is refused unless it says that it is meant.
const allowing = (statements: readonly string[]): string => {
  const has = (what: RegExp): number => statements.filter((each) => what.test(each)).length
  const makes = has(/CREATE TABLE|ADD COLUMN/) > 0
  return [
    ...(makes && has(/DROP COLUMN/) > 0 ? ['drop-column'] : []),
    ...(makes && has(/DROP TABLE/) > 0 ? ['drop-table'] : []),
    ...(has(/CASCADE/) > 0 ? ['drop-cascade'] : []),
    ...(has(/ TYPE /) > 1 || (makes && has(/ TYPE /) > 0) ? ['column-type-change'] : []),
  ]
    .map((rule) => `-- @allow ${rule} no rows are in it\n`)
    .join('')
}

const chooser = (numbers: Operation): Choose => {
  let next = 0
  const draw = (): number => numbers[next++ % numbers.length] ?? 0
  const from = <T>(list: readonly T[]): T | undefined => list[draw() % Math.max(1, list.length)]
  return {
    from,
    one: (first, ...more) => from([first, ...more]) ?? first,
    rarely: (oneIn) => draw() % oneIn === oneIn - 1,
  }
}

type Make = (schema: Schema, choose: Choose) => string | undefined

// What does not fit the schema gives way to what stands further on in the list.
const statementOf = (
  schema: Schema,
  [kind = 0, ...numbers]: Operation,
  makersOf: readonly Make[],
): string | undefined => {
  if (schema.tables.length === 0 && kind % 3 !== 0) return createTable(schema, chooser(numbers))
  for (const step of [0, 5, 11, 17]) {
    const statement = makersOf[(kind + step) % makersOf.length]?.(schema, chooser(numbers))
    if (statement !== undefined) return statement
  }
  return undefined
}

const free = (
  names: readonly string[],
  taken: readonly (string | undefined)[],
): readonly string[] => names.filter((name) => !taken.includes(name))

const numbered = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)

const freeTable = ({ tables }: Schema, choose: Choose): string | undefined =>
  choose.from(
    free(
      numbered('t', 4),
      tables.map(({ name }) => name),
    ),
  )

const freeColumn = ({ columns }: Table, choose: Choose): string | undefined =>
  choose.from(
    free(
      numbered('c', 5),
      columns.map(({ name }) => name),
    ),
  )

// Constraints and indexes of all tables: a key's index shares the space of names with tables.
const freeName = ({ tables }: Schema, letter: string, choose: Choose): string | undefined =>
  choose.from(
    free(
      numbered(letter, 5),
      tables.flatMap(({ constraints, indexes }) =>
        [...constraints, ...indexes].map(({ name }) => name),
      ),
    ),
  )

const types: readonly (readonly [type: string, defaults: readonly string[]])[] = [
  ['int', ['0', '1 + 1', '-1', 'NULL', '(7)::bigint']],
  ['text', ["'x'", "'y'::text", "''", "lower('Z')", "'it''s'"]],
  ['bigint', ['0', "'5'", '2 * 3']],
  ['varchar(20)', ["'v'", "'w'::varchar"]],
  ['numeric(10,2)', ['1.5', '0']],
  ['boolean', ['true', 'false', "'t'"]],
  ['timestamptz', ['now()', 'CURRENT_TIMESTAMP', "'2020-01-01'"]],
  ['date', ['CURRENT_DATE', "'2020-01-01'::date", "now() + interval '1 day'"]],
  ['uuid', ['gen_random_uuid()']],
  ['jsonb', ["'{}'", "'{}'::jsonb", "'[1, 2]'"]],
  ['int[]', ["'{}'", 'ARRAY[1, 2]', "'{1}'::int[]"]],
  ['char(3)', ["'abc'"]],
  ['double precision', ['0.5', '1']],
]

const typeOf = ({ enums }: Schema, choose: Choose): string =>
  choose.rarely(5) ? (choose.from(enums)?.name ?? 'int') : (choose.from(types)?.[0] ?? 'int')

const defaultFor = (schema: Schema, type: string, choose: Choose): string | undefined => {
  const ofEnum = schema.enums.find(({ name }) => name === type)
  if (ofEnum !== undefined) {
    const label = choose.from(ofEnum.labels.filter((each) => !schema.freshLabels.has(each)))
    return label === undefined ? undefined : choose.one(`'${label}'`, `'${label}'::${type}`)
  }
  return choose.from(types.find(([name]) => name === type)?.[1] ?? [])
}

const newColumn = (schema: Schema, name: string, choose: Choose): Column => {
  const type = typeOf(schema, choose)
  return {
    name,
    type,
    notNull: choose.rarely(3),
    default: choose.rarely(3) ? defaultFor(schema, type, choose) : undefined,
  }
}

const columnText = ({ name, type, notNull, default: value }: Column): string =>
  `${name} ${type}${notNull ? ' NOT NULL' : ''}${value === undefined ? '' : ` DEFAULT ${value}`}`

const namesOf = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ')

const isNumber = ({ type }: Column): boolean =>
  ['int', 'bigint', 'numeric(10,2)', 'double precision'].includes(type)
const isText = ({ type }: Column): boolean => ['text', 'varchar(20)', 'char(3)'].includes(type)

// No two of them mean the same: the planner, in whose words definitions are compared, would take one for the other.
/** True or false of a row, over this column. */
const condition = (column: Column, choose: Choose): string => {
  const { name } = column
  if (isNumber(column))
    return choose.one(
      `${name} > 0`,
      `${name} BETWEEN 1 AND 10`,
      `${name} IN (1, 2, 3)`,
      `${name} <> 5 OR ${name} IS NULL`,
    )
  if (isText(column))
    return choose.one(
      `${name} <> ''`,
      `${name} IN ('a', 'b')`,
      `length(${name}) > 1`,
      `${name} ~ '^a'`,
      `lower(${name}) = ${name}`,
    )
  return `${name} IS NOT NULL`
}

const hasKey = ({ constraints }: Table): boolean =>
  constraints.some(({ kind }) => kind === 'primary key')

// What a foreign key can refer to.
const targetsOf = ({
  tables,
}: Schema): readonly { readonly table: Table; readonly key: Constraint }[] =>
  tables.flatMap((table) =>
    table.constraints
      .filter(
        ({ kind, columns }) =>
          (kind === 'primary key' || kind === 'unique') && columns.length === 1,
      )
      .map((key) => ({ table, key })),
  )

const createTable: Make = (schema, choose) => {
  const name = freeTable(schema, choose)
  if (name === undefined) return undefined
  const table: Table = { name, columns: [], constraints: [], indexes: [] }
  const names = numbered('c', 1 + (choose.from([0, 1, 2, 3]) ?? 0))
  const texts = names.map((each, index) => {
    const column = newColumn(schema, each, choose)
    if (index === 0 && choose.rarely(2)) column.type = choose.one('int', 'bigint', 'uuid', 'text')
    if (index === 0 && column.default !== undefined)
      column.default = defaultFor(schema, column.type, choose)
    table.columns.push(column)
    const written = columnText(column)
    if (index === 0 && choose.rarely(2)) {
      table.constraints.push({
        name: undefined,
        kind: 'primary key',
        columns: [column],
        valid: true,
      })
      column.notNull = true
      return `${written} PRIMARY KEY`
    }
    if (choose.rarely(5)) {
      table.constraints.push({ name: undefined, kind: 'check', columns: [column], valid: true })
      return `${written} CHECK (${condition(column, choose)})`
    }
    if (choose.rarely(6)) {
      table.constraints.push({ name: undefined, kind: 'unique', columns: [column], valid: true })
      return `${written} UNIQUE`
    }
    return written
  })
  schema.tables.push(table)
  return `CREATE TABLE ${choose.rarely(3) ? 'IF NOT EXISTS ' : ''}${name} (${texts.join(', ')})`
}

const addColumn: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const name = table && freeColumn(table, choose)
  if (table === undefined || name === undefined) return undefined
  const column = newColumn(schema, name, choose)
  table.columns.push(column)
  const guard = choose.rarely(3) ? 'IF NOT EXISTS ' : ''
  const target = choose.from(targetsOf(schema))
  let more = ''
  if (choose.rarely(5)) {
    table.constraints.push({ name: undefined, kind: 'check', columns: [column], valid: true })
    more = ` CHECK (${condition(column, choose)})`
  } else if (choose.rarely(5)) {
    table.constraints.push({ name: undefined, kind: 'unique', columns: [column], valid: true })
    more = ' UNIQUE'
  } else if (target?.key.columns[0] !== undefined && choose.rarely(3)) {
    column.type = target.key.columns[0].type
    column.default = undefined
    table.constraints.push({
      name: undefined,
      kind: 'foreign key',
      columns: [column],
      references: target,
      valid: true,
    })
    const list =
      target.key.kind === 'unique' || choose.rarely(2) ? ` (${namesOf(target.key.columns)})` : ''
    more = ` REFERENCES ${target.table.name}${list}${choose.one('', ' ON DELETE CASCADE', ' ON UPDATE SET NULL')}`
  }
  return `ALTER TABLE ${table.name} ADD COLUMN ${guard}${columnText(column)}${more}`
}

/** What the history has already, said again as it is. */
const addColumnAgain: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  const column = choose.from(table?.columns ?? [])
  return (
    table && column && `ALTER TABLE ${table.name} ADD COLUMN IF NOT EXISTS ${columnText(column)}`
  )
}

const isReferenced = ({ tables }: Schema, key: Constraint): boolean =>
  tables.some(({ constraints }) => constraints.some(({ references }) => references?.key === key))

const isRead = ({ views }: Schema, column: Column): boolean =>
  views.some(({ columns }) => columns.includes(column))

const forgetColumn = (table: Table, column: Column): void => {
  table.columns = table.columns.filter((each) => each !== column)
  table.constraints = table.constraints.filter(({ columns }) => !columns.includes(column))
  table.indexes = table.indexes.filter(({ columns }) => !columns.includes(column))
}

const dropColumn: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from(table?.columns ?? [])
  if (table === undefined || column === undefined || table.columns.length < 2) return undefined
  const keys = table.constraints.filter(({ columns }) => columns.includes(column))
  if (isRead(schema, column) || keys.some((key) => isReferenced(schema, key))) return undefined
  forgetColumn(table, column)
  return `ALTER TABLE ${table.name} DROP COLUMN ${choose.rarely(3) ? 'IF EXISTS ' : ''}${column.name}${choose.rarely(6) ? ' CASCADE' : ''}`
}

const dropMissingColumn: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  const name = table && freeColumn(table, choose)
  return table && name && `ALTER TABLE ${table.name} DROP COLUMN IF EXISTS ${name}`
}

const renameColumn: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  const column = choose.from(table?.columns ?? [])
  const name = table && freeColumn(table, choose)
  if (table === undefined || column === undefined || name === undefined) return undefined
  const text = `ALTER TABLE ${table.name} RENAME ${choose.rarely(2) ? 'COLUMN ' : ''}${column.name} TO ${name}`
  column.name = name
  return text
}

const alterNullability: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  const column = choose.from(table?.columns ?? [])
  if (table === undefined || column === undefined) return undefined
  const isKey = table.constraints.some(
    ({ kind, columns }) => kind === 'primary key' && columns.includes(column),
  )
  if (isKey) return undefined
  column.notNull = !column.notNull
  return `ALTER TABLE ${table.name} ALTER ${column.name} ${column.notNull ? 'SET' : 'DROP'} NOT NULL`
}

const alterDefault: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from(table?.columns ?? [])
  if (table === undefined || column === undefined) return undefined
  column.default = choose.rarely(3) ? undefined : defaultFor(schema, column.type, choose)
  const what = column.default === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${column.default}`
  return `ALTER TABLE ${table.name} ALTER COLUMN ${column.name} ${what}`
}

/** Is there something that keeps it from having another type? */
const isHeld = (schema: Schema, table: Table, column: Column): boolean =>
  isRead(schema, column) ||
  table.constraints.some(
    (each) =>
      each.columns.includes(column) &&
      (each.kind === 'check' || each.kind === 'foreign key' || isReferenced(schema, each)),
  ) ||
  table.indexes.some(({ columns, typed }) => typed && columns.includes(column))

const alterType: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from(table?.columns ?? [])
  if (table === undefined || column === undefined || isHeld(schema, table, column)) return undefined
  const type = typeOf(schema, choose)
  if (type === column.type) return undefined
  const drop = column.default === undefined ? '' : `ALTER ${column.name} DROP DEFAULT, `
  column.type = type
  column.default = undefined
  return `ALTER TABLE ${table.name} ${drop}ALTER ${column.name} TYPE ${type} USING ${column.name}::text::${type}`
}

const createIndex: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from(table?.columns ?? [])
  const other = choose.from(table?.columns ?? [])
  const name = freeName(schema, 'i', choose)
  if (table === undefined || column === undefined || other === undefined || name === undefined)
    return undefined
  const columns = column === other ? [column] : [column, other]
  const plain = `(${columns.map((each) => `${each.name}${choose.one('', '', ' DESC', ' NULLS FIRST')}`).join(', ')})`
  const isExpression = isText(column) && choose.rarely(3)
  const isPartial = choose.rarely(4)
  const keys = isExpression ? `(lower(${column.name}))` : plain
  const unique = choose.rarely(4)
  const shape = `${keys}${isPartial ? ` WHERE ${condition(other, choose)}` : ''}`
  const guard = choose.rarely(3) ? 'IF NOT EXISTS ' : ''
  const isNamed = guard !== '' || !choose.rarely(6)
  table.indexes.push({
    name: isNamed ? name : undefined,
    columns,
    shape,
    unique,
    typed: isExpression || isPartial,
  })
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${guard}${isNamed ? `${name} ` : ''}ON ${table.name} ${shape}`
}

const namedIndexes = ({
  tables,
}: Schema): readonly { readonly table: Table; readonly index: Index }[] =>
  tables.flatMap((table) =>
    table.indexes.filter(({ name }) => name !== undefined).map((index) => ({ table, index })),
  )

const dropIndex: Make = (schema, choose) => {
  const found = choose.from(namedIndexes(schema))
  if (found === undefined) return undefined
  const { table, index } = found
  table.indexes = table.indexes.filter((each) => each !== index)
  return `DROP INDEX ${choose.rarely(3) ? 'IF EXISTS ' : ''}${index.name ?? ''}`
}

const renameIndex: Make = (schema, choose) => {
  const found = choose.from(namedIndexes(schema))
  const name = freeName(schema, 'i', choose)
  if (found === undefined || name === undefined) return undefined
  const text = `ALTER INDEX ${found.index.name ?? ''} RENAME TO ${name}`
  found.index.name = name
  return text
}

const addCheck: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from(table?.columns ?? [])
  const other = choose.from(table?.columns ?? [])
  const name = freeName(schema, 'k', choose)
  if (table === undefined || column === undefined || other === undefined || name === undefined)
    return undefined
  const isNamed = !choose.rarely(4)
  const valid = !choose.rarely(4)
  const isWide = column !== other && choose.rarely(3)
  const columns = isWide ? [column, other] : [column]
  const text = isWide
    ? `${condition(column, choose)} ${choose.one('AND', 'OR')} ${condition(other, choose)}`
    : condition(column, choose)
  table.constraints.push({ name: isNamed ? name : undefined, kind: 'check', columns, valid })
  return `ALTER TABLE ${table.name} ADD ${isNamed ? `CONSTRAINT ${name} ` : ''}CHECK (${text})${valid ? '' : ' NOT VALID'}`
}

const addKey: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from(table?.columns ?? [])
  const other = choose.from(table?.columns ?? [])
  const name = freeName(schema, 'u', choose)
  if (table === undefined || column === undefined || other === undefined || name === undefined)
    return undefined
  const columns = column === other ? [column] : [column, other]
  const kind = !hasKey(table) && choose.rarely(2) ? 'primary key' : 'unique'
  const isNamed = !choose.rarely(3)
  table.constraints.push({ name: isNamed ? name : undefined, kind, columns, valid: true })
  if (kind === 'primary key') for (const each of columns) each.notNull = true
  return `ALTER TABLE ${table.name} ADD ${isNamed ? `CONSTRAINT ${name} ` : ''}${kind.toUpperCase()} (${namesOf(columns)})`
}

const addForeignKey: Make = (schema, choose) => {
  const target = choose.from(targetsOf(schema))
  const wanted = target?.key.columns[0]
  const table = choose.from(schema.tables)
  const column = choose.from((table?.columns ?? []).filter(({ type }) => type === wanted?.type))
  const name = freeName(schema, 'k', choose)
  if (target === undefined || table === undefined || column === undefined || name === undefined)
    return undefined
  const isNamed = !choose.rarely(3)
  const valid = !choose.rarely(3)
  table.constraints.push({
    name: isNamed ? name : undefined,
    kind: 'foreign key',
    columns: [column],
    references: target,
    valid,
  })
  const list =
    target.key.kind === 'unique' || choose.rarely(2) ? ` (${namesOf(target.key.columns)})` : ''
  const action = choose.one(
    '',
    ' ON DELETE CASCADE',
    ' ON DELETE SET NULL',
    ' DEFERRABLE INITIALLY DEFERRED',
  )
  return `ALTER TABLE ${table.name} ADD ${isNamed ? `CONSTRAINT ${name} ` : ''}FOREIGN KEY (${column.name}) REFERENCES ${target.table.name}${list}${action}${valid ? '' : ' NOT VALID'}`
}

const namedConstraints = ({
  tables,
}: Schema): readonly { readonly table: Table; readonly constraint: Constraint }[] =>
  tables.flatMap((table) =>
    table.constraints
      .filter(({ name }) => name !== undefined)
      .map((constraint) => ({ table, constraint })),
  )

const validate: Make = (schema, choose) => {
  const found = choose.from(namedConstraints(schema).filter(({ constraint }) => !constraint.valid))
  if (found === undefined) return undefined
  found.constraint.valid = true
  return `ALTER TABLE ${found.table.name} VALIDATE CONSTRAINT ${found.constraint.name ?? ''}`
}

const dropConstraint: Make = (schema, choose) => {
  const found = choose.from(namedConstraints(schema))
  if (found === undefined || isReferenced(schema, found.constraint)) return undefined
  const { table, constraint } = found
  table.constraints = table.constraints.filter((each) => each !== constraint)
  return `ALTER TABLE ${table.name} DROP CONSTRAINT ${choose.rarely(3) ? 'IF EXISTS ' : ''}${constraint.name ?? ''}`
}

const renameConstraint: Make = (schema, choose) => {
  const found = choose.from(namedConstraints(schema))
  const isKey = found?.constraint.kind === 'primary key' || found?.constraint.kind === 'unique'
  const name = freeName(schema, isKey ? 'u' : 'k', choose)
  if (found === undefined || name === undefined) return undefined
  const text = `ALTER TABLE ${found.table.name} RENAME CONSTRAINT ${found.constraint.name ?? ''} TO ${name}`
  found.constraint.name = name
  return text
}

const renameTable: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const name = freeTable(schema, choose)
  if (table === undefined || name === undefined) return undefined
  const text = `ALTER TABLE ${table.name} RENAME TO ${name}`
  table.name = name
  return text
}

const dropTable: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  if (table === undefined) return undefined
  const isNeeded =
    schema.views.some((view) => view.table === table) ||
    schema.tables.some(
      (each) =>
        each !== table && each.constraints.some(({ references }) => references?.table === table),
    )
  schema.tables = schema.tables.filter((each) => each !== table)
  schema.views = schema.views.filter((view) => view.table !== table)
  schema.triggers = schema.triggers.filter((trigger) => trigger.table !== table)
  for (const each of schema.tables)
    each.constraints = each.constraints.filter(({ references }) => references?.table !== table)
  return `DROP TABLE ${choose.rarely(3) ? 'IF EXISTS ' : ''}${table.name}${isNeeded || choose.rarely(5) ? ' CASCADE' : ''}`
}

const dropMissingTable: Make = (schema, choose) => {
  const name = freeTable(schema, choose)
  return name && `DROP TABLE IF EXISTS ${name}`
}

const createEnum: Make = (schema, choose) => {
  const name = choose.from(
    free(
      numbered('e', 3),
      schema.enums.map((each) => each.name),
    ),
  )
  if (name === undefined) return undefined
  const labels = choose.one(['a', 'b'], ['a'], ['x', 'y', 'z'])
  schema.enums.push({ name, labels: [...labels] })
  return `CREATE TYPE ${name} AS ENUM (${labels.map((label) => `'${label}'`).join(', ')})`
}

const addLabel: Make = ({ enums, freshLabels }, choose) => {
  const found = choose.from(enums)
  const label = choose.from(free(['a', 'b', 'c', 'd', 'e'], found?.labels ?? []))
  if (found === undefined || label === undefined) return undefined
  const place = choose.rarely(3) ? ` BEFORE '${found.labels[0] ?? ''}'` : ''
  found.labels = place === '' ? [...found.labels, label] : [label, ...found.labels]
  freshLabels.add(label)
  return `ALTER TYPE ${found.name} ADD VALUE ${choose.rarely(3) ? 'IF NOT EXISTS ' : ''}'${label}'${place}`
}

const renameLabel: Make = ({ enums, tables }, choose) => {
  const found = choose.from(enums)
  const label = choose.from(found?.labels ?? [])
  const to = choose.from(free(['f', 'g', 'h'], found?.labels ?? []))
  if (found === undefined || label === undefined || to === undefined) return undefined
  found.labels = found.labels.map((each) => (each === label ? to : each))
  // The server shows the default by the new label, and so must what says the column again.
  for (const column of tables.flatMap(({ columns }) => columns))
    if (column.type === found.name)
      column.default = column.default?.replace(`'${label}'`, `'${to}'`)
  return `ALTER TYPE ${found.name} RENAME VALUE '${label}' TO '${to}'`
}

const renameEnum: Make = ({ enums, tables }, choose) => {
  const found = choose.from(enums)
  const name = choose.from(
    free(
      numbered('e', 3),
      enums.map((each) => each.name),
    ),
  )
  if (found === undefined || name === undefined) return undefined
  const text = `ALTER TYPE ${found.name} RENAME TO ${name}`
  for (const column of tables.flatMap(({ columns }) => columns))
    if (column.type === found.name) {
      column.type = name
      column.default = column.default?.replace(`::${found.name}`, `::${name}`)
    }
  found.name = name
  return text
}

const dropEnum: Make = (schema, choose) => {
  const found = choose.from(schema.enums)
  if (found === undefined) return undefined
  if (schema.tables.some(({ columns }) => columns.some(({ type }) => type === found.name)))
    return undefined
  schema.enums = schema.enums.filter((each) => each !== found)
  return `DROP TYPE ${choose.rarely(3) ? 'IF EXISTS ' : ''}${found.name}`
}

const viewText = ({ table, columns }: View, choose: Choose): string => {
  const list = columns.map(({ name }, index) => `${name} AS x${index + 1}`).join(', ')
  const [first] = columns
  // A test for NULL would be no test where the column is NOT NULL.
  const isTested = first !== undefined && (isNumber(first) || isText(first))
  const where = isTested && choose.rarely(2) ? ` WHERE ${condition(first, choose)}` : ''
  return `SELECT ${list} FROM ${table.name}${where}`
}

const createView: Make = (schema, choose) => {
  const name = choose.from(
    free(
      numbered('v', 3),
      schema.views.map((view) => view.name),
    ),
  )
  const table = choose.from(schema.tables)
  if (name === undefined || table === undefined) return undefined
  const columns = choose.rarely(2) ? table.columns.slice(0, 1) : [...table.columns]
  const view: View = { name, table, columns }
  schema.views.push(view)
  return `CREATE ${choose.rarely(3) ? 'OR REPLACE ' : ''}VIEW ${name} AS ${viewText(view, choose)}`
}

const replaceView: Make = ({ views }, choose) => {
  const view = choose.from(views)
  return view && `CREATE OR REPLACE VIEW ${view.name} AS ${viewText(view, choose)}`
}

const dropView: Make = (schema, choose) => {
  const view = choose.from(schema.views)
  if (view === undefined) return undefined
  schema.views = schema.views.filter((each) => each !== view)
  return `DROP VIEW ${choose.rarely(3) ? 'IF EXISTS ' : ''}${view.name}`
}

const renameView: Make = ({ views }, choose) => {
  const view = choose.from(views)
  const name = choose.from(
    free(
      numbered('v', 3),
      views.map((each) => each.name),
    ),
  )
  if (view === undefined || name === undefined) return undefined
  const text = `ALTER VIEW ${view.name} RENAME TO ${name}`
  view.name = name
  return text
}

const replaceFunction: Make = ({ functions }, choose) => {
  const name = choose.one('f1', 'f2')
  const version = choose.one(1, 2, 3)
  functions.set(name, version)
  return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM ${version}; RETURN NEW; END $$`
}

const createTrigger: Make = ({ functions, tables, triggers }, choose) => {
  const table = choose.from(tables)
  const called = choose.from([...functions.keys()])
  const name = choose.from(
    free(
      numbered('g', 3),
      triggers.map((trigger) => trigger.name),
    ),
  )
  if (table === undefined || called === undefined || name === undefined) return undefined
  triggers.push({ name, table, function: called })
  return `CREATE TRIGGER ${name} ${choose.one('BEFORE', 'AFTER')} ${choose.one('INSERT', 'UPDATE', 'INSERT OR DELETE')} ON ${table.name} FOR EACH ROW EXECUTE FUNCTION ${called}()`
}

const dropTrigger: Make = (schema, choose) => {
  const trigger = choose.from(schema.triggers)
  if (trigger === undefined) return undefined
  schema.triggers = schema.triggers.filter((each) => each !== trigger)
  return `DROP TRIGGER ${choose.rarely(3) ? 'IF EXISTS ' : ''}${trigger.name} ON ${trigger.table.name}`
}

const comment: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  const column = choose.from(table?.columns ?? [])
  if (table === undefined || column === undefined) return undefined
  const on = choose.rarely(2) ? `TABLE ${table.name}` : `COLUMN ${table.name}.${column.name}`
  return `COMMENT ON ${on} IS ${choose.one("'one'", "'two'", 'NULL')}`
}

/** Nothing in the catalog tells of it, and it does no harm twice. */
const unseen: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  return choose.one(
    'DO $$ BEGIN PERFORM 1; END $$',
    table === undefined ? 'SELECT 1' : `DELETE FROM ${table.name} WHERE false`,
    table === undefined
      ? 'SELECT 2'
      : `INSERT INTO ${table.name} SELECT * FROM ${table.name} WHERE false`,
  )
}

/** Has the file a statement that nothing in the catalog tells of, and that is not only a question? */
export const hasUnseen = (file: string): boolean => /^(?:DO|DELETE|INSERT) /m.test(file)

// The first are what shrinking ends at.
const makers: readonly Make[] = [
  createTable,
  addColumn,
  createEnum,
  createIndex,
  addColumn,
  dropColumn,
  createTable,
  renameColumn,
  addKey,
  alterNullability,
  alterDefault,
  alterType,
  addForeignKey,
  dropIndex,
  addCheck,
  dropConstraint,
  renameTable,
  dropTable,
  createView,
  replaceView,
  dropView,
  addLabel,
  renameLabel,
  renameEnum,
  dropEnum,
  renameIndex,
  renameConstraint,
  validate,
  renameView,
  replaceFunction,
  createTrigger,
  dropTrigger,
  comment,
  unseen,
  addColumnAgain,
  dropMissingColumn,
  dropMissingTable,
]

const alterFunction: Make = ({ functions }, choose) => {
  const name = choose.from([...functions.keys()])
  const how = choose.one(
    "SET search_path TO 'public'",
    'RESET ALL',
    'COST 7',
    'STABLE',
    'SECURITY DEFINER',
  )
  return name && `ALTER FUNCTION ${name}() ${how}`
}

const createDomain: Make = ({ domains }, choose) => {
  const name = choose.from(free(numbered('d', 3), [...domains.keys()]))
  if (name === undefined) return undefined
  domains.set(name, new Set(['dk1']))
  return `CREATE DOMAIN ${name} AS int CONSTRAINT dk1 CHECK (VALUE > 0)`
}

const alterDomain: Make = ({ domains }, choose) => {
  const found = choose.from([...domains])
  if (found === undefined) return undefined
  const [name, constraints] = found
  const added = choose.from(free(numbered('dk', 3), [...constraints]))
  const dropped = choose.from([...constraints])
  const how = choose.one('SET DEFAULT 1', 'DROP DEFAULT', 'SET NOT NULL', 'ADD', 'ADD', 'DROP')
  if (how === 'ADD' && added !== undefined) {
    constraints.add(added)
    return `ALTER DOMAIN ${name} ADD CONSTRAINT ${added} CHECK (VALUE < ${choose.one('10', '20')})`
  }
  if (how === 'DROP' && dropped !== undefined) {
    constraints.delete(dropped)
    return `ALTER DOMAIN ${name} DROP CONSTRAINT ${dropped}`
  }
  return `ALTER DOMAIN ${name} ${how.length > 4 ? how : 'DROP NOT NULL'}`
}

const alterConstraint: Make = (schema, choose) => {
  const found = choose.from(
    namedConstraints(schema).filter(({ constraint: { kind } }) => kind === 'foreign key'),
  )
  const how = choose.one('DEFERRABLE INITIALLY DEFERRED', 'NOT DEFERRABLE', 'DEFERRABLE')
  return (
    found &&
    `ALTER TABLE ${found.table.name} ALTER CONSTRAINT ${found.constraint.name ?? ''} ${how}`
  )
}

const addCollated: Make = ({ tables }, choose) => {
  const table = choose.from(tables)
  const name = table && freeColumn(table, choose)
  if (table === undefined || name === undefined) return undefined
  table.columns.push({ name, type: 'text', notNull: false, default: undefined })
  return `ALTER TABLE ${table.name} ADD COLUMN ${choose.rarely(3) ? 'IF NOT EXISTS ' : ''}${name} text COLLATE ${choose.one('"C"', '"POSIX"', 'pg_catalog."C"')}`
}

const collatedIndex: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from((table?.columns ?? []).filter(isText))
  const name = freeName(schema, 'i', choose)
  if (table === undefined || column === undefined || name === undefined) return undefined
  const key = choose.one(
    `${column.name} COLLATE "C"`,
    `lower(${column.name}) COLLATE "C"`,
    `(${column.name} || 'x')`,
  )
  table.indexes.push({ name, columns: [column], shape: key, unique: false, typed: true })
  return `CREATE INDEX ${choose.rarely(3) ? 'IF NOT EXISTS ' : ''}${name} ON ${table.name} (${key})`
}

const qualifiedCheck: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const column = choose.from((table?.columns ?? []).filter(isNumber))
  const name = freeName(schema, 'k', choose)
  if (table === undefined || column === undefined || name === undefined) return undefined
  table.constraints.push({ name, kind: 'check', columns: [column], valid: true })
  const said = choose.one(`public.${table.name}.${column.name}`, `${table.name}.${column.name}`)
  return `ALTER TABLE ${table.name} ADD CONSTRAINT ${name} CHECK (${said} > 0 OR ${said} IS NULL)`
}

/** What renames, out of sight. */
const hiddenRename: Make = (schema, choose) => {
  const text = choose.one(renameColumn, renameTable, renameIndex)(schema, choose)
  if (text === undefined) return undefined
  return choose.rarely(2)
    ? `DO $$ BEGIN ${text}; END $$`
    : `DO $do$ BEGIN EXECUTE '${text}'; END $do$`
}

/** The column of a key goes, and another one takes its place. */
const moveKey: Make = (schema, choose) => {
  const table = choose.from(schema.tables.filter(hasKey))
  const key = table?.constraints.find(({ kind }) => kind === 'primary key')
  const column = choose.from(key?.columns ?? [])
  const other = choose.from((table?.columns ?? []).filter((each) => each !== column))
  if (table === undefined || column === undefined || other === undefined) return undefined
  const held = table.constraints.filter(({ columns }) => columns.includes(column))
  if (isRead(schema, column) || held.some((each) => isReferenced(schema, each))) return undefined
  forgetColumn(table, column)
  table.constraints.push({
    ...{ name: undefined, kind: 'primary key', columns: [other], valid: true },
  })
  other.notNull = true
  const actions = [`DROP COLUMN ${column.name}`, `ADD PRIMARY KEY (${other.name})`]
  return choose.rarely(2)
    ? `ALTER TABLE ${table.name} ${actions.join(', ')}`
    : actions.map((action) => `ALTER TABLE ${table.name} ${action}`).join(';\n')
}

/** The index goes on under the name of the key. */
const keyFromIndex: Make = (schema, choose) => {
  const found = choose.from(
    namedIndexes(schema).filter(
      ({ index: { unique, typed, shape } }) => unique && !typed && !/DESC|NULLS/.test(shape),
    ),
  )
  const name = freeName(schema, 'u', choose)
  if (found === undefined || name === undefined) return undefined
  const { table, index } = found
  const kind = !hasKey(table) && choose.rarely(2) ? 'primary key' : 'unique'
  const isRenamed = choose.rarely(2)
  table.indexes = table.indexes.filter((each) => each !== index)
  table.constraints.push({
    ...{ name: isRenamed ? name : index.name, kind, columns: index.columns, valid: true },
  })
  if (kind === 'primary key') for (const each of index.columns) each.notNull = true
  return `ALTER TABLE ${table.name} ADD CONSTRAINT ${isRenamed ? name : (index.name ?? '')} ${kind.toUpperCase()} USING INDEX ${index.name ?? ''}`
}

/** A sequence that belongs to its column, and goes with it. */
const addSequence: Make = (schema, choose) => {
  const table = choose.from(schema.tables)
  const name = table && freeColumn(table, choose)
  const sequence = choose.from(
    free(
      numbered('s', 3),
      [...schema.sequences].flatMap(([each, column]) =>
        schema.tables.some(({ columns }) => columns.includes(column)) ? [each] : [],
      ),
    ),
  )
  if (table === undefined || name === undefined || sequence === undefined) return undefined
  const column: Column = { ...{ name, type: 'bigint', notNull: false }, default: undefined }
  column.default = `nextval('${sequence}')`
  table.columns.push(column)
  schema.sequences.set(sequence, column)
  return [
    `CREATE SEQUENCE ${choose.rarely(3) ? 'IF NOT EXISTS ' : ''}${sequence}`,
    `ALTER TABLE ${table.name} ADD COLUMN ${columnText(column)}`,
    `ALTER SEQUENCE ${sequence} OWNED BY ${table.name}.${name}`,
  ].join(';\n')
}

/** As an enum loses a label: another one takes its name and its columns. */
const swapEnum: Make = (schema, choose) => {
  const found = choose.from(schema.enums)
  if (found === undefined) return undefined
  const users = schema.tables.flatMap((table) =>
    table.columns
      .filter(({ type }) => type === found.name)
      .map((column) => ({ table, column, isHeld: isHeld(schema, table, column) })),
  )
  if (users.some(({ isHeld }) => isHeld)) return undefined
  const labels = choose.one(['a', 'b', 'c'], ['b', 'a'], ['x'])
  found.labels = [...labels]
  return [
    `ALTER TYPE ${found.name} RENAME TO ${found.name}_old`,
    `CREATE TYPE ${found.name} AS ENUM (${labels.map((label) => `'${label}'`).join(', ')})`,
    ...users.map(({ table, column }) => {
      const drop = column.default === undefined ? '' : `ALTER ${column.name} DROP DEFAULT, `
      column.default = undefined
      return `ALTER TABLE ${table.name} ${drop}ALTER ${column.name} TYPE ${found.name} USING ${column.name}::text::${found.name}`
    }),
    `DROP TYPE ${found.name}_old`,
  ].join(';\n')
}

/** The default goes along, cast by the server. */
const widenType: Make = (schema, choose) => {
  const wider: Readonly<Record<string, string>> = { int: 'bigint', 'varchar(20)': 'text' }
  const table = choose.from(schema.tables)
  const column = choose.from((table?.columns ?? []).filter(({ type }) => type in wider))
  if (table === undefined || column === undefined || isHeld(schema, table, column)) return undefined
  column.type = wider[column.type] ?? column.type
  return `ALTER TABLE ${table.name} ALTER COLUMN ${column.name} SET DATA TYPE ${column.type}`
}

const harshMakers: readonly Make[] = [
  moveKey,
  keyFromIndex,
  addSequence,
  swapEnum,
  widenType,
  alterFunction,
  createDomain,
  alterDomain,
  alterDomain,
  alterConstraint,
  addCollated,
  collatedIndex,
  qualifiedCheck,
  hiddenRename,
]
