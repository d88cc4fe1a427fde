// What a file does, operation by operation, as far as its place among other files counts. Pure.

import { objectKey, type Effect, type ObjectName } from '../../schema/effects/effect.ts'
import { namesIn } from '../../schema/effects/names/names-in.ts'
import { grantingOf, type Granting } from '../../schema/effects/granting.ts'
import { noRowWork, rowWork, type RowWork } from '../../schema/effects/rows/row-work.ts'
import {
  bodyNames,
  namesInText,
  mentionedNames,
} from '../../schema/effects/names/mentioned-names.ts'
import type { ReadMigration, ReadStatement } from '../../schema/history/history.ts'

export type Operation = {
  /** Which of the file's statements, by index; undefined where the parser cannot read the file. */
  readonly statement: number | undefined
  /** Undefined for a text that is read when it runs, or by the server only. */
  readonly node: ReadStatement['node'] | undefined
  readonly effects: readonly Effect[]
  readonly rows: RowWork
  readonly granting: Granting | undefined
  /** Columns and constraints, among others. */
  readonly names: ReadonlySet<string>
  /** All that the body of a routine or of a DO block says. */
  readonly body: ReadonlySet<string>
  /** The search path; undefined where it is not known. */
  readonly path: readonly string[] | undefined
}

const none: ReadonlySet<string> = new Set()

/** `there`: the keys of the objects that the files before it have made. */
export const operationsOf = (
  read: ReadMigration,
  there: ReadonlySet<string>,
): readonly Operation[] => {
  const operations = readOperations(read)
  const passing = madeAndDropped(operations.flatMap(({ effects }) => effects))
  return operations.map((operation) => ({
    ...operation,
    effects: operation.effects
      .filter((effect) => !isIdle(effect, there))
      .filter(({ object }) => !passing.has(objectKey(object)) && !passing.has(ownerKey(object)))
      .map((effect) => asChange(effect, there)),
  }))
}

// Each late file is compared with every one behind it.
const knownOperations = new WeakMap<ReadMigration, readonly Operation[]>()

/** As they are in the file. */
export const readOperations = (read: ReadMigration): readonly Operation[] => {
  const operations =
    knownOperations.get(read) ??
    withoutRepeats(read.statements?.flatMap(operationsOfStatement) ?? operationsOfText(read))
  knownOperations.set(read, operations)
  return operations
}

// Of thousands of rows that a file inserts one by one, the first tells as much as all.
const withoutRepeats = (operations: readonly Operation[]): readonly Operation[] => {
  const seen = new Set<string>()
  return operations.filter(({ effects, rows: { writes, reads }, path, node }) => {
    const [write] = writes
    if (write?.how !== 'insert' || write.conflict !== undefined) return true
    if (effects.length + reads.length > 0 || writes.length > 1) return true
    const calls = namesIn(node, 'function')
    const key = JSON.stringify([path, write.relation, write.columns, calls])
    return !seen.has(key) && seen.add(key)
  })
}

const operationsOfStatement = (statement: ReadStatement, index: number): readonly Operation[] => {
  const { node, effects, path, within } = statement
  const operation = { ...operationOf(node, effects), body: bodyNames(node) }
  return [
    operation,
    ...within.map((each) => operationOf(each.node, each.effects.map(perhaps))),
  ].map((each) => ({
    ...each,
    statement: index,
    path,
  }))
}

const operationsOfText = ({ migration, embedded }: ReadMigration): readonly Operation[] =>
  [
    { ...nothing, body: namesInText(migration.text) },
    ...embedded.within.map((each) => operationOf(each.node, each.effects.map(perhaps))),
  ].map((each) => ({ ...each, statement: undefined, path: undefined }))

type Doing = Omit<Operation, 'statement' | 'path'>

const nothing: Doing = {
  ...{ node: undefined, effects: [], rows: noRowWork, granting: undefined },
  ...{ names: none, body: none },
}

const operationOf = (node: ReadStatement['node'], effects: readonly Effect[]): Doing => ({
  ...{ node, effects, rows: rowWork(node), granting: grantingOf(node) },
  ...{ names: mentionedNames(node), body: none },
})

// What is in a block may be guarded by its IF.
const perhaps = (effect: Effect): Effect =>
  effect.guard === 'none'
    ? { ...effect, guard: effect.kind === 'create' ? 'if not exists' : 'if exists' }
    : effect

// A work table is nobody else's concern.
const madeAndDropped = (effects: readonly Effect[]): ReadonlySet<string> => {
  const made = new Set<string>()
  const gone = new Set<string>()
  for (const { kind, object } of effects) {
    const key = objectKey(object)
    if (kind === 'create') made.add(key)
    if (kind === 'drop' && made.has(key)) gone.add(key)
  }
  return gone
}

export const ownerKey = ({ schema, table }: ObjectName): string =>
  table === '' ? '' : objectKey({ kind: 'table', schema, table: '', name: table })

const isIdle = (effect: Effect, there: ReadonlySet<string>): boolean => {
  if (effect.kind !== 'create' || effect.guard !== 'if not exists') return false
  const { object, inside } = effect
  return there.has(objectKey(object)) || (inside !== undefined && there.has(objectKey(inside)))
}

// OR REPLACE of what is there.
const asChange = (effect: Effect, there: ReadonlySet<string>): Effect => {
  if (effect.kind !== 'create' || effect.guard !== 'or replace') return effect
  const { object, guard, properties } = effect
  return there.has(objectKey(object)) ? { kind: 'alter', object, guard, properties } : effect
}
