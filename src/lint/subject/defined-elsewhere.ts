// What the files of migrations/objects/ define, by name: made behind all migrations, and again whenever such a file changes. Pure.

import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import { readHistory } from '../../schema/history/history.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Parse } from '../../sql/tree/parse.ts'

type Defined = { readonly object: ObjectName; readonly file: string }

export type DefinedElsewhere = {
  /** A table of that name stands for any relation; a function has any arguments. */
  readonly find: (object: ObjectName) => Defined | undefined
}

export const definedElsewhere = (
  migrations: readonly Migration[],
  objects: readonly Migration[],
  parse: Parse,
): DefinedElsewhere => {
  const files = new Map<string, Defined>()
  if (objects.length > 0) {
    // Behind the migrations: their tables decide what a name without a schema means.
    const history = readHistory([...migrations, ...objects], { parse })
    for (const { migration, statements = [] } of history.migrations.slice(migrations.length))
      for (const { effects } of statements)
        for (const { kind, object, ...effect } of effects)
          if (kind === 'create' && !('inside' in effect && effect.inside !== undefined))
            files.set(objectKey(withoutArguments(object)), { object, file: migration.file })
  }
  return { find: (object) => files.get(objectKey(withoutArguments(object))) }
}

const withoutArguments = (object: ObjectName): ObjectName =>
  object.kind === 'function' ? { ...object, name: object.name.replace(/\(.*$/s, '') } : object
