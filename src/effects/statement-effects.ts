// The one door of this room: a statement's parse tree to its effects on the schema.

import type { Node } from 'libpg-query'
import { alterTable } from './alter-table.ts'
import { createIndex } from './create-index.ts'
import { dropObjects } from './drop.ts'
import { create, text, type Effect, type StatementEffects } from './effect.ts'
import { createFunction } from './function.ts'
import {
  commentOn,
  createPolicy,
  createSchema,
  createTableAs,
  createTrigger,
  createView,
} from './others.ts'
import { moveObject, renameObject } from './rename.ts'
import { newRelation, relationObject, type Scope } from './scope.ts'
import { createTable } from './table.ts'
import { alterEnum, createComposite, createDomain, createEnum, createRange } from './type.ts'

type KindOf<N> = N extends unknown ? keyof N : never
type NodeKind = KindOf<Node>
type Body<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind]

/** Undefined where a statement, or a part of it, cannot be seen into. */
type Read = readonly (Effect | undefined)[] | undefined

const readers: { readonly [Kind in NodeKind]?: (body: Body<Kind>, scope: Scope) => Read } = {
  CreateStmt: createTable,
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
  CreatePolicyStmt: createPolicy,
  CreateSchemaStmt: createSchema,
  CommentStmt: commentOn,
  CreateSeqStmt: ({ sequence, if_not_exists: ifNotExists }, scope) =>
    sequence?.relpersistence === 't'
      ? []
      : [
          create(
            relationObject('sequence', newRelation(scope, sequence)),
            { existence: [text('sequence')] },
            { guard: ifNotExists === true ? 'if not exists' : 'none' },
          ),
        ],
  CreateExtensionStmt: ({ extname = '', if_not_exists: ifNotExists }) => [
    create(
      { kind: 'extension', schema: '', table: '', name: extname },
      { existence: [text('extension')] },
      { guard: ifNotExists === true ? 'if not exists' : 'none' },
    ),
  ],
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
  const [kind, body] = Object.entries(node)[0] as [NodeKind, unknown]
  if (withoutEffect.includes(kind)) return { effects: [], unseen: undefined }
  const read = readers[kind] as ((body: unknown, scope: Scope) => Read) | undefined
  const found = read?.(body, { ...scope, chosen: new Set() }) ?? [undefined]
  return {
    effects: found.flatMap((effect) => effect ?? []),
    unseen: found.includes(undefined) ? nameOf(kind) : undefined,
  }
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
  CopyStmt: 'COPY',
}

// 'CreateEventTrigStmt' reads 'Create Event Trig'.
const nameOf = (kind: NodeKind): string =>
  names[kind] ?? kind.replace(/Stmt$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
