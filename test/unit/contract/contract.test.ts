import { describe, expect, test } from '@jest/globals'
import { isInsertedInto, splitName } from '../../../src/contract/contract.ts'

describe('a name', () => {
  test.each([
    ['call_log', undefined, 'call_log'],
    ['audit.events', 'audit', 'events'],
    ['audit.Events', 'audit', 'Events'],
    ['My App.call log', 'My App', 'call log'],
    ['audit.touch(public.mood)', 'audit', 'touch(public.mood)'],
    ['touch(public.mood)', undefined, 'touch(public.mood)'],
    ['', undefined, ''],
  ])('%j is of the schema %s', (text, schema, name) => {
    expect(splitName(text)).toEqual({ schema, name })
  })
})

describe('a table', () => {
  test.each([{ default: true }, { default: false }, { default: 'now()' }])(
    'is inserted into, where %j is said of a column',
    (column) => {
      expect(isInsertedInto({ columns: { id: {}, sid: column } })).toBe(true)
    },
  )

  test.each([
    {},
    { columns: {} },
    { columns: { id: { type: 'bigint', nullable: false } } },
    { indexes: { i: { unique: true } } },
  ])('of which %j is said is only read', (table) => {
    expect(isInsertedInto(table)).toBe(false)
  })
})
