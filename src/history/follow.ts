// What a change of one object does to others: a table takes its columns along, a renamed column changes the indexes that
// name it, a CASCADE takes what depends.

import { columnsIn, renameColumnIn } from '../effects/columns-in.ts'
import {
  type Definition,
  type ObjectName,
  type Part,
  type RelationName,
} from '../effects/effect.ts'
import { typeKey } from '../effects/scope.ts'
import {
  change,
  currentValue,
  mentions,
  remove,
  type Cause,
  type Model,
  type Tracked,
} from './model.ts'
import { defined, unknown } from './timeline.ts'

const isSame = (a: RelationName, b: RelationName): boolean =>
  a.schema === b.schema && a.name === b.name

const tableOf = ({ object, on }: Tracked): RelationName | undefined =>
  on ?? (object.table === '' ? undefined : { schema: object.schema, name: object.table })

/** Columns, constraints, triggers, policies and indexes of a table, as far as they are there. */
export const belongings = (model: Model, table: RelationName): readonly Tracked[] =>
  [...model.objects.values()].filter((tracked) => {
    const owner = tableOf(tracked)
    return tracked.isPresent && owner !== undefined && isSame(owner, table)
  })

const relationOf = (part: Part): RelationName | undefined =>
  'relation' in part ? part.relation : undefined

const namesColumn =
  (table: RelationName, column: string) =>
  (part: Part): boolean => {
    const relation = relationOf(part)
    if (relation === undefined || !isSame(relation, table)) return false
    if (part.kind === 'columns') return part.names.includes(column)
    return part.kind === 'expression' && columnsIn(part.node).includes(column)
  }

/** Rewrites every definition that has such a part. */
const rewrite = (model: Model, map: (part: Part) => Part, cause: Cause): void => {
  for (const tracked of [...model.objects.values()]) {
    for (const facet of tracked.isPresent ? [...tracked.facets.keys()] : []) {
      const value = currentValue(tracked, facet)
      if (value?.kind !== 'defined') continue
      const definition: Definition = value.definition.map(map)
      if (definition.some((part, index) => part !== value.definition[index]))
        change(tracked, facet, defined(definition), { ...cause, how: 'follow' })
    }
  }
}

export const renameInDefinitions = (
  model: Model,
  from: ObjectName,
  to: ObjectName,
  cause: Cause,
): void => {
  if (from.kind === 'column') {
    const table = { schema: from.schema, name: from.table }
    const isNamed = namesColumn(table, from.name)
    rewrite(model, (part) => (isNamed(part) ? renameColumn(part, from.name, to.name) : part), cause)
  } else {
    const relation = { schema: to.schema, name: to.name }
    rewrite(
      model,
      (part) => {
        const named = relationOf(part)
        return named !== undefined && isSame(named, from) ? ({ ...part, relation } as Part) : part
      },
      cause,
    )
  }
}

const renameColumn = (part: Part, from: string, to: string): Part => {
  if (part.kind === 'columns')
    return { ...part, names: part.names.map((name) => (name === from ? to : name)) }
  return part.kind === 'expression' ? { ...part, node: renameColumnIn(part.node, from, to) } : part
}

/** A query that reads what was renamed or taken away cannot be told any more. */
export const forgetQueries = (model: Model, cause: Cause): void => {
  for (const tracked of model.objects.values()) {
    if (!tracked.isPresent || !mentions(tracked, ({ kind }) => kind === 'query')) continue
    for (const facet of [...tracked.facets.keys()]) {
      const value = currentValue(tracked, facet)
      if (value?.kind === 'defined' && value.definition.some(({ kind }) => kind === 'query'))
        change(tracked, facet, unknown, { ...cause, how: 'follow' })
    }
  }
}

/** What goes with an object, by itself or by CASCADE. */
export const removeDependents = (
  model: Model,
  object: ObjectName,
  cascade: boolean,
  cause: Cause,
): void => {
  const relation = { schema: object.schema, name: object.name }
  switch (object.kind) {
    case 'table':
      for (const each of belongings(model, relation)) remove(each, cause)
      break
    case 'column':
      removeNaming(model, { schema: object.schema, name: object.table }, object.name, cause)
      break
    case 'schema':
      for (const each of model.objects.values())
        if (each.isPresent && each.object.schema === object.name) remove(each, cause)
      break
    default:
      break
  }
  if (cascade) cascadeFrom(model, object, cause)
}

// Its own table's constraints and indexes go with a column, whatever else they name.
const removeNaming = (model: Model, table: RelationName, column: string, cause: Cause): void => {
  for (const each of belongings(model, table)) {
    const goes = each.object.kind === 'constraint' || each.object.kind === 'index'
    if (goes && mentions(each, namesColumn(table, column))) remove(each, cause)
  }
}

const cascadeFrom = (model: Model, object: ObjectName, cause: Cause): void => {
  const relation = { schema: object.schema, name: object.name }
  for (const tracked of [...model.objects.values()].filter(({ isPresent }) => isPresent)) {
    const depends = mentions(tracked, (part) => {
      const named = relationOf(part)
      if (object.kind === 'type' && part.kind === 'type')
        return typeKey(part.type).replace(/^.*\./, '') === object.name
      if (object.kind === 'function' && part.kind === 'text')
        return part.text.startsWith(` EXECUTE ${object.schema}.${object.name.replace(/\(.*/, '')}(`)
      return object.kind === 'table' && named !== undefined && isSame(named, relation)
    })
    if (depends && tracked.object.name !== object.name) remove(tracked, cause)
  }
  forgetQueries(model, cause)
}
