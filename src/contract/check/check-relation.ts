// One table or view of a contract against the one that was found: its columns, indexes and constraints. Pure.

import { nearest } from '../../errors/nearest.ts'
import type {
  ColumnContract,
  ConstraintContract,
  IndexContract,
  TableContract,
} from '../contract.ts'
import type { ColumnFacts, ConstraintFacts, Facts, IndexFacts, RelationFacts } from '../facts.ts'
import { isSameType } from './same-type.ts'
import { describeColumn, describeIndex, showDefault, showNullable } from './shown.ts'
import { sameSqlText } from '../sql-text.ts'
import { canonicalType } from '../type-name.ts'
import type { Aspect, ContractObject, UnresolvedDifference, Violation } from '../violation.ts'

/** A violation before anybody knows whose it is. */
export type Mismatch = Omit<Violation, 'service' | 'place'>

export type CheckedRelation = {
  readonly kind: 'table' | 'view'
  /** As the contract names it. */
  readonly name: string
  readonly facts: Facts
}

export const checkRelation = (
  checked: CheckedRelation,
  expected: TableContract,
): readonly Mismatch[] => {
  const { kind, name, facts } = checked
  const object: ContractObject = { kind, of: undefined, name }
  const path = [`${kind}s`, name]
  const found = facts.relations.get(name)
  if (found === undefined) {
    const meant = near(name, facts.otherRelations)
    const words = meant === undefined ? `no such ${kind}` : `no such ${kind}; there is ${meant}`
    return [{ object, aspect: 'existence', expected: `a ${kind}`, found: words, path }]
  }
  if (found.kind !== kind)
    return [{ object, aspect: 'kind', expected: `a ${kind}`, found: `a ${found.kind}`, path }]
  const within = { checked, found, path }
  const { columns = {}, indexes = {}, constraints = {} } = expected
  return [
    ...Object.entries(columns).flatMap(([column, each]) => checkColumn(within, column, each)),
    ...Object.entries(indexes).flatMap(([index, each]) => checkIndex(within, index, each)),
    ...Object.entries(constraints).flatMap(([each, value]) => checkConstraint(within, each, value)),
  ]
}

// Of a short name almost every other is a few letters away.
const near = (name: string, candidates: readonly string[]): string | undefined =>
  nearest(name, candidates, Math.min(3, Math.floor(name.length / 3)))

type Within = {
  readonly checked: CheckedRelation
  readonly found: RelationFacts
  readonly path: readonly string[]
}

type Member = { readonly kind: 'column' | 'index' | 'constraint'; readonly name: string }

/** Makes the violations of one member; `inside` is the path below it. */
const violationsOf =
  ({ checked, path }: Within, { kind, name }: Member) =>
  (
    aspect: Aspect,
    words: {
      readonly expected: string
      readonly found: string
      readonly unresolved?: UnresolvedDifference
    },
    ...inside: readonly string[]
  ): Mismatch => ({
    object: { kind, of: checked.name, name },
    aspect,
    path: [...path, kind === 'index' ? 'indexes' : `${kind}s`, name, ...inside],
    ...words,
  })

const checkColumn = (
  within: Within,
  name: string,
  expected: ColumnContract,
): readonly Mismatch[] => {
  const { checked, found } = within
  const violation = violationsOf(within, { kind: 'column', name })
  const column = found.columns.get(name)
  if (column === undefined) {
    const meant = near(name, [...found.columns.keys()])
    const words = meant === undefined ? 'no such column' : `no such column; there is ${meant}`
    return [violation('existence', { expected: describeColumn(expected), found: words })]
  }
  const relation = { schema: found.schema, name: found.name }
  const violations: Mismatch[] = []
  const { type, nullable } = expected
  if (
    type !== undefined &&
    column.type !== undefined &&
    !isSameType(type, column.type, checked.facts)
  ) {
    const words = { expected: canonicalType(type), found: column.type }
    const unresolved = { is: 'type', relation, name, sql: type } as const
    violations.push(violation('type', { ...words, unresolved }, 'type'))
  }
  if (nullable !== undefined && column.nullable !== undefined && nullable !== column.nullable)
    violations.push(
      violation(
        'nullability',
        { expected: showNullable(nullable), found: showNullable(column.nullable) },
        'nullable',
      ),
    )
  const wrongDefault = checkDefault(expected.default, column, checked.facts)
  if (wrongDefault !== undefined) {
    const unresolved =
      typeof expected.default === 'string' && column.default !== undefined
        ? { unresolved: { is: 'default', relation, name, sql: expected.default } as const }
        : {}
    violations.push(violation('default', { ...wrongDefault, ...unresolved }, 'default'))
  }
  return violations
}

const checkDefault = (
  said: string | boolean | undefined,
  column: ColumnFacts,
  { searchPath }: Facts,
): { readonly expected: string; readonly found: string } | undefined => {
  const { default: found } = column
  // DEFAULT NULL is what every column has.
  const expected = typeof said === 'string' && isNull(said) ? false : said
  const filledBy = found !== undefined && isNull(found) ? 'nothing' : column.filledBy
  if (expected === undefined || filledBy === undefined) return undefined
  const words = showDefault(column)
  if (expected === false)
    return filledBy === 'nothing' ? undefined : { expected: 'no default', found: words }
  if (expected === true)
    return filledBy === 'nothing' ? { expected: 'some default', found: words } : undefined
  return found !== undefined && sameSqlText(expected, found, searchPath)
    ? undefined
    : { expected: `DEFAULT ${expected}`, found: words }
}

const isNull = (sql: string): boolean => /^\s*null\s*(::|$)/i.test(sql)

const checkIndex = (within: Within, name: string, expected: IndexContract): readonly Mismatch[] => {
  const { checked, found } = within
  const violation = violationsOf(within, { kind: 'index', name })
  const index = found.indexes.get(name)
  if (index === undefined)
    return [violation('existence', { expected: describeIndex(expected), found: 'no such index' })]
  const violations: Mismatch[] = []
  const { definition, unique } = expected
  if (!index.valid)
    violations.push(
      violation('validity', {
        expected: 'a valid index',
        found: 'INVALID: a concurrent build of it failed, so queries do not use it',
      }),
    )
  if (unique !== undefined && unique !== index.unique)
    violations.push(
      violation(
        'uniqueness',
        {
          expected: unique ? 'UNIQUE' : 'not unique',
          found: index.unique ? 'UNIQUE' : 'not unique',
        },
        'unique',
      ),
    )
  if (definition !== undefined && !isSameIndex(definition, index, checked.facts)) {
    const relation = { schema: found.schema, name: found.name }
    const unresolved = {
      is: 'index',
      relation,
      name,
      unique: index.unique,
      sql: definition,
    } as const
    const words = { expected: definition, found: index.definition ?? '' }
    violations.push(violation('definition', { ...words, unresolved }, 'definition'))
  }
  return violations
}

// The access method may be left out, as in CREATE INDEX.
const isSameIndex = (text: string, { definition }: IndexFacts, { searchPath }: Facts): boolean =>
  definition === undefined ||
  sameSqlText(text.trim().startsWith('(') ? `btree ${text.trim()}` : text, definition, searchPath)

const checkConstraint = (
  within: Within,
  name: string,
  expected: ConstraintContract,
): readonly Mismatch[] => {
  const { checked, found } = within
  const violation = violationsOf(within, { kind: 'constraint', name })
  const constraint = found.constraints.get(name)
  const { definition, validated = true } = expected
  if (constraint === undefined)
    return [
      violation('existence', {
        expected: definition ?? 'a constraint',
        found: 'no such constraint',
      }),
    ]
  const violations: Mismatch[] = []
  if (validated && !constraint.validated)
    violations.push(
      violation('validity', {
        expected: 'a validated constraint',
        found: 'NOT VALID: rows from before it may break it',
      }),
    )
  if (definition !== undefined && !isSameConstraint(definition, constraint, checked.facts)) {
    const relation = { schema: found.schema, name: found.name }
    const unresolved = { is: 'constraint', relation, name, sql: definition } as const
    const words = { expected: definition, found: constraint.definition ?? '' }
    violations.push(violation('definition', { ...words, unresolved }, 'definition'))
  }
  return violations
}

const isSameConstraint = (
  text: string,
  { definition }: ConstraintFacts,
  { searchPath }: Facts,
): boolean =>
  definition === undefined ||
  sameSqlText(text.replace(/\s+NOT\s+VALID\s*$/i, ''), definition, searchPath)
