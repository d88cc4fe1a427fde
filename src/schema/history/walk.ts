// One effect after the other, put into the model.

import type { CreateEffect, Effect, Facet, Facets, Part } from '../effects/effect.ts'
import { removeDependents } from './cascade.ts'
import { followType } from './column-type.ts'
import { isIdentity, putSequence, removeIdentity } from './column-sequence.ts'
import { forgetConstant } from './follow.ts'
import {
  change,
  currentValue,
  isRemovedAt,
  remove,
  reviveFacets,
  setOwner,
  soleFunction,
  type Cause,
  type Model,
  type Tracked,
} from './model.ts'
import { putRename } from './rename.ts'
import { absent, defined, present, unknown } from './timeline.ts'

export type Step = Pick<Cause, 'at' | 'statement' | 'path'>

export const put = (model: Model, effect: Effect, step: Step): void => {
  const cause: Cause = { ...step, guard: effect.guard, how: effect.kind }
  switch (effect.kind) {
    case 'create':
      putCreate(model, effect, cause)
      break
    case 'alter':
      putAlter(model, effect, cause)
      break
    case 'drop':
      putDrop(model, effect, cause)
      break
    case 'rename':
      putRename(model, effect.object, effect.to, cause)
      break
  }
}

const putCreate = (model: Model, effect: CreateEffect, cause: Cause): void => {
  if (isSkipped(model, effect, cause)) {
    promise(model, effect, cause)
    return
  }
  const tracked = model.follow(effect.object, 'absent')
  // What this migration itself has taken away, or replaces, may have been anything.
  const replaces = effect.guard === 'or replace' || isRemovedAt(tracked, cause.at)
  if (tracked.isPresent && replaces) forgetFacets(tracked, effect.facets, cause)
  tracked.object = effect.object
  setOwner(tracked, effect.on)
  tracked.named = effect.named
  for (const [facet, definition] of entriesOf(effect.facets))
    change(tracked, facet, defined(definition, cause.path), {
      ...cause,
      how: replaces ? 'replace' : 'create',
      inside: effect.inside,
    })
  reviveFacets(tracked, Object.keys(effect.facets) as Facet[], { ...cause, how: 'follow' })
  tracked.isPresent = true
  putSequence(model, effect, cause)
}

// IF NOT EXISTS of what the history has made does nothing, nor does what stands inside.
const isSkipped = (
  model: Model,
  { guard, object, inside }: CreateEffect,
  cause: Cause,
): boolean => {
  if (guard !== 'if not exists') return false
  const whole = model.find(inside ?? object)
  return whole?.isPresent === true && whole.isMade && !isMadeBy(whole, cause)
}

// It says all the same what is to be there.
const promise = (
  { promises, find }: Model,
  { object, facets, named, on }: CreateEffect,
  { at, statement, path }: Cause,
): void => {
  // What a later statement has changed since, it may stay.
  const known = find(object)
  const lasting = entriesOf(facets).filter(
    ([facet]) => known?.facets.get(facet)?.changes.at(-1)?.how !== 'alter' || facet === 'type',
  )
  for (const [facet, definition] of lasting)
    promises.push({ at, statement, object, facet, named, on, value: defined(definition, path) })
}

const isMadeBy = ({ facets }: Tracked, { at, statement }: Cause): boolean =>
  [...facets.values()].some(({ changes }) => {
    const last = changes.at(-1)
    return last?.at === at && last.statement === statement
  })

// OR REPLACE leaves the comment, and nothing else that it does not say anew.
const forgetFacets = (tracked: Tracked, facets: Facets, cause: Cause): void => {
  for (const facet of [...tracked.facets.keys()])
    if (facet !== 'comment' && facets[facet] === undefined)
      change(tracked, facet, facet === 'existence' ? present : unknown, { ...cause, how: 'follow' })
}

const putAlter = (model: Model, effect: AlterEffect, cause: Cause): void => {
  const { object, facets, forgets = [] } = effect
  const known = model.find(object)
  for (const facet of forgets)
    if (known?.facets.has(facet) === true) change(known, facet, unknown, cause)
  const given = entriesOf(facets)
  if (given.length === 0 && !('on' in effect)) return
  const tracked = known ?? model.follow(object, 'unknown')
  if ('on' in effect) setOwner(tracked, effect.on)
  if (facets.default !== undefined && !isIdentity(facets.default))
    removeIdentity(model, tracked, cause)
  if (effect.guard === 'if not exists' && hasLabels(tracked, facets)) return
  if (facets.type !== undefined) followType(model, tracked, cause)
  for (const [facet, definition] of given)
    change(
      tracked,
      facet,
      facet === 'comment' && isEmpty(definition) ? absent : defined(definition, cause.path),
      cause,
    )
  // What is altered is there, whoever made it.
  if (!tracked.isPresent)
    reviveFacets(tracked, Object.keys(facets) as Facet[], { ...cause, how: 'follow' })
  tracked.isPresent = true
  putSequence(model, effect, cause)
  renameLabel(model, tracked, facets, cause)
}

type AlterEffect = Extract<Effect, { kind: 'alter' }>

// ADD VALUE IF NOT EXISTS of a label that CREATE TYPE or another ADD VALUE has given.
const hasLabels = (tracked: Tracked, facets: Facets): boolean => {
  const labels = currentValue(tracked, 'labels')
  const [list] = labels?.kind === 'defined' ? labels.definition : []
  const listed = list?.kind === 'labels' ? list.names : []
  return Object.keys(facets).every((facet) => {
    const added = currentValue(tracked, facet as Facet)
    const isAdded =
      added?.kind === 'defined' &&
      added.definition.some((part) => part.kind === 'text' && part.text === 'present')
    return isAdded || listed.includes(facet.replace('label ', ''))
  })
}

// COMMENT … IS NULL takes a comment away.
const isEmpty = (definition: readonly Part[]): boolean =>
  definition.every((part) => part.kind === 'text' && part.text === '')

// RENAME VALUE changes the list that CREATE TYPE gave.
const renameLabel = (model: Model, tracked: Tracked, facets: Facets, cause: Cause): void => {
  const names = Object.keys(facets).map((facet) => facet.replace('label ', ''))
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

const putDrop = (model: Model, effect: Extract<Effect, { kind: 'drop' }>, cause: Cause): void => {
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

const entriesOf = (facets: Facets): [keyof Facets, NonNullable<Facets[keyof Facets]>][] =>
  Object.entries(facets) as [keyof Facets, NonNullable<Facets[keyof Facets]>][]
