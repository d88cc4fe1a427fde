// From one contract to the next: which changes break a service that still runs the old one. Pure.

import type {
  ColumnContract,
  ConstraintContract,
  Contract,
  IndexContract,
  TableContract,
} from './contract.ts'
import { sameWords } from './sql-words.ts'
import { canonicalType } from './type-name.ts'
import type { ContractObject } from './violation.ts'

export type Change = {
  readonly effect: 'breaks' | 'compatible'
  readonly object: ContractObject
  /** What changes, in words: 'is removed', 'becomes bigint (was integer)'. */
  readonly what: string
  /** What that means for the service that runs the old one. */
  readonly means: string
}

/** In the order of the old contract; what only the new one has comes behind. */
export const diffContracts = (before: Contract, after: Contract): readonly Change[] => [
  ...diffRelations('table', before.tables, after.tables),
  ...diffRelations('view', before.views, after.views),
  ...diffEnums(before.enums, after.enums),
  ...diffExtensions(before.extensions, after.extensions),
  ...diffFunctions(before.functions, after.functions),
]

type Named<Value> = Readonly<Record<string, Value>> | undefined

type Pair<Value> = {
  readonly name: string
  readonly old: Value | undefined
  readonly next: Value | undefined
}

const pairs = <Value>(before: Named<Value>, after: Named<Value>): readonly Pair<Value>[] =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].map((name) => ({
    name,
    old: before?.[name],
    next: after?.[name],
  }))

const alone = (kind: ContractObject['kind'], name: string): ContractObject => ({
  kind,
  of: undefined,
  name,
})

const breaks = (object: ContractObject, what: string, means: string): Change => ({
  effect: 'breaks',
  ...{ object, what, means },
})

const compatible = (object: ContractObject, what: string, means: string): Change => ({
  effect: 'compatible',
  ...{ object, what, means },
})

const diffRelations = (
  kind: 'table' | 'view',
  before: Named<TableContract>,
  after: Named<TableContract>,
): readonly Change[] =>
  pairs(before, after).flatMap(({ name, old, next }) => {
    const object = alone(kind, name)
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
  old === undefined || next === undefined || canonicalType(old) === canonicalType(next)
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
  if (typeof old !== 'string' || typeof next !== 'string' || sameWords(old, next, ['public']))
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
    sameWords(old.definition, definition, ['public'])
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
  return was === undefined || becomes === undefined || sameWords(was, becomes, ['public'])
    ? []
    : [
        breaks(
          object,
          `becomes ${becomes} (was ${was})`,
          'the old version may write what it refuses, or rely on what it no longer keeps out',
        ),
      ]
}

const diffEnums = (
  before: Named<readonly string[]>,
  after: Named<readonly string[]>,
): readonly Change[] =>
  pairs(before, after).flatMap(({ name, old, next }) => {
    const object = alone('enum', name)
    if (old === undefined) return [compatible(object, 'is new', 'the old version does not know it')]
    if (next === undefined)
      return [breaks(object, 'is removed', 'queries of the old version that name it fail')]
    const gone = old.filter((label) => !next.includes(label))
    const added = next.filter((label) => !old.includes(label))
    return [
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
      breaks(alone('extension', name), 'is removed', 'the old version uses what it brings'),
    ),
  ...after
    .filter((name) => !before.includes(name))
    .map((name) =>
      compatible(alone('extension', name), 'is new', 'the old version does not use it'),
    ),
]

const diffFunctions = (
  before: Contract['functions'],
  after: Contract['functions'],
): readonly Change[] =>
  pairs(before, after).flatMap(({ name, old, next }) => {
    const object = alone('function', name)
    if (old === undefined) return [compatible(object, 'is new', 'the old version does not call it')]
    if (next === undefined) return [breaks(object, 'is removed', 'calls of the old version fail')]
    const { returns: was } = old
    const { returns: becomes } = next
    return was === undefined ||
      becomes === undefined ||
      canonicalType(was) === canonicalType(becomes)
      ? []
      : [breaks(object, `returns ${becomes} (was ${was})`, 'the old version expects the old type')]
  })
