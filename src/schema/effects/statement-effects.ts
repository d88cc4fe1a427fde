// The only entry point of this module: a statement's parse tree to its effects on the schema.

import type { Node } from 'libpg-query'
import { alterTable } from './tables/alter-table.ts'
import { createIndex } from './tables/create-index.ts'
import { dropObjects } from './objects/drop.ts'
import { create, objectKey, text, type Effect, type StatementEffects } from './effect.ts'
import { alterDomain, alterPolicy, alterRoutine } from './objects/forgetting.ts'
import { createFunction } from './objects/function.ts'
import {
  commentOn,
  createPolicy,
  createSchema,
  createTableAs,
  createTrigger,
  createView,
} from './objects/other-statements.ts'
import { moveObject, renameObject } from './objects/rename.ts'
import { alterSequence, createSequence } from './objects/sequence.ts'
import { temporarySchema, type Scope } from './scope.ts'
import { createTable } from './tables/table.ts'
import {
  alterEnum,
  createBaseType,
  createComposite,
  createDomain,
  createEnum,
  createRange,
} from './objects/type.ts'

type KindOf<N> = N extends unknown ? keyof N : never
type NodeKind = KindOf<Node>
type Body<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind]
type CreateSchemaBody = Body<'CreateSchemaStmt'>

/** Undefined where a statement, or a part of it, cannot be seen into. */
type Read = readonly (Effect | undefined)[] | undefined

const readers: { readonly [Kind in NodeKind]?: (body: Body<Kind>, scope: Scope) => Read } = {
  CreateStmt: createTable,
  CreateForeignTableStmt: ({ base }, scope) =>
    base === undefined ? undefined : createTable(base, scope),
  AlterTableStmt: (body, scope) =>
    alterTable(body, scope).flatMap((effects): Read => effects ?? [undefined]),
  IndexStmt: (body, scope) => [createIndex(body, scope)],
  DropStmt: dropObjects,
  RenameStmt: renameObject,
  AlterObjectSchemaStmt: moveObject,
  CreateFunctionStmt: (body, scope) => [createFunction(body, scope)],
  CreateTrigStmt: createTrigger,
  ViewStmt: createView,
  CreateTableAsStmt: createTableAs,
  CreateEnumStmt: createEnum,
  AlterEnumStmt: alterEnum,
  CompositeTypeStmt: createComposite,
  CreateDomainStmt: createDomain,
  CreateRangeStmt: createRange,
  DefineStmt: createBaseType,
  CreatePolicyStmt: createPolicy,
  CreateSchemaStmt: (body, scope) => createSchemaWith(body, scope),
  CommentStmt: commentOn,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  AlterDomainStmt: alterDomain,
  AlterPolicyStmt: alterPolicy,
  AlterFunctionStmt: alterRoutine,
  SelectStmt: ({ intoClause: into }, scope) =>
    into === undefined ? undefined : createTableAs({ into, objtype: 'OBJECT_TABLE' }, scope),
  CreateExtensionStmt: ({ extname = '', if_not_exists: ifNotExists }) => [
    create(
      { kind: 'extension', schema: '', table: '', name: extname },
      { existence: [text('extension')] },
      { guard: ifNotExists === true ? 'if not exists' : 'none' },
    ),
  ],
}

// The elements of CREATE SCHEMA are in it.
const createSchemaWith = (body: CreateSchemaBody, scope: Scope): Read => {
  const { schemaname, schemaElts = [] } = body
  const schema = createSchema(body)
  if (schema === undefined || schemaname === undefined) return undefined
  const inSchema = { ...scope, searchPath: [schemaname, ...scope.searchPath] }
  return [...schema, ...schemaElts.flatMap((element) => read(element, inSchema))]
}

// They change the session or the transaction, which ends with the migration.
const withoutEffect: readonly NodeKind[] = [
  'TransactionStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'DiscardStmt',
  'LockStmt',
  'ConstraintsSetStmt',
]

export const statementEffects = (node: Node, scope: Omit<Scope, 'chosen'>): StatementEffects => {
  const found = read(node, { ...scope, chosen: new Set() })
  const effects = found.flatMap((effect) => effect ?? [])
  for (const effect of effects) noteTemporary(effect, scope)
  return {
    effects: effects.filter(({ object }) => object.schema !== temporarySchema),
    opaqueReason: found.includes(undefined) ? nameOf(kindOf(node)) : undefined,
  }
}

const kindOf = (node: Node): NodeKind => Object.keys(node)[0] as NodeKind

const read = (node: Node, scope: Scope): NonNullable<Read> => {
  const kind = kindOf(node)
  if (withoutEffect.includes(kind)) return []
  const reader = readers[kind] as ((body: unknown, scope: Scope) => Read) | undefined
  return reader?.((node as Readonly<Record<string, unknown>>)[kind], scope) ?? [undefined]
}

// From here on the session means its temporary relation by this name.
const noteTemporary = (effect: Effect, { temporary }: Omit<Scope, 'chosen'>): void => {
  const { object } = effect
  const isRelation = object.kind === 'index' || objectKey(object).startsWith('relation')
  if (!isRelation || object.schema !== temporarySchema) return
  if (effect.kind === 'create') temporary?.add(object.name)
  if (effect.kind === 'drop' || effect.kind === 'rename') temporary?.delete(object.name)
  if (effect.kind === 'rename') temporary?.add(effect.to.name)
}

const names: Readonly<Partial<Record<NodeKind, string>>> = {
  DoStmt: 'a DO block',
  SelectStmt: 'SELECT',
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
  CallStmt: 'CALL',
  GrantStmt: 'GRANT or REVOKE',
  AlterTableStmt: 'ALTER TABLE',
  CreateStmt: 'CREATE TABLE … LIKE',
  CopyStmt: 'COPY',
}

// 'CreateEventTrigStmt' reads 'Create Event Trig'.
const nameOf = (kind: NodeKind): string =>
  names[kind] ?? kind.replace(/Stmt$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
