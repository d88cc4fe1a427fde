// From one contract to the next: which changes break a service that still runs the old one. Pure.

import { standalone, breaks, compatible, pairs, type Change, type Named } from './change.ts'
import { splitSignature } from '../check/check.ts'
import type { Contract } from '../contract.ts'
import { diffRelations } from './diff-relation.ts'
import { canonicalType, withoutPublic } from '../type-name.ts'

/** In the order of the old contract; what only the new one has comes behind. */
export const diffContracts = (before: Contract, after: Contract): readonly Change[] => [
  ...diffRelations('table', before.tables, after.tables),
  ...diffRelations('view', before.views, after.views),
  ...diffEnums(before.enums, after.enums),
  ...diffExtensions(before.extensions, after.extensions),
  ...diffFunctions(before.functions, after.functions),
]

const diffEnums = (
  before: Named<readonly string[]>,
  after: Named<readonly string[]>,
): readonly Change[] =>
  pairs(before, after).flatMap(({ name, old, next }) => {
    const object = standalone('enum', name)
    if (old === undefined) return [compatible(object, 'is new', 'the old version does not know it')]
    if (next === undefined)
      return [breaks(object, 'is removed', 'queries of the old version that name it fail')]
    const gone = old.filter((label) => !next.includes(label))
    const added = next.filter((label) => !old.includes(label))
    const kept = old.filter((label) => next.includes(label))
    const isMoved = kept.join('\n') !== next.filter((label) => old.includes(label)).join('\n')
    return [
      ...(isMoved
        ? [breaks(object, 'has its labels in another order', 'they sort otherwise')]
        : []),
      ...(gone.length === 0
        ? []
        : [breaks(object, `loses ${gone.join(', ')}`, 'the old version writes or compares them')]),
      ...(added.length === 0
        ? []
        : [compatible(object, `gets ${added.join(', ')}`, 'the old version may read new labels')]),
    ]
  })

const diffExtensions = (
  before: readonly string[] = [],
  after: readonly string[] = [],
): readonly Change[] => [
  ...before
    .filter((name) => !after.includes(name))
    .map((name) =>
      breaks(standalone('extension', name), 'is removed', 'the old version uses what it brings'),
    ),
  ...after
    .filter((name) => !before.includes(name))
    .map((name) =>
      compatible(standalone('extension', name), 'is new', 'the old version does not use it'),
    ),
]

const diffFunctions = (
  before: Contract['functions'],
  after: Contract['functions'],
): readonly Change[] =>
  pairs(bySignature(before), bySignature(after)).flatMap(({ name, old, next }) => {
    const object = standalone('function', name)
    if (old === undefined) return [compatible(object, 'is new', 'the old version does not call it')]
    if (next === undefined) return [breaks(object, 'is removed', 'calls of the old version fail')]
    const { returns: was } = old
    const { returns: becomes } = next
    return was === undefined || becomes === undefined || bareType(was) === bareType(becomes)
      ? []
      : [breaks(object, `returns ${becomes} (was ${was})`, 'the old version expects the old type')]
  })

// 'f(int)' and 'public.f(integer)' are one function.
const bySignature = (functions: Contract['functions'] = {}): Contract['functions'] =>
  Object.fromEntries(
    Object.entries(functions).map(([signature, value]) => {
      const { schema, name, argumentTypes } = splitSignature(signature)
      const shown = schema === undefined || schema === 'public' ? name : `${schema}.${name}`
      return [`${shown}(${argumentTypes.map(bareType).join(', ')})`, value]
    }),
  )

const bareType = (type: string): string =>
  withoutPublic(canonicalType(type).replace(/\([^)]*\)/g, ''))
