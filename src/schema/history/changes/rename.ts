// A new name or schema: the object goes on under it, and so do what belongs to it and what other definitions say of it.

import { quoteName } from '../../../errors/define.ts'
import { objectKey, type ObjectName } from '../../effects/effect.ts'
import { namesIn } from '../../effects/names/names-in.ts'
import { sequencesOf } from './column-sequence.ts'
import { ownedObjects, forgetQueries } from '../model/follow.ts'
import {
  change,
  currentValue,
  isRemovedAt,
  keyOf,
  remove,
  reviveProperties,
  setOwner,
  soleFunction,
  type Cause,
  type Model,
  type Tracked,
} from '../model/model.ts'
import { renameInDefinitions } from './rename-in-definitions.ts'
import { present, unknown } from '../model/timeline.ts'

const isRelation = (object: ObjectName): boolean => objectKey(object).startsWith('relation')

export const applyRename = (model: Model, from: ObjectName, to: ObjectName, cause: Cause): void => {
  const source = sourceOf(model, from)
  const { kind } = source.object
  const following: Cause = { ...cause, how: 'follow' }
  const target = { ...to, kind, name: nameOf(source.object, to) }
  const origin = { ...source.object }
  const counterpart = counterpartOf(model, origin)
  const owned = isRelation(origin)
    ? ownedObjects(model, { schema: origin.schema, name: origin.name })
    : []
  move(model, source, target, cause)
  if (counterpart !== undefined)
    move(
      model,
      counterpart,
      { ...counterpart.object, schema: target.schema, name: target.name },
      cause,
    )
  if (origin.schema !== target.schema)
    for (const sequence of movingSequences(model, owned, origin.schema))
      renameInDefinitions(model, sequence, { ...sequence, schema: target.schema }, following)
  for (const each of owned) moveAlong(model, each, target, following)
  if (kind === 'column') renameOwner(model, origin, target)
  if (kind === 'type') renameArguments(model, origin, target, following)
  if (kind === 'schema') moveSchema(model, origin.name, target.name, following)
  renameInDefinitions(model, origin, target, following)
  if (isRelation(origin) || ['column', 'function', 'schema', 'type'].includes(kind))
    forgetQueries(model, cause)
}

const sourceOf = (model: Model, from: ObjectName): Tracked => {
  const isBare = from.kind === 'function' && !from.name.endsWith(')')
  return (isBare ? soleFunction(model.functions, from) : undefined) ?? model.follow(from, 'unknown')
}

// A function that was found without its arguments keeps them.
const nameOf = (source: ObjectName, to: ObjectName): string =>
  source.kind === 'function' && !to.name.endsWith(')')
    ? to.name + source.name.slice(source.name.indexOf('('))
    : to.name

// An index that became a constraint's (USING INDEX), and that constraint: each takes the other along.
const counterpartOf = (model: Model, { kind, schema, name }: ObjectName): Tracked | undefined => {
  if (kind === 'index') return keyOf(model, { schema, name })
  if (kind !== 'constraint') return undefined
  const index = model.find({ kind: 'index', schema, table: '', name })
  return index?.isPresent === true && keyOf(model, { schema, name }) !== undefined
    ? index
    : undefined
}

// Into another schema a table takes the sequences that it owns: of a serial, which no file names, and by OWNED BY.
const movingSequences = (
  model: Model,
  owned: readonly Tracked[],
  schema: string,
): readonly ObjectName[] => {
  const named = owned.flatMap((each) => namesIn(currentValue(each, 'default'), 'sequence'))
  const serial = named.map(({ name }): ObjectName => ({
    kind: 'sequence',
    schema,
    table: '',
    name,
  }))
  return [
    ...serial.filter((sequence) => model.find(sequence) === undefined),
    ...owned.flatMap(({ object }) => (object.kind === 'sequence' ? [object] : [])),
  ]
}

const renameOwner = (model: Model, from: ObjectName, to: ObjectName): void => {
  const table = { schema: from.schema, name: from.table }
  for (const sequence of sequencesOf(model, { ...table, column: from.name }))
    setOwner(sequence, { ...table, column: to.name })
}

const moveAlong = (model: Model, each: Tracked, to: ObjectName, cause: Cause): void => {
  const { object } = each
  if (each.on === undefined)
    move(model, each, { ...object, schema: to.schema, table: to.name }, cause)
  else {
    setOwner(each, { ...each.on, schema: to.schema, name: to.name })
    // A partition stays in its schema.
    if (object.schema !== to.schema && object.kind !== 'table')
      move(model, each, { ...object, schema: to.schema }, cause)
  }
}

// What was read in a search path that names the schema cannot be read so any more.
const forgetPaths = (model: Model, schema: string, cause: Cause): void => {
  const name = quoteName(schema)
  for (const each of model.objects.values())
    for (const property of each.isPresent ? [...each.properties.keys()] : []) {
      const value = currentValue(each, property)
      if (value?.kind === 'defined' && value.path?.split(', ').includes(name) === true)
        change(each, property, unknown, cause)
    }
}

const moveSchema = (model: Model, from: string, to: string, cause: Cause): void => {
  forgetPaths(model, from, cause)
  for (const each of [...model.objects.values()]) {
    if (each.on?.schema === from) setOwner(each, { ...each.on, schema: to })
    if (each.isPresent && each.object.schema === from)
      move(model, each, { ...each.object, schema: to }, cause)
  }
}

// A function's name has the types of its arguments in it.
const renameArguments = (model: Model, from: ObjectName, to: ObjectName, cause: Cause): void => {
  const written = [from.name, `${from.schema}.${from.name}`]
  const renamed = from.schema === to.schema ? to.name : `${to.schema}.${to.name}`
  for (const each of [...model.objects.values()]) {
    const { kind, name } = each.object
    const bracket = name.indexOf('(')
    if (!each.isPresent || kind !== 'function' || bracket === -1) continue
    const types = name.slice(bracket + 1, -1).split(', ')
    const kept = types.map((type) =>
      written.includes(type.replace(/\[\]$/, ''))
        ? renamed + (type.endsWith('[]') ? '[]' : '')
        : type,
    )
    const moved = `${name.slice(0, bracket)}(${kept.join(', ')})`
    if (moved !== name) move(model, each, { ...each.object, name: moved }, cause)
  }
}

// The properties go on under the new name, from here.
const move = (model: Model, source: Tracked, to: ObjectName, cause: Cause): void => {
  const target = model.follow(to, 'absent')
  const making: Cause = { ...cause, how: isRemovedAt(target, cause.at) ? 'replace' : 'create' }
  const properties = [...source.properties.keys()]
  for (const property of properties)
    change(target, property, currentValue(source, property) ?? present, making)
  // What no file names goes along unseen.
  if (properties.length === 0 && !(source.isMade && cause.how === 'follow'))
    change(target, 'existence', present, making)
  reviveProperties(target, properties, { ...cause, how: 'follow' })
  target.object = to
  setOwner(target, source.on)
  target.named = cause.how === 'follow' ? source.named : 'by file'
  target.isPresent = true
  remove(source, cause)
}
