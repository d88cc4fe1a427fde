import { expect, test } from '@jest/globals'
import { nearest } from '../../../src/errors/nearest.ts'

const candidates = ['status', 'start', 'run']

test.each([
  ['status', 'status'],
  ['statsu', 'status'],
  ['star', 'start'],
  ['stats', 'status'],
  ['rnu', 'run'],
  ['plan', undefined],
  ['', undefined],
])('the nearest of %j is %j', (name, meant) => {
  expect(nearest(name, candidates)).toBe(meant)
})

test('the limit of edits is kept', () => {
  expect(nearest('statement', ['status'], 3)).toBeUndefined()
  expect(nearest('stat', ['status'], 2)).toBe('status')
  expect(nearest('stat', ['status'], 1)).toBeUndefined()
})

test('there is none among no candidates', () => {
  expect(nearest('run', [])).toBeUndefined()
})
