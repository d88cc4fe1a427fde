import { expect, test } from '@jest/globals'
import { readFailedChecks } from '../../../src/catalog/failed-checks.ts'

test('what a verification found is read', () => {
  const found = [{ id: 1, expected: 'integer', found: 'text' }]
  expect(readFailedChecks(JSON.stringify(found))).toEqual(found)
})

test.each([
  undefined,
  '',
  'not JSON',
  'null',
  '7',
  '{}',
  '[]',
  '[null]',
  '[{"id":"0","expected":"a","found":"b"}]',
  '[{"id":0,"expected":"a"}]',
  '['.repeat(100_000),
])('what it cannot have said is not: %#', (detail) => {
  expect(readFailedChecks(detail)).toBeUndefined()
})
