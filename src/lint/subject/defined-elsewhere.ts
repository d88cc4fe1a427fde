// What the files of migrations/objects/ define, by name: made behind all migrations, and again whenever such a file changes. Pure.

import type { DropStmt } from 'libpg-query'
import { describeObject, objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import { itemsOf, splitName } from '../../schema/effects/scope.ts'
import { readHistory, type ReadStatement } from '../../schema/history/history.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Parse } from '../../sql/tree/parse.ts'
import { stringsOf } from '../../sql/tree/tree.ts'
import type { Change } from '../../schema/history/model/timeline.ts'

/** Of what the history does not follow: unquoted, an aggregate as a function. */
export type Unfollowed = {
  readonly kind: 'function' | 'operator' | 'event trigger' | `text search ${string}`
  /** '' of an event trigger. */
  readonly schema: string
  readonly name: string
}

/** A place in the history: the file and the statement in it, by index. */
type Step = Pick<Change, 'at' | 'statement'>

type Defined = {
  /** 'view app.v', without the arguments of a function. */
  readonly words: string
  readonly name: string
  readonly file: string
}

export type DefinedElsewhere = {
  /** A table of that name stands for any relation; a function has any arguments, and may be an aggregate. */
  readonly find: (object: ObjectName | Unfollowed) => Defined | undefined
  /** Where migrations make what the history does not follow, in their order. */
  readonly madeAt: (object: ObjectName | Unfollowed) => readonly Step[]
  readonly isEmpty: boolean
}

export const definedElsewhere = (
  migrations: readonly Migration[],
  objects: readonly Migration[],
  parse: Parse,
): DefinedElsewhere => {
  const files = new Map<string, Defined>()
  const made = new Map<string, readonly Step[]>()
  if (objects.length > 0) {
    // Behind the migrations: their tables decide what a name without a schema means.
    const history = readHistory([...migrations, ...objects], { parse })
    for (const [at, { migration, statements = [] }] of history.migrations.entries())
      for (const [index, statement] of statements.entries())
        for (const object of [
          ...(at < migrations.length ? [] : createdBy(statement)),
          ...unfollowedBy(statement),
        ]) {
          const key = keyOf(object)
          if (at >= migrations.length) files.set(key, definedIn(object, statement, migration))
          else made.set(key, [...(made.get(key) ?? []), { at, statement: index }])
        }
  }
  return {
    find: (object) => files.get(keyOf(object)),
    madeAt: (object) => made.get(keyOf(object)) ?? [],
    isEmpty: files.size === 0,
  }
}

const createdBy = ({ effects }: ReadStatement): readonly ObjectName[] =>
  effects.flatMap(({ kind, object, ...effect }) =>
    kind === 'create' && !('inside' in effect && effect.inside !== undefined) ? [object] : [],
  )

const definedKinds: Readonly<Record<string, Unfollowed['kind']>> = {
  OBJECT_AGGREGATE: 'function',
  OBJECT_OPERATOR: 'operator',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
}

const unfollowedBy = ({ node, path }: ReadStatement): readonly Unfollowed[] => {
  if ('CreateEventTrigStmt' in node)
    return [{ kind: 'event trigger', schema: '', name: node.CreateEventTrigStmt.trigname ?? '' }]
  if (!('DefineStmt' in node)) return []
  const kind = definedKinds[node.DefineStmt.kind ?? '']
  const [schema = path[0] ?? 'public', name] = splitName(stringsOf(node.DefineStmt.defnames))
  return kind === undefined ? [] : [{ kind, schema, name }]
}

/** What DROP names, of the kinds that the history does not follow; of names without a schema, what they may mean. */
export const unfollowedIn = (
  { objects = [], removeType = 'OBJECT_TABLE' }: DropStmt,
  path: readonly string[],
): readonly Unfollowed[] => {
  const kind = removeType === 'OBJECT_EVENT_TRIGGER' ? 'event trigger' : definedKinds[removeType]
  if (kind === undefined) return []
  return objects.flatMap((each): readonly Unfollowed[] => {
    if ('String' in each) return [{ kind, schema: '', name: each.String.sval ?? '' }]
    const names = 'ObjectWithArgs' in each ? each.ObjectWithArgs.objname : itemsOf(each)
    const [schema, name] = splitName(stringsOf(names))
    return (schema === undefined ? path : [schema]).map((found) => ({ kind, schema: found, name }))
  })
}

const definedIn = (
  object: ObjectName | Unfollowed,
  { node }: ReadStatement,
  { file }: Migration,
): Defined => {
  const { kind, schema, name } = withoutArguments(object)
  const isAggregate = 'DefineStmt' in node && node.DefineStmt.kind === 'OBJECT_AGGREGATE'
  const table = 'table' in object ? object.table : ''
  const words = describeObject({ kind: kind as ObjectName['kind'], schema, table, name })
  return { words: isAggregate ? words.replace(/^function/, 'aggregate') : words, name, file }
}

const keyOf = (object: ObjectName | Unfollowed): string => {
  const { kind, schema, name } = withoutArguments(object)
  const table = 'table' in object ? object.table : ''
  // Names of other kinds are never those of the ones that the history follows.
  return objectKey({ kind: kind as ObjectName['kind'], schema, table, name })
}

const withoutArguments = <Named extends ObjectName | Unfollowed>(object: Named): Named =>
  object.kind === 'function' ? { ...object, name: object.name.replace(/\(.*$/s, '') } : object
