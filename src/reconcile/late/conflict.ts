// Two operations of two files: would it matter which comes first? The first object, in words, that says so; undefined where they may
// change places. Where the text cannot tell, they meet. Pure.

import {
  describeObject,
  objectKey,
  type Effect,
  type Property,
  type ObjectName,
} from '../../schema/effects/effect.ts'
import { withoutPlaces } from '../../sql/tree/tree.ts'
import type { Operation } from './operations.ts'
import { isOwn, uses } from './names.ts'
import { grantConflict } from './grants.ts'
import { rowConflict } from './rows.ts'

export const conflictOf = (a: Operation, b: Operation): string | undefined =>
  effectConflict(a, b) ?? depends(a, b) ?? depends(b, a) ?? rowConflict(a, b) ?? grantConflict(a, b)

const effectConflict = (a: Operation, b: Operation): string | undefined => {
  const object = a.effects
    .flatMap((one) => b.effects.map((other) => ({ one, other })))
    .filter(({ one, other }) => isSame(one, other) && !mayChangePlaces(one, other))
    .map(({ one, other }) => sharedObject(one, other))[0]
  return object && describeObject(object)
}

const objectsOf = (effect: Effect): readonly ObjectName[] =>
  effect.kind === 'rename' ? [effect.object, effect.to] : [effect.object]

const sharedObject = (a: Effect, b: Effect): ObjectName | undefined => {
  const keys = objectsOf(a).map(objectKey)
  return objectsOf(b).find((each) => keys.includes(objectKey(each)))
}

const isSame = (a: Effect, b: Effect): boolean => sharedObject(a, b) !== undefined

// What both make alike has been left out before.
const mayChangePlaces = (a: Effect, b: Effect): boolean => {
  if (a.kind === 'drop' && b.kind === 'drop') return a.guard !== 'none' && b.guard !== 'none'
  if (a.kind !== 'alter' || b.kind !== 'alter') return false
  if ((a.forgets ?? b.forgets) !== undefined) return false
  const properties = Object.keys(a.properties) as Property[]
  // A label that comes first is first in the type's order.
  if (
    [...properties, ...Object.keys(b.properties)].every((property) => property.startsWith('label'))
  )
    return false
  return properties.every(
    (property) =>
      b.properties[property] === undefined ||
      sameText(a.properties[property], b.properties[property]),
  )
}

export const sameText = (a: unknown, b: unknown): boolean => withoutPlaces(a) === withoutPlaces(b)

/** Does one operation use what the other makes, removes, renames or changes? */
const depends = (user: Operation, maker: Operation): string | undefined => {
  const object = maker.effects
    .flatMap((effect) => objectsOf(effect).map((each) => ({ effect, each })))
    .find(({ effect, each }) => !isOwn(user, each) && isTouched(user, effect, each))?.each
  return object && describeObject(object)
}

const isTouched = (user: Operation, effect: Effect, object: ObjectName): boolean => {
  if (effect.kind !== 'alter') return uses(user, object, 'comes or goes')
  const { kind } = object
  // An index follows its columns.
  if (kind === 'column')
    return (
      (effect.properties.type !== undefined || effect.forgets?.includes('type') === true) &&
      !(user.node !== undefined && 'IndexStmt' in user.node) &&
      uses(user, object, 'changes')
    )
  return (kind === 'function' || kind === 'view') && runs(user) && uses(user, object, 'changes')
}

// What it calls or reads decides what it does.
const runs = ({ node, rows, body }: Operation): boolean =>
  rows.reads.length + rows.writes.length > 0 ||
  (node !== undefined && ('SelectStmt' in node || 'CallStmt' in node || 'DoStmt' in node)) ||
  (node === undefined && body.size > 0)
