// One effect after the other, put into the model.

import type { CreateEffect, Effect, Property, Properties, Fragment } from '../../effects/effect.ts'
import { removeDependents } from './cascade.ts'
import { followType } from './column-type.ts'
import { isIdentity, applySequence, removeIdentity } from './column-sequence.ts'
import { forgetConstant } from '../model/follow.ts'
import {
  change,
  currentValue,
  isRemovedAt,
  remove,
  reviveProperties,
  setOwner,
  soleFunction,
  type Cause,
  type Model,
  type Tracked,
} from '../model/model.ts'
import { applyRename } from './rename.ts'
import { absent, defined, present, unknown } from '../model/timeline.ts'

export type Step = Pick<Cause, 'at' | 'statement' | 'path'>

export const applyEffect = (model: Model, effect: Effect, step: Step): void => {
  const cause: Cause = { ...step, guard: effect.guard, how: effect.kind }
  switch (effect.kind) {
    case 'create':
      applyCreate(model, effect, cause)
      break
    case 'alter':
      applyAlter(model, effect, cause)
      break
    case 'drop':
      applyDrop(model, effect, cause)
      break
    case 'rename':
      applyRename(model, effect.object, effect.to, cause)
      break
  }
}

const applyCreate = (model: Model, effect: CreateEffect, cause: Cause): void => {
  if (isSkipped(model, effect, cause)) {
    promise(model, effect, cause)
    return
  }
  const tracked = model.follow(effect.object, 'absent')
  // What this migration itself has removed, or replaces, may have been anything.
  const replaces = effect.guard === 'or replace' || isRemovedAt(tracked, cause.at)
  if (tracked.isPresent && replaces) forgetProperties(tracked, effect.properties, cause)
  tracked.object = effect.object
  setOwner(tracked, effect.on)
  tracked.named = effect.named
  for (const [property, definition] of entriesOf(effect.properties))
    change(tracked, property, defined(definition, cause.path), {
      ...cause,
      how: replaces ? 'replace' : 'create',
      inside: effect.inside,
    })
  reviveProperties(tracked, Object.keys(effect.properties) as Property[], {
    ...cause,
    how: 'follow',
  })
  tracked.isPresent = true
  applySequence(model, effect, cause)
}

// IF NOT EXISTS of what the history has made does nothing, nor does what is inside.
const isSkipped = (
  model: Model,
  { guard, object, inside }: CreateEffect,
  cause: Cause,
): boolean => {
  if (guard !== 'if not exists') return false
  const whole = model.find(inside ?? object)
  return whole?.isPresent === true && whole.isMade && !isMadeBy(whole, cause)
}

// It still says what has to be there.
const promise = (
  { promises, find }: Model,
  { object, properties, named, on }: CreateEffect,
  { at, statement, path }: Cause,
): void => {
  // What a later statement has changed since, it may stay.
  const known = find(object)
  const lasting = entriesOf(properties).filter(
    ([property]) =>
      known?.properties.get(property)?.changes.at(-1)?.how !== 'alter' || property === 'type',
  )
  for (const [property, definition] of lasting)
    promises.push({ at, statement, object, property, named, on, value: defined(definition, path) })
}

const isMadeBy = ({ properties }: Tracked, { at, statement }: Cause): boolean =>
  [...properties.values()].some(({ changes }) => {
    const last = changes.at(-1)
    return last?.at === at && last.statement === statement
  })

// OR REPLACE leaves the comment, and nothing else that it does not say again.
const forgetProperties = (tracked: Tracked, properties: Properties, cause: Cause): void => {
  for (const property of [...tracked.properties.keys()])
    if (property !== 'comment' && properties[property] === undefined)
      change(tracked, property, property === 'existence' ? present : unknown, {
        ...cause,
        how: 'follow',
      })
}

const applyAlter = (model: Model, effect: AlterEffect, cause: Cause): void => {
  const { object, properties, forgets = [] } = effect
  const known = model.find(object)
  for (const property of forgets)
    if (known?.properties.has(property) === true) change(known, property, unknown, cause)
  const given = entriesOf(properties)
  if (given.length === 0 && !('on' in effect)) return
  const tracked = known ?? model.follow(object, 'unknown')
  if ('on' in effect) setOwner(tracked, effect.on)
  if (properties.default !== undefined && !isIdentity(properties.default))
    removeIdentity(model, tracked, cause)
  if (effect.guard === 'if not exists' && hasLabels(tracked, properties)) return
  if (properties.type !== undefined) followType(model, tracked, cause)
  for (const [property, definition] of given)
    change(
      tracked,
      property,
      property === 'comment' && isEmpty(definition) ? absent : defined(definition, cause.path),
      cause,
    )
  // What is altered is there, whoever made it.
  if (!tracked.isPresent)
    reviveProperties(tracked, Object.keys(properties) as Property[], { ...cause, how: 'follow' })
  tracked.isPresent = true
  applySequence(model, effect, cause)
  renameLabel(model, tracked, properties, cause)
}

type AlterEffect = Extract<Effect, { kind: 'alter' }>

// ADD VALUE IF NOT EXISTS of a label that CREATE TYPE or another ADD VALUE has given.
const hasLabels = (tracked: Tracked, properties: Properties): boolean => {
  const labels = currentValue(tracked, 'labels')
  const [list] = labels?.kind === 'defined' ? labels.definition : []
  const listed = list?.kind === 'labels' ? list.names : []
  return Object.keys(properties).every((property) => {
    const added = currentValue(tracked, property as Property)
    const isAdded =
      added?.kind === 'defined' &&
      added.definition.some((part) => part.kind === 'text' && part.text === 'present')
    return isAdded || listed.includes(property.replace('label ', ''))
  })
}

// COMMENT … IS NULL removes a comment.
const isEmpty = (definition: readonly Fragment[]): boolean =>
  definition.every((part) => part.kind === 'text' && part.text === '')

// RENAME VALUE changes the list that CREATE TYPE gave.
const renameLabel = (
  model: Model,
  tracked: Tracked,
  properties: Properties,
  cause: Cause,
): void => {
  const names = Object.keys(properties).map((property) => property.replace('label ', ''))
  const labels = currentValue(tracked, 'labels')
  if (names.length < 2 || labels?.kind !== 'defined') return
  const [from, to] = names
  const list = labels.definition.map((part) =>
    part.kind === 'labels'
      ? { ...part, names: part.names.map((each) => (each === from ? (to ?? '') : each)) }
      : part,
  )
  change(tracked, 'labels', defined(list, cause.path), cause)
  forgetConstant(model, from ?? '', cause)
}

const applyDrop = (model: Model, effect: Extract<Effect, { kind: 'drop' }>, cause: Cause): void => {
  const { object, cascade } = effect
  const isBare = object.kind === 'function' && !object.name.endsWith(')')
  const tracked =
    (isBare ? soleFunction(model.functions, object) : model.find(object)) ??
    model.follow(object, 'unknown')
  remove(tracked, cause)
  removeDependents(model, {
    object: tracked.object,
    cascade,
    cause: { ...cause, how: 'follow' },
  })
}

const entriesOf = (
  properties: Properties,
): [keyof Properties, NonNullable<Properties[keyof Properties]>][] =>
  Object.entries(properties) as [keyof Properties, NonNullable<Properties[keyof Properties]>][]
