// The sequence of a serial or an identity, which comes and goes with its column. No file names it, until one does.

import type { Definition, Effect, Owner } from '../../effects/effect.ts'
import { relationObject } from '../../effects/scope.ts'
import { ownedObjects } from '../model/follow.ts'
import {
  currentValue,
  remove,
  reviveProperties,
  setOwner,
  type Cause,
  type Model,
  type Tracked,
} from '../model/model.ts'

type OfColumn = Extract<Effect, { kind: 'create' | 'alter' }>

export const applySequence = (
  model: Model,
  { object: { schema, table, name }, sequence }: OfColumn,
  cause: Cause,
): void => {
  if (sequence === undefined) return
  const tracked = model.follow(relationObject('sequence', sequence), 'absent')
  reviveProperties(tracked, [], { ...cause, how: 'follow' })
  setOwner(tracked, { schema, name: table, column: name })
  tracked.isPresent = true
}

export const isIdentity = ([part]: Definition): boolean =>
  part?.kind === 'text' && part.text.endsWith(' AS IDENTITY')

/** Of a column whose default is about to be another: that of a serial stays. */
export const removeIdentity = (model: Model, column: Tracked, cause: Cause): void => {
  const value = currentValue(column, 'default')
  if (value?.kind !== 'defined' || !isIdentity(value.definition)) return
  const { schema, table, name } = column.object
  for (const sequence of sequencesOf(model, { schema, name: table, column: name }))
    remove(sequence, { ...cause, how: 'follow' })
}

export const sequencesOf = (model: Model, { column, ...table }: Owner): readonly Tracked[] =>
  ownedObjects(model, table).filter(
    ({ object: { kind }, on }) => kind === 'sequence' && on?.column === column,
  )
