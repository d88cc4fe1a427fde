// What is said of one object elsewhere: what belongs to a table, and which definitions name it.

import { columnsIn } from '../../effects/names/columns-in.ts'
import { type Definition, type Fragment, type RelationName } from '../../effects/effect.ts'
import { readsRelations } from './mentions.ts'
import { change, currentValue, mentions, type Cause, type Model, type Tracked } from './model.ts'
import { defined, unknown } from './timeline.ts'

export const isSame = (a: RelationName, b: RelationName): boolean =>
  a.schema === b.schema && a.name === b.name

const tableOf = ({ object, on }: Tracked): RelationName | undefined =>
  on ?? (object.table === '' ? undefined : { schema: object.schema, name: object.table })

/** Columns, constraints, triggers, policies and indexes of a table, as far as they are there. */
export const ownedObjects = (model: Model, table: RelationName): readonly Tracked[] =>
  [...model.mentions.ownedBy(table.name)].filter((tracked) => {
    const owner = tableOf(tracked)
    return tracked.isPresent && owner !== undefined && isSame(owner, table)
  })

const relationOf = (part: Fragment): RelationName | undefined =>
  'relation' in part ? part.relation : undefined

export const namesColumn =
  (table: RelationName, column: string) =>
  (part: Fragment): boolean => {
    const relation = relationOf(part)
    if (relation === undefined || !isSame(relation, table)) return false
    if (part.kind === 'columns') return part.names.includes(column)
    return part.kind === 'expression' && columnsIn(part.node).includes(column)
  }

/** Rewrites every definition of these objects that has such a part. */
export const rewrite = (
  candidates: Iterable<Tracked>,
  map: (part: Fragment, tracked: Tracked) => Fragment,
  cause: Cause,
): void => {
  for (const tracked of [...candidates]) {
    for (const property of tracked.isPresent ? [...tracked.properties.keys()] : []) {
      const value = currentValue(tracked, property)
      if (value?.kind !== 'defined') continue
      const definition: Definition = value.definition.map((part) => map(part, tracked))
      if (definition.some((part, index) => part !== value.definition[index]))
        change(tracked, property, defined(definition, value.path), { ...cause, how: 'follow' })
    }
  }
}

/** A query that reads what was renamed or removed cannot be resolved any more. */
export const forgetQueries = (model: Model, cause: Cause): void => {
  forget(model.mentions.reading(), readsRelations, cause)
}

/** An expression with a constant that may be a renamed enum label. */
export const forgetConstant = (model: Model, label: string, cause: Cause): void => {
  const constant = JSON.stringify({ sval: label })
  forget(
    model.objects.values(),
    (part) => 'node' in part && JSON.stringify(part.node ?? {}).includes(constant),
    cause,
  )
}

const forget = (
  candidates: Iterable<Tracked>,
  test: (part: Fragment) => boolean,
  cause: Cause,
): void => {
  for (const tracked of candidates) {
    if (!tracked.isPresent || !mentions(tracked, test)) continue
    for (const property of [...tracked.properties.keys()]) {
      const value = currentValue(tracked, property)
      if (value?.kind === 'defined' && value.definition.some(test))
        change(tracked, property, unknown, { ...cause, how: 'follow' })
    }
  }
}
