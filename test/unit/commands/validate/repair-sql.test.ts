import { describe, expect, test } from '@jest/globals'
import type { Aspect, ContractObject, Violation } from '../../../../src/contract/violation.ts'
import { repairSql } from '../../../../src/commands/validate/repair-sql.ts'

const found = (
  object: ContractObject,
  aspect: Aspect,
  expected: string,
  labels?: Violation['labels'],
): Violation => ({
  ...{ service: 'api', object, aspect, expected, found: '', path: [], place: undefined },
  ...(labels && { labels }),
})

const column: ContractObject = { kind: 'column', of: 'audit.Events', name: 'order' }
const index: ContractObject = { kind: 'index', of: 't', name: 'i' }
const constraint: ContractObject = { kind: 'constraint', of: 't', name: 'k' }
const mood: ContractObject = { kind: 'enum', of: undefined, name: 'mood' }

describe('the SQL that puts it right', () => {
  test.each<readonly [ContractObject, Aspect, string, string]>([
    [
      column,
      'existence',
      'bigint nullable',
      'ALTER TABLE audit."Events" ADD COLUMN IF NOT EXISTS "order" bigint;',
    ],
    [
      column,
      'existence',
      'text NOT NULL DEFAULT now()',
      'ALTER TABLE audit."Events" ADD COLUMN IF NOT EXISTS "order" text NOT NULL DEFAULT now();',
    ],
    [column, 'type', 'text', 'ALTER TABLE audit."Events" ALTER COLUMN "order" TYPE text;'],
    [
      column,
      'nullability',
      'NOT NULL',
      'ALTER TABLE audit."Events" ALTER COLUMN "order" SET NOT NULL;',
    ],
    [
      column,
      'nullability',
      'nullable',
      'ALTER TABLE audit."Events" ALTER COLUMN "order" DROP NOT NULL;',
    ],
    [
      column,
      'default',
      'no default',
      'ALTER TABLE audit."Events" ALTER COLUMN "order" DROP DEFAULT;',
    ],
    [
      column,
      'default',
      'DEFAULT 1',
      'ALTER TABLE audit."Events" ALTER COLUMN "order" SET DEFAULT 1;',
    ],
    [
      index,
      'existence',
      'UNIQUE btree (a)',
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING btree (a);',
    ],
    [index, 'existence', '(a)', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);'],
    [index, 'validity', '', 'REINDEX INDEX CONCURRENTLY i;'],
    [constraint, 'existence', 'UNIQUE (a)', 'ALTER TABLE t ADD CONSTRAINT k UNIQUE (a);'],
    [constraint, 'validity', '', 'ALTER TABLE t VALIDATE CONSTRAINT k;'],
    [
      { kind: 'extension', of: undefined, name: 'uuid-ossp' },
      'existence',
      'installed',
      'CREATE EXTENSION IF NOT EXISTS "uuid-ossp";',
    ],
  ])('of %j, %s, expected %s', (object, aspect, expected, sql) => {
    expect(repairSql(found(object, aspect, expected))).toBe(sql)
  })

  const repairMood = (aspect: Aspect, expected: readonly string[], there: readonly string[]) =>
    repairSql(found(mood, aspect, expected.join(', '), { expected, found: there }))

  test('makes an enum, whatever its labels hold', () => {
    expect(repairMood('existence', ['sad, but true', "it's"], [])).toBe(
      "CREATE TYPE mood AS ENUM ('sad, but true', 'it''s');",
    )
  })

  test('puts missing labels where they belong', () => {
    expect(repairMood('labels', ['a', 'b', 'c'], ['c'])).toBe(
      "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'a' BEFORE 'c';\n" +
        "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'b' BEFORE 'c';",
    )
    expect(repairMood('labels', ['a', 'b'], ['a'])).toBe(
      "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'b';",
    )
    expect(repairMood('labels', ['a', 'b'], ['b', 'a'])).toBeUndefined()
  })

  test.each<readonly [ContractObject, Aspect, string]>([
    [column, 'existence', 'a column'],
    [column, 'default', 'some default'],
    [index, 'existence', 'an index'],
    [index, 'definition', 'btree (a)'],
    [constraint, 'existence', 'a constraint'],
    [constraint, 'definition', 'UNIQUE (a)'],
    [{ kind: 'table', of: undefined, name: 't' }, 'existence', 'a table'],
    [{ kind: 'function', of: undefined, name: 'f()' }, 'existence', 'f()'],
  ])('is not guessed of %j, %s, expected %s', (object, aspect, expected) => {
    expect(repairSql(found(object, aspect, expected))).toBeUndefined()
  })
})
