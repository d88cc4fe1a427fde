// What the files of migrations/objects/ define, by name: made behind all migrations, and again whenever such a file changes. Pure.

import { describeObject, objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import { splitName } from '../../schema/effects/scope.ts'
import { readHistory, type ReadStatement } from '../../schema/history/history.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Parse } from '../../sql/tree/parse.ts'
import { stringsOf } from '../../sql/tree/tree.ts'
import type { Change } from '../../schema/history/model/timeline.ts'

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
  readonly find: (object: ObjectName) => Defined | undefined
  /** Where migrations make what has no effects that the history follows, in their order: an aggregate. */
  readonly madeAt: (object: ObjectName) => readonly Step[]
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
        for (const object of at < migrations.length
          ? aggregatesOf(statement)
          : [...createdBy(statement), ...aggregatesOf(statement)]) {
          const key = keyOf(object)
          if (at >= migrations.length) files.set(key, definedIn(object, statement, migration))
          else made.set(key, [...(made.get(key) ?? []), { at, statement: index }])
        }
  }
  return {
    find: (object) => files.get(keyOf(object)),
    madeAt: (object) => made.get(keyOf(object)) ?? [],
  }
}

const createdBy = ({ effects }: ReadStatement): readonly ObjectName[] =>
  effects.flatMap(({ kind, object, ...effect }) =>
    kind === 'create' && !('inside' in effect && effect.inside !== undefined) ? [object] : [],
  )

const aggregatesOf = ({ node, path }: ReadStatement): readonly ObjectName[] => {
  if (!('DefineStmt' in node) || node.DefineStmt.kind !== 'OBJECT_AGGREGATE') return []
  const [schema = path[0] ?? 'public', name] = splitName(stringsOf(node.DefineStmt.defnames))
  return [{ kind: 'function', schema, table: '', name }]
}

const definedIn = (object: ObjectName, { node }: ReadStatement, { file }: Migration): Defined => {
  const shown = withoutArguments(object)
  const words = describeObject(shown)
  return {
    words: 'DefineStmt' in node ? words.replace(/^function/, 'aggregate') : words,
    ...{ name: shown.name, file },
  }
}

const keyOf = (object: ObjectName): string => objectKey(withoutArguments(object))

const withoutArguments = (object: ObjectName): ObjectName =>
  object.kind === 'function' ? { ...object, name: object.name.replace(/\(.*$/s, '') } : object
