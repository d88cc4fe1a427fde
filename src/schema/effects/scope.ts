// Names as the parse tree has them, resolved to schema and name: a qualified name says itself, an unqualified one is
// looked for along the search path as the history before it has filled the schemas.

import type { Naming } from '../../sql/tree/naming.ts'
import { stringsOf } from '../../sql/tree/tree.ts'
import type { Node, RangeVar, TypeName } from 'libpg-query'
import type { Definition, ObjectKind, ObjectName, RelationName } from './effect.ts'

/** Relations and indexes share one space of names in a schema, constraints have their own. */
export type NameSpace = 'relation' | 'constraint'

/** Of names without a table; indexes are relations. */
export type SharedSpace = 'relation' | 'type'

export type Scope = {
  /** Schemas in which names are looked for; the first is where new objects go. Never empty. */
  readonly searchPath: readonly string[]
  /** Does the history so far have an object of that name? */
  readonly has: (object: ObjectName) => boolean
  /** What kind of relation the history so far knows by this name. */
  readonly relationKind: (relation: RelationName) => ObjectKind | undefined
  /** Does the history so far have something of that name in the schema of the table? */
  readonly isTaken: (table: RelationName, name: string, space: NameSpace) => boolean
  /** What belongs to it in the history so far, and goes with it when it is dropped. */
  readonly goingWith: (object: ObjectName) => readonly ObjectName[]
  /** The constraint that has the index of this name. */
  readonly constraintOfIndex: (index: RelationName) => ObjectName | undefined
  /** What the history so far knows of an index that is there. */
  readonly indexDefinition: (index: RelationName) => Definition | undefined
  /** The schema of the path that has what the history does not know; undefined where nobody asked the server. */
  readonly elsewhere?: (space: SharedSpace, name: string) => string | undefined
  /** Temporary relations of the session, which hide others of their names; the statement adds and removes its own. */
  readonly temporary?: Set<string>
  /** Of the server that the files are for. */
  readonly naming: Naming
  /** Names that the statement being read has chosen already. */
  readonly chosen: Set<string>
}

const defaultSchema = 'public'

/** Where temporary objects are; nothing of it outlives the session. */
export const temporarySchema = 'pg_temp'

export const newRelation = (scope: Scope, range: RangeVar | undefined): RelationName => ({
  schema:
    range?.relpersistence === 't'
      ? temporarySchema
      : (range?.schemaname ?? scope.searchPath[0] ?? defaultSchema),
  name: range?.relname ?? '',
})

export const oldRelation = (scope: Scope, range: RangeVar | undefined): RelationName =>
  findRelation(scope, range?.schemaname, range?.relname ?? '')

export const findRelation = (
  scope: Scope,
  schema: string | undefined,
  name: string,
): RelationName => {
  if (schema !== undefined) return { schema, name }
  if (scope.temporary?.has(name) === true) return { schema: temporarySchema, name }
  const found = scope.searchPath.find(
    (candidate) => scope.relationKind({ schema: candidate, name }) !== undefined,
  )
  return {
    schema: found ?? scope.elsewhere?.('relation', name) ?? scope.searchPath[0] ?? defaultSchema,
    name,
  }
}

/** A name given as a list of strings: [schema, name] or [name]. */
export const newName = (
  scope: Scope,
  kind: ObjectKind,
  parts: readonly Node[] | undefined,
): ObjectName => {
  const [schema, name] = splitName(stringsOf(parts))
  return { kind, schema: schema ?? scope.searchPath[0] ?? defaultSchema, table: '', name }
}

export const oldName = (
  scope: Scope,
  kind: ObjectKind,
  parts: readonly Node[] | undefined,
): ObjectName => {
  const [schema, name] = splitName(stringsOf(parts))
  return findName(scope, { kind, schema: schema ?? '', table: '', name })
}

/** An object whose schema may be left out (''). */
export const findName = (scope: Scope, object: ObjectName): ObjectName => {
  if (object.schema !== '') return object
  if (object.kind === 'index' && scope.temporary?.has(object.name) === true)
    return { ...object, schema: temporarySchema }
  const candidates = scope.searchPath.map((schema) => ({ ...object, schema }))
  const found = candidates.find((candidate) => scope.has(candidate))
  if (found !== undefined) return found
  const space = spaces[object.kind]
  const elsewhere = space && scope.elsewhere?.(space, object.name)
  return { ...object, schema: elsewhere ?? scope.searchPath[0] ?? defaultSchema }
}

const spaces: Readonly<Partial<Record<ObjectKind, SharedSpace>>> = {
  table: 'relation',
  view: 'relation',
  'materialized view': 'relation',
  sequence: 'relation',
  index: 'relation',
  type: 'type',
}

export const splitName = (
  parts: readonly string[],
): readonly [schema: string | undefined, name: string] => [
  parts.length > 1 ? parts.at(-2) : undefined,
  parts.at(-1) ?? '',
]

/** Of a List node, its items. */
export const itemsOf = (node: Node | undefined): readonly Node[] =>
  node !== undefined && 'List' in node ? (node.List.items ?? []) : []

export const relationObject = (kind: ObjectKind, { schema, name }: RelationName): ObjectName => ({
  kind,
  schema,
  table: '',
  name,
})

export const ownedObject = (
  kind: ObjectKind,
  { schema, name: table }: RelationName,
  name: string,
): ObjectName => ({ kind, schema, table, name })

/** A type's name as a key: 'int4', 'app.mood[]', whatever the dimensions; what the grammar puts into pg_catalog is bare. */
export const typeKey = ({ names, arrayBounds }: TypeName): string => {
  const parts = stringsOf(names).filter((part) => part !== 'pg_catalog')
  const quoted = parts.map((part) =>
    /^[a-z_][a-z0-9_$]*$/.test(part) && part !== 'char' ? part : `"${part.replaceAll('"', '""')}"`,
  )
  return quoted.join('.') + (arrayBounds === undefined ? '' : '[]')
}
