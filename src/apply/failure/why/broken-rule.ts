// Which rows break the constraint that a statement adds or validates, and how many: the data is wrong, and not the file.

import type { ServerError, Subject } from '../../../database/session/reply.ts'
import { withRole } from '../../../database/session/with-role.ts'
import { quoteName } from '../../../errors/define.ts'
import type { ReadStatement } from '../../../schema/history/history.ts'
import { loadDeparser, type Deparse } from '../../../sql/tree/deparse.ts'
import { asWritten } from '../../../sql/tree/naming.ts'
import { loadParser } from '../../../sql/tree/parse.ts'
import { literal } from '../../../database/literal.ts'
import { lookUp, type Failed } from './look-up.ts'
import { rulesIn, type Rule } from './rules-in.ts'
import {
  checkViolation,
  exclusionViolation,
  foreignKeyViolation,
  notNullViolation,
  uniqueViolation,
} from '../../../errors/server/sqlstate.ts'

const broken: readonly string[] = [
  notNullViolation,
  foreignKeyViolation,
  uniqueViolation,
  checkViolation,
  exclusionViolation,
]

export const breaksRule = (sqlstate: string): boolean => broken.includes(sqlstate)

const changesRows = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CopyStmt', 'DoStmt']

export const brokenRule = async (
  { sqlstate, subject }: ServerError,
  failed: Failed,
): Promise<string | undefined> => {
  if (subject === undefined) return undefined
  const { node } = failed.statements.at(-1) ?? {}
  if (node === undefined) return undefined
  if (changesRows.some((kind) => kind in node)) return ofRows(sqlstate, subject)
  if (addsColumn(node, subject) && sqlstate === notNullViolation)
    return `The rows that ${nameOf(subject)} has would get no value for ${subject.column ?? ''}. Give the column a DEFAULT; or add it without NOT NULL, fill it, and SET NOT NULL in a later migration.`
  const rows = await rowsThatBreak(sqlstate, subject, failed)
  return rows === undefined
    ? `The data breaks the rule, not the file: correct the rows of ${nameOf(subject)} that the message names, and run again.`
    : `The data breaks the rule, not the file (${rows.found}). Correct these rows, and run again:\n${rows.query}`
}

const nameOf = ({ schema, table }: Pick<Subject, 'schema' | 'table'>): string =>
  `${quoteName(schema)}.${quoteName(table)}`

const ofRows = (sqlstate: string, subject: Subject): string => {
  const what = `A row that this statement writes breaks ${subject.constraint ?? 'a rule'} of ${nameOf(subject)}`
  return sqlstate === uniqueViolation
    ? `${what}: the key already exists. ON CONFLICT DO NOTHING skips such rows; or correct the key in the file, and run again.`
    : `${what}. Correct the row in the file, or what it refers to in the database, and run again.`
}

const addsColumn = (node: ReadStatement['node'], { column }: Subject): boolean =>
  'AlterTableStmt' in node &&
  (node.AlterTableStmt.cmds ?? []).some((cmd) => {
    if (!('AlterTableCmd' in cmd) || cmd.AlterTableCmd.subtype !== 'AT_AddColumn') return false
    const { def } = cmd.AlterTableCmd
    return def !== undefined && 'ColumnDef' in def && def.ColumnDef.colname === column
  })

type Rows = { readonly query: string; readonly found: string }

const rowsThatBreak = async (
  sqlstate: string,
  subject: Subject,
  failed: Failed,
): Promise<Rows | undefined> => {
  const deparse = await loadDeparser(await loadParser(asWritten))
  const rule = await ruleOf(sqlstate, subject, failed)
  const condition = rule && (await conditionOf(rule, subject, deparse, failed))
  if (rule === undefined || condition === undefined) return undefined
  const { query, counted, words } = condition
  const session = withRole(failed.session, failed.server.searchPath.role)
  const [[row] = []] = await lookUp(
    session,
    `SELECT pg_catalog.count(*)::pg_catalog.text AS n FROM (${counted}) AS rows`,
  )
  const n = row?.['n']
  return {
    query: `${query} LIMIT 20;`,
    found: `${words}: ${typeof n === 'string' ? n : 'not counted'}`,
  }
}

/** What the file says of it; of one that was there before, what the catalog says. */
const ruleOf = async (
  sqlstate: string,
  { schema, table, column, constraint }: Subject,
  { statements, session }: Failed,
): Promise<Rule | undefined> => {
  if (sqlstate === notNullViolation)
    return column === undefined ? undefined : { kind: 'not null', column }
  const kind = kindOf[sqlstate]
  if (kind === undefined) return undefined
  const said = statements
    .toReversed()
    .flatMap(({ node }) => rulesIn(node, table))
    .filter((each) => each.kind === kind)
  const named = said.find(({ name }) => name !== undefined && name === constraint)
  const unnamed = said.find(({ name }) => name === undefined)
  if (named !== undefined || unnamed !== undefined) return named ?? unnamed
  const [[row] = []] = await lookUp(
    session,
    `SELECT pg_catalog.pg_get_constraintdef(c.oid) AS definition FROM pg_catalog.pg_constraint c
      JOIN pg_catalog.pg_class t ON t.oid = c.conrelid AND t.relname = ${literal(table)}
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace AND n.nspname = ${literal(schema)}
      WHERE c.conname = ${literal(constraint ?? '')}`,
  )
  const definition = row?.['definition']
  if (typeof definition !== 'string') return undefined
  const parsed = (await loadParser(asWritten))(
    `ALTER TABLE t ADD ${definition.replace(/ NOT VALID$/, '')}`,
  )
  return parsed.kind === 'parsed'
    ? parsed.statements.flatMap(({ node }) => rulesIn(node, 't')).find((each) => each.kind === kind)
    : undefined
}

const kindOf: Readonly<Record<string, Rule['kind']>> = {
  [foreignKeyViolation]: 'foreign key',
  [uniqueViolation]: 'unique',
  [checkViolation]: 'check',
}

type Condition = {
  readonly query: string
  readonly counted: string
  /** What there is some number of. */
  readonly words: string
}

const conditionOf = async (
  rule: Rule,
  subject: Subject,
  deparse: Deparse,
  failed: Failed,
): Promise<Condition | undefined> => {
  const table = nameOf(subject)
  switch (rule.kind) {
    case 'not null': {
      const query = `SELECT * FROM ${table} WHERE ${quoteName(rule.column)} IS NULL`
      return {
        query,
        counted: query,
        words: `rows of ${table} without a value for ${rule.column}`,
      }
    }
    case 'check': {
      const expression = deparse.expression(rule.expression)
      if (expression === undefined) return undefined
      const query = `SELECT * FROM ${table} WHERE NOT (${expression})`
      return {
        query,
        counted: query,
        words: `rows of ${table} for which it is false`,
      }
    }
    case 'unique':
      return duplicates(rule, table, deparse)
    case 'foreign key': {
      const parent = await parentOf(rule, failed)
      if (parent?.columns.length !== rule.columns.length) return undefined
      const pairs = rule.columns.map(
        (column, at) => `p.${quoteName(parent.columns[at] ?? '')} = f.${quoteName(column)}`,
      )
      const present = rule.columns.map((column) => `f.${quoteName(column)} IS NOT NULL`)
      const query = `SELECT f.* FROM ${table} f WHERE ${present.join(' AND ')} AND NOT EXISTS (SELECT FROM ${parent.name} p WHERE ${pairs.join(' AND ')})`
      return {
        query,
        counted: query,
        words: `rows of ${table} without a row in ${parent.name}`,
      }
    }
  }
}

const duplicates = (
  rule: Extract<Rule, { kind: 'unique' }>,
  table: string,
  deparse: Deparse,
): Condition | undefined => {
  const keys = rule.keys.map((key) =>
    typeof key === 'string' ? quoteName(key) : deparse.expression(key),
  )
  const where = rule.where === undefined ? '' : deparse.expression(rule.where)
  if (where === undefined || keys.length === 0 || keys.includes(undefined)) return undefined
  const list = keys.join(', ')
  const present = keys.map((key) => `(${key ?? ''}) IS NOT NULL`)
  const conditions = [
    ...(where === '' ? [] : [`(${where})`]),
    ...(rule.nulls === 'equal' ? [] : present),
  ]
  const groups = `FROM ${table}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`} GROUP BY ${list} HAVING count(*) > 1`
  return {
    query: `SELECT ${list}, count(*) ${groups} ORDER BY count(*) DESC`,
    counted: `SELECT 1 ${groups}`,
    words: `keys of ${table} in more than one row`,
  }
}

const parentOf = async (
  { parent, parentColumns }: Extract<Rule, { kind: 'foreign key' }>,
  { session, statements }: Failed,
): Promise<{ readonly name: string; readonly columns: readonly string[] } | undefined> => {
  const { path = [] } = statements.at(-1) ?? {}
  const schemas = parent.schema === undefined ? path : [parent.schema]
  const [rows = []] = await lookUp(
    session,
    `SELECT n.nspname::pg_catalog.text AS schema, (SELECT pg_catalog.json_agg(a.attname ORDER BY pg_catalog.array_position(i.indkey::pg_catalog.int2[], a.attnum))
        FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary)::pg_catalog.text AS key
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = ${literal(parent.name)} AND c.relkind IN ('r', 'p')`,
  )
  const row = schemas.flatMap((schema) => rows.filter((each) => each['schema'] === schema))[0]
  if (row === undefined) return undefined
  const key = typeof row['key'] === 'string' ? (JSON.parse(row['key']) as string[]) : []
  return {
    name: nameOf({ schema: String(row['schema']), table: parent.name }),
    columns: parentColumns.length > 0 ? parentColumns : key,
  }
}
