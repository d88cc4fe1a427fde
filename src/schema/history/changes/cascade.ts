// What goes with an object that is dropped: what belongs to it goes by itself, what depends on it by CASCADE.

import { columnsIn } from '../../effects/names/columns-in.ts'
import {
  objectKey,
  type Property,
  type ObjectName,
  type Fragment,
  type RelationName,
} from '../../effects/effect.ts'
import { namesIn, type NameKind } from '../../effects/names/names-in.ts'
import { noDefault } from '../../effects/tables/table.ts'
import { sequencesOf } from './column-sequence.ts'
import { ownedObjects, isSame, namesColumn } from '../model/follow.ts'
import {
  change,
  currentValue,
  mentions,
  remove,
  type Cause,
  type Model,
  type Tracked,
} from '../model/model.ts'
import { defined, unknown } from '../model/timeline.ts'

export type Drop = { readonly object: ObjectName; readonly cascade: boolean; readonly cause: Cause }

export const removeDependents = (model: Model, { object, cascade, cause }: Drop): void => {
  const gone = goingWith(model, object)
  for (const each of gone) remove(each, cause)
  if (object.kind === 'column') forgetExclusions(model, object, cause)
  if (!cascade) {
    for (const each of gone.filter(isTable))
      removeDependents(model, { object: each.object, cascade, cause })
    return
  }
  takeDependents(model, object, cause)
  for (const each of gone) removeDependents(model, { object: each.object, cascade, cause })
}

// A partition, with its own columns and indexes.
const isTable = ({ object: { kind } }: Tracked): boolean => kind === 'table'

/** What belongs to it and goes with it, as far as it is there. */
export const goingWith = (model: Model, object: ObjectName): readonly Tracked[] =>
  belongingTo(model, object).filter(({ isPresent }) => isPresent)

const belongingTo = (model: Model, object: ObjectName): readonly Tracked[] => {
  const { kind, schema, table, name } = object
  if (objectKey(object).startsWith('relation')) return ownedObjects(model, { schema, name })
  if (kind === 'schema')
    return [...model.objects.values()].filter((each) => each.object.schema === name)
  if (kind === 'column') return goingWithColumn(model, { schema, name: table }, name)
  // The index that ADD CONSTRAINT USING INDEX was given.
  const index = model.find({ kind: 'index', schema, table: '', name })
  return kind === 'constraint' && index !== undefined && index.on?.name === table ? [index] : []
}

// Its own table's constraints and indexes go with a column, whatever else they name, with an index its constraint, and what
// it owns.
const goingWithColumn = (model: Model, table: RelationName, column: string): readonly Tracked[] => {
  const all = ownedObjects(model, table)
  const isNaming = (each: Tracked): boolean => mentions(each, namesColumn(table, column))
  const indexes = all.filter((each) => each.object.kind === 'index' && isNaming(each))
  const names = indexes.map(({ object }) => object.name)
  const constraints = all.filter(
    (each) =>
      each.object.kind === 'constraint' && (isNaming(each) || names.includes(each.object.name)),
  )
  return [...indexes, ...constraints, ...sequencesOf(model, { ...table, column })]
}

// Which columns EXCLUDE is about is not known, so neither is whether it went.
const forgetExclusions = (model: Model, { schema, table }: ObjectName, cause: Cause): void => {
  for (const each of ownedObjects(model, { schema, name: table }))
    if (each.object.kind === 'constraint' && isExclusion(each)) forget(each, cause)
}

const isExclusion = (tracked: Tracked): boolean => {
  const value = currentValue(tracked, 'existence')
  const [first] = value?.kind === 'defined' ? value.definition : []
  return first?.kind === 'text' && first.text === 'EXCLUDE'
}

const takeDependents = (model: Model, object: ObjectName, cause: Cause): void => {
  if (object.kind === 'constraint') {
    const table = { schema: object.schema, name: object.table }
    const key = columnsOfKey(model, object)
    for (const each of [...model.objects.values()])
      if (each.isPresent && isForeignKeyOn(each, table, key)) remove(each, cause)
    return
  }
  for (const tracked of [...model.objects.values()]) {
    if (!tracked.isPresent) continue
    const properties = dependentProperties(tracked, object)
    const [first] = properties
    if (first === undefined) {
      if (isUnreadView(tracked)) forgetWhole(model, tracked, cause)
    } else if (properties.length === 1 && first === 'default') dropDefault(tracked, cause)
    else if (object.kind === 'column' && isView(tracked)) forgetWhole(model, tracked, cause)
    else {
      remove(tracked, cause)
      removeDependents(model, { object: tracked.object, cascade: true, cause })
    }
  }
}

const isView = ({ object: { kind } }: Tracked): boolean =>
  kind === 'view' || kind === 'materialized view'

// What it reads is not known, so neither is whether it went.
const isUnreadView = (tracked: Tracked): boolean =>
  isView(tracked) && currentValue(tracked, 'definition')?.kind !== 'defined'

// With the indexes of a materialised view, and the views over it.
const forgetWhole = (model: Model, tracked: Tracked, cause: Cause): void => {
  const { schema, name } = tracked.object
  for (const each of [tracked, ...ownedObjects(model, { schema, name })]) forget(each, cause)
  // What is forgotten names nothing any more, so this comes to an end.
  for (const each of [...model.objects.values()])
    if (each.isPresent && isView(each) && dependentProperties(each, tracked.object).length > 0)
      forgetWhole(model, each, cause)
}

const forget = (tracked: Tracked, cause: Cause): void => {
  for (const property of [...tracked.properties.keys()]) change(tracked, property, unknown, cause)
}

// A default goes; with what a generated column is made of, the column.
const dropDefault = (tracked: Tracked, cause: Cause): void => {
  const value = currentValue(tracked, 'default')
  const isGenerated = value?.kind === 'defined' && value.definition.length > 1
  if (isGenerated) remove(tracked, cause)
  else change(tracked, 'default', defined(noDefault, undefined), cause)
}

const dependentProperties = (tracked: Tracked, object: ObjectName): readonly Property[] =>
  [...tracked.properties.keys()].filter((property) => {
    const value = currentValue(tracked, property)
    return (
      value?.kind === 'defined' && value.definition.some((part) => depends(part, object, tracked))
    )
  })

const depends = (part: Fragment, object: ObjectName, tracked: Tracked): boolean => {
  const { kind, schema, table, name } = object
  const names = (of: NameKind): boolean => {
    const bare = name.replace(/\(.*$/, '')
    return namesIn(part, of).some(
      (written) => written.name === bare && (written.schema ?? schema) === schema,
    )
  }
  switch (kind) {
    case 'type':
      return names('type')
    case 'function':
      return names('function') || isTriggerOf(part, object)
    case 'sequence':
      return names('sequence')
    case 'column': {
      const isOwn = isSame(
        { schema: tracked.object.schema, name: tracked.object.table },
        { schema, name: table },
      )
      return part.kind === 'default'
        ? isOwn && part.node !== undefined && columnsIn(part.node).includes(name)
        : namesColumn({ schema, name: table }, name)(part) ||
            (part.kind === 'query' && namesIn(part, 'relation').some((each) => each.name === table))
    }
    case 'constraint':
      // Recognised by isForeignKeyOn().
      return false
    case 'table':
    case 'view':
    case 'materialized view':
      return isOverRelation(part, object) || ('node' in part && names('relation'))
    default:
      return false
  }
}

const isOverRelation = (part: Fragment, { schema, name }: ObjectName): boolean =>
  'relation' in part && part.relation !== undefined && isSame(part.relation, { schema, name })

const isTriggerOf = (part: Fragment, { schema, name }: ObjectName): boolean =>
  part.kind === 'text' && part.text.startsWith(` EXECUTE ${schema}.${name.replace(/\(.*$/, '')}(`)

// A foreign key without a list of columns refers to the primary key.
const isForeignKeyOn = (tracked: Tracked, table: RelationName, key: readonly string[]): boolean => {
  const value = currentValue(tracked, 'definition')
  const [first, ...parts] = value?.kind === 'defined' ? value.definition : []
  if (first?.kind !== 'text' || !first.text.startsWith('FOREIGN KEY')) return false
  // Its own columns come first, the target's last.
  const target = parts.findLast(({ kind }) => kind === 'columns' || kind === 'primary key')
  if (target?.kind === 'primary key') return isSame(target.relation, table)
  return (
    target?.kind === 'columns' &&
    isSame(target.relation, table) &&
    target.names.join() === key.join()
  )
}

// As it was before it was dropped.
const columnsOfKey = (model: Model, object: ObjectName): readonly string[] => {
  const changes = model.find(object)?.properties.get('definition')?.changes ?? []
  const last = changes.findLast(({ value }) => value.kind === 'defined')
  const parts = last?.value.kind === 'defined' ? last.value.definition : []
  return parts.flatMap((part) => (part.kind === 'columns' ? part.names : []))
}
