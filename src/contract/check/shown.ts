// What a contract asks for, and what a column has, as a violation shows it.

import type { ColumnContract, IndexContract } from '../contract.ts'
import type { ColumnFacts } from '../facts.ts'
import { canonicalType } from '../type-name.ts'

export const showNullable = (nullable: boolean): string => (nullable ? 'nullable' : 'NOT NULL')

export const showDefault = ({ filledBy, default: found }: ColumnFacts): string => {
  switch (filledBy) {
    case 'default':
      return found === undefined ? 'some default' : `DEFAULT ${found}`
    case 'identity':
      return 'GENERATED AS IDENTITY'
    case 'generated':
      return 'GENERATED ALWAYS AS (…)'
    default:
      return 'no default'
  }
}

export const describeColumn = (expected: ColumnContract): string => {
  const { type, nullable } = expected
  const words = [
    ...(type === undefined ? [] : [canonicalType(type)]),
    ...(nullable === undefined ? [] : [showNullable(nullable)]),
    ...(typeof expected.default === 'string' ? [`DEFAULT ${expected.default}`] : []),
  ]
  return words.length === 0 ? 'a column' : words.join(' ')
}

export const describeIndex = ({ definition, unique }: IndexContract): string =>
  [unique === true ? 'UNIQUE' : '', definition ?? 'an index']
    .filter((each) => each !== '')
    .join(' ')
