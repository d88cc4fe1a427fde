// Views, triggers, policies, sequences, schemas, extensions and comments.

import type {
  CommentStmt,
  CreatePolicyStmt,
  CreateSchemaStmt,
  CreateTableAsStmt,
  CreateTrigStmt,
  Node,
  RoleSpec,
  ViewStmt,
} from 'libpg-query'
import { hasStar } from '../names/columns-in.ts'
import { create, text, type Definition, type Effect, type Guard, type Fragment } from '../effect.ts'
import {
  findRelation,
  itemsOf,
  newRelation,
  oldName,
  oldRelation,
  ownedObject,
  relationObject,
  type Scope,
} from '../scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'

const orReplace = (replace: boolean | undefined): Guard =>
  replace === true ? 'or replace' : 'none'

// What '*' stands for depends on the tables at that time, so such a query is not evidence.
const queryProperties = (query: Node | undefined): { definition?: Definition } =>
  query === undefined || hasStar(query) ? {} : { definition: [{ kind: 'query', node: query }] }

export const createView = ({ view, query, replace }: ViewStmt, scope: Scope): readonly Effect[] => [
  create(
    relationObject('view', newRelation(scope, view)),
    { existence: [text('view')], ...queryProperties(query) },
    { guard: orReplace(replace) },
  ),
]

export const createTableAs = (
  { into, query, objtype, if_not_exists: ifNotExists }: CreateTableAsStmt,
  scope: Scope,
): readonly Effect[] => {
  const isView = objtype === 'OBJECT_MATVIEW'
  const kind = isView ? 'materialized view' : 'table'
  return [
    create(
      relationObject(kind, newRelation(scope, into?.rel)),
      { existence: [text(kind)], ...(isView ? queryProperties(query) : {}) },
      { guard: ifNotExists === true ? 'if not exists' : 'none' },
    ),
  ]
}

export const createTrigger = (statement: CreateTrigStmt, scope: Scope): readonly Effect[] => {
  const { trigname = '', row, timing = 0, events = 0, columns, whenClause } = statement
  const relation = oldRelation(scope, statement.relation)
  const { schema, name } = findFunction(scope, statement.funcname)
  const when: Fragment[] =
    whenClause === undefined
      ? []
      : [
          text(' WHEN ('),
          { kind: 'expression', node: whenClause, relation, rows: 'old and new' },
          text(')'),
        ]
  const of: Fragment[] =
    columns === undefined
      ? []
      : [text(' OF '), { kind: 'columns', relation, names: stringsOf(columns) }]
  // Timing and events are the bits of pg_trigger.tgtype, in the parse tree as in the catalog; 1 is FOR EACH ROW.
  const definition = [
    text(`type ${(row === true ? 1 : 0) | timing | events}`),
    ...of,
    ...when,
    text(` EXECUTE ${schema}.${name}(${stringsOf(statement.args).join(', ')})`),
  ]
  const object = ownedObject('trigger', relation, trigname)
  return [create(object, { definition }, { guard: orReplace(statement.replace) })]
}

// https://www.postgresql.org/docs/current/functions-trigger.html: found before any schema of the path.
const builtIn = [
  'suppress_redundant_updates_trigger',
  'tsvector_update_trigger',
  'tsvector_update_trigger_column',
]

const findFunction = (
  scope: Scope,
  parts: readonly Node[] | undefined,
): { readonly schema: string; readonly name: string } => {
  const [only, ...more] = stringsOf(parts)
  if (only !== undefined && more.length === 0 && builtIn.includes(only))
    return { schema: 'pg_catalog', name: only }
  const { schema, name } = oldName(scope, 'function', [
    ...(parts ?? []).slice(0, -1),
    { String: { sval: `${stringsOf(parts).at(-1) ?? ''}()` } },
  ])
  return { schema, name: name.slice(0, -2) }
}

export const createPolicy = (statement: CreatePolicyStmt, scope: Scope): readonly Effect[] => {
  const { policy_name: name = '', cmd_name: command = 'all', permissive, roles = [] } = statement
  const relation = oldRelation(scope, statement.table)
  const roleNames = roles.map((node) => ('RoleSpec' in node ? roleName(node.RoleSpec) : undefined))
  const clause = (words: string, node: Node | undefined): Definition =>
    node === undefined
      ? []
      : [text(` ${words} (`), { kind: 'expression', node, relation, rows: 'table' }, text(')')]
  const object = ownedObject('policy', relation, name)
  // CURRENT_USER is whoever runs the migration.
  if (roleNames.includes(undefined)) return [create(object, { existence: [text('policy')] })]
  const definition = [
    text(permissive === true ? 'PERMISSIVE' : 'RESTRICTIVE'),
    text(` FOR ${command.toUpperCase()} TO ${roleNames.sort().join(', ')}`),
    ...clause('USING', statement.qual),
    ...clause('WITH CHECK', statement.with_check),
  ]
  return [create(object, { definition })]
}

const roleName = ({ roletype, rolename = '' }: RoleSpec): string | undefined => {
  if (roletype === 'ROLESPEC_CSTRING') return rolename
  return roletype === 'ROLESPEC_PUBLIC' ? 'public' : undefined
}

/** The schema itself; its elements are statements of their own. */
export const createSchema = ({
  schemaname,
  if_not_exists: ifNotExists,
}: CreateSchemaStmt): readonly Effect[] | undefined =>
  // CREATE SCHEMA AUTHORIZATION takes its name from the role.
  schemaname === undefined
    ? undefined
    : [
        create(
          { kind: 'schema', schema: '', table: '', name: schemaname },
          { existence: [text('schema')] },
          { guard: ifNotExists === true ? 'if not exists' : 'none' },
        ),
      ]

const commented = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
} as const

/** Comments on tables and columns are evidence; on other kinds they are not. */
export const commentOn = (
  { objtype = 'OBJECT_CAST', object, comment }: CommentStmt,
  scope: Scope,
): readonly Effect[] | undefined => {
  const properties = { comment: [text(comment ?? '')] }
  const parts = stringsOf(itemsOf(object))
  if (objtype === 'OBJECT_COLUMN') {
    const relation = findRelation(scope, parts.at(-3), parts.at(-2) ?? '')
    const column = ownedObject('column', relation, parts.at(-1) ?? '')
    return [{ kind: 'alter', object: column, guard: 'none', properties }]
  }
  const kind = Object.entries(commented).find(([each]) => each === objtype)?.[1]
  if (kind === undefined) return undefined
  const named = relationObject(kind, findRelation(scope, parts.at(-2), parts.at(-1) ?? ''))
  return [{ kind: 'alter', object: named, guard: 'none', properties }]
}
