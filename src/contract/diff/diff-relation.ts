// From the tables and views of one contract to those of the next. Pure.

import {
  standalone,
  breaks,
  compatible,
  pairs,
  type Change,
  type Named,
  type Pair,
} from './change.ts'
import type {
  ColumnContract,
  ConstraintContract,
  IndexContract,
  TableContract,
} from '../contract.ts'
import { sameSqlText } from '../sql-text.ts'
import { canonicalType, withoutPublic } from '../type-name.ts'
import type { ContractObject } from '../violation.ts'

export const diffRelations = (
  kind: 'table' | 'view',
  before: Named<TableContract>,
  after: Named<TableContract>,
): readonly Change[] =>
  pairs(before, after).flatMap(({ name, old, next }) => {
    const object = standalone(kind, name)
    if (old === undefined) return [compatible(object, 'is new', 'the old version does not know it')]
    if (next === undefined)
      return [breaks(object, 'is removed', 'queries of the old version that name it fail')]
    return [
      ...pairs(old.columns, next.columns).flatMap((pair) => diffColumn(name, pair)),
      ...pairs(old.indexes, next.indexes).flatMap((pair) => diffIndex(name, pair)),
      ...pairs(old.constraints, next.constraints).flatMap((pair) => diffConstraint(name, pair)),
    ]
  })

const diffColumn = (of: string, { name, old, next }: Pair<ColumnContract>): readonly Change[] => {
  const object: ContractObject = { kind: 'column', of, name }
  if (next === undefined)
    return [breaks(object, 'is removed', 'queries of the old version that name it fail')]
  if (old === undefined)
    return [
      next.nullable === false && (next.default === undefined || next.default === false)
        ? breaks(
            object,
            'is new, NOT NULL and without a default',
            'an INSERT of the old version leaves it out and fails',
          )
        : compatible(object, 'is new', 'the old version leaves it out'),
    ]
  return [
    ...diffType(object, old.type, next.type),
    ...diffNullable(object, old, next),
    ...diffDefault(object, old.default, next.default),
  ]
}

const diffType = (
  object: ContractObject,
  old: string | undefined,
  next: string | undefined,
): readonly Change[] =>
  old === undefined || next === undefined || isSame(old, next)
    ? []
    : [
        breaks(
          object,
          `becomes ${canonicalType(next)} (was ${canonicalType(old)})`,
          'the old version reads and writes the old type',
        ),
      ]

const diffNullable = (
  object: ContractObject,
  { nullable: old }: ColumnContract,
  { nullable: next }: ColumnContract,
): readonly Change[] => {
  if (old === undefined || next === undefined || old === next) return []
  return next
    ? [breaks(object, 'becomes nullable', 'the old version never expected to read NULL')]
    : [breaks(object, 'becomes NOT NULL', 'a NULL that the old version writes fails')]
}

const diffDefault = (
  object: ContractObject,
  old: ColumnContract['default'],
  next: ColumnContract['default'],
): readonly Change[] => {
  if (old === undefined || next === undefined || old === next) return []
  if (old === false)
    return [compatible(object, 'gets a default', 'the old version gives the value itself')]
  if (next === false)
    return [breaks(object, 'loses its default', 'an INSERT of the old version leaves it out')]
  if (typeof old !== 'string' || typeof next !== 'string' || sameSqlText(old, next, ['public']))
    return []
  return [
    compatible(
      object,
      `gets the default ${next} (was ${old})`,
      'an INSERT of the old version that leaves it out stores another value',
    ),
  ]
}

const diffIndex = (of: string, { name, old, next }: Pair<IndexContract>): readonly Change[] => {
  const object: ContractObject = { kind: 'index', of, name }
  if (old === undefined)
    return next?.unique === true
      ? [breaks(object, 'is new and UNIQUE', 'the old version may write what it refuses')]
      : [compatible(object, 'is new', 'queries may be faster')]
  if (next === undefined)
    return old.unique === true
      ? [breaks(object, 'is removed', 'ON CONFLICT of the old version may need it')]
      : [compatible(object, 'is removed', 'queries of the old version may be slower')]
  const { definition = '', unique = false } = next
  if (unique !== (old.unique ?? false))
    return [breaks(object, unique ? 'becomes UNIQUE' : 'is no longer UNIQUE', uniqueMeans)]
  return old.definition === undefined ||
    definition === '' ||
    sameSqlText(old.definition, definition, ['public'])
    ? []
    : [
        (unique ? breaks : compatible)(
          object,
          `becomes ${definition} (was ${old.definition})`,
          unique ? uniqueMeans : 'queries of the old version may be slower',
        ),
      ]
}

const uniqueMeans = 'what the old version writes may be refused, or its ON CONFLICT may fail'

const diffConstraint = (
  of: string,
  { name, old, next }: Pair<ConstraintContract>,
): readonly Change[] => {
  const object: ContractObject = { kind: 'constraint', of, name }
  if (old === undefined)
    return [breaks(object, 'is new', 'the old version may write what it refuses')]
  if (next === undefined)
    return [breaks(object, 'is removed', 'the old version relies on what it kept out')]
  const { definition: was } = old
  const { definition: becomes } = next
  return was === undefined || becomes === undefined || sameSqlText(was, becomes, ['public'])
    ? []
    : [
        breaks(
          object,
          `becomes ${becomes} (was ${was})`,
          'the old version may write what it refuses, or rely on what it no longer keeps out',
        ),
      ]
}

const isSame = (a: string, b: string): boolean =>
  withoutPublic(canonicalType(a)) === withoutPublic(canonicalType(b))
