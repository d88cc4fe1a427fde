// One effect after the other, put into the model.

import type { CreateEffect, Effect, Facets, ObjectName, Part } from '../effects/effect.ts'
import { belongings, forgetQueries, removeDependents, renameInDefinitions } from './follow.ts'
import {
  change,
  currentValue,
  remove,
  soleFunction,
  type Cause,
  type Model,
  type Tracked,
} from './model.ts'
import { absent, defined, present, unknown } from './timeline.ts'

export type Step = Pick<Cause, 'at' | 'statement'>

export const put = (model: Model, effect: Effect, step: Step): void => {
  const cause: Cause = { ...step, guard: effect.guard, how: effect.kind }
  switch (effect.kind) {
    case 'create':
      putCreate(model, effect, cause)
      break
    case 'alter':
      putAlter(model, effect.object, effect.facets, cause)
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
  const tracked = model.follow(effect.object, 'absent')
  // What this migration itself has taken away, or replaces, may have been anything.
  const removedHere = [...tracked.facets.values()].some(({ changes }) => {
    const last = changes.at(-1)
    return last?.at === cause.at && last.value.kind === 'absent'
  })
  const replaces = effect.guard === 'or replace' || removedHere
  tracked.object = effect.object
  tracked.on = effect.on
  tracked.named = effect.named
  for (const [facet, definition] of entriesOf(effect.facets))
    change(tracked, facet, defined(definition), {
      ...cause,
      how: replaces ? 'replace' : 'create',
      inside: effect.inside,
    })
  // What its former self had besides, it has no more; that it exists at all is sure.
  for (const facet of tracked.facets.keys())
    if (effect.facets[facet] === undefined && currentValue(tracked, facet)?.kind === 'absent')
      change(tracked, facet, facet === 'existence' ? present : unknown, { ...cause, how: 'follow' })
  tracked.isPresent = true
}

const putAlter = (model: Model, object: ObjectName, facets: Facets, cause: Cause): void => {
  const tracked = model.follow(object, 'unknown')
  for (const [facet, definition] of entriesOf(facets))
    change(
      tracked,
      facet,
      facet === 'comment' && isEmpty(definition) ? absent : defined(definition),
      cause,
    )
  renameLabel(tracked, facets, cause)
}

// COMMENT … IS NULL takes a comment away.
const isEmpty = (definition: readonly Part[]): boolean =>
  definition.every((part) => part.kind === 'text' && part.text === '')

// RENAME VALUE changes the list that CREATE TYPE gave.
const renameLabel = (tracked: Tracked, facets: Facets, cause: Cause): void => {
  const names = Object.keys(facets).map((facet) => facet.replace('label ', ''))
  const labels = currentValue(tracked, 'labels')
  if (names.length < 2 || labels?.kind !== 'defined') return
  const [from, to] = names
  const list = labels.definition.map((part) =>
    part.kind === 'text'
      ? {
          ...part,
          text: part.text
            .split(', ')
            .map((each) => (each === from ? to : each))
            .join(', '),
        }
      : part,
  )
  change(tracked, 'labels', defined(list), cause)
}

const putDrop = (model: Model, effect: Extract<Effect, { kind: 'drop' }>, cause: Cause): void => {
  const { object, cascade } = effect
  const isBare = object.kind === 'function' && !object.name.endsWith(')')
  const tracked =
    (isBare ? soleFunction(model.objects, object) : model.find(object)) ??
    model.follow(object, 'unknown')
  remove(tracked, cause)
  removeDependents(model, tracked.object, cascade, { ...cause, how: 'follow' })
}

const putRename = (model: Model, from: ObjectName, to: ObjectName, cause: Cause): void => {
  const source = model.follow(from, 'unknown')
  const kind = source.object.kind
  const target = { ...to, kind }
  move(model, source, target, cause)
  if (kind === 'table') {
    const table = { schema: from.schema, name: from.name }
    for (const each of belongings(model, table)) {
      if (each.on !== undefined) each.on = { schema: to.schema, name: to.name }
      else
        move(
          model,
          each,
          { ...each.object, schema: to.schema, table: to.name },
          { ...cause, how: 'follow' },
        )
    }
  }
  if (kind === 'schema') {
    for (const each of [...model.objects.values()].filter(
      ({ object, isPresent }) => isPresent && object.schema === from.name,
    ))
      move(model, each, { ...each.object, schema: to.name }, { ...cause, how: 'follow' })
  }
  renameInDefinitions(model, { ...from, kind }, target, cause)
  if (kind !== 'index' && kind !== 'constraint') forgetQueries(model, cause)
}

// The facets go on under the new name, from here.
const move = (model: Model, source: Tracked, to: ObjectName, cause: Cause): void => {
  const target = model.follow(to, 'absent')
  const facets = [...source.facets.keys()]
  for (const facet of facets)
    change(target, facet, currentValue(source, facet) ?? present, { ...cause, how: 'create' })
  if (facets.length === 0) change(target, 'existence', present, { ...cause, how: 'create' })
  target.on = source.on
  target.named = 'by file'
  target.isPresent = true
  remove(source, cause)
}

const entriesOf = (facets: Facets): [keyof Facets, NonNullable<Facets[keyof Facets]>][] =>
  Object.entries(facets) as [keyof Facets, NonNullable<Facets[keyof Facets]>][]
