import { expect, test } from '@jest/globals'
import { updated, type Seen, type Sight } from '../../../../src/database/monitor/liveness.ts'

const after = (...sights: readonly Sight[]): Seen =>
  sights.reduce(updated, { atAll: false, waitsForUs: 0, silent: 0 })

test('a server that works on the message may take as long as it wants', () => {
  expect(after('works', 'works', 'works')).toEqual({ atAll: true, waitsForUs: 0, silent: 0 })
})

test('a server that waits for us is counted on end', () => {
  expect(after('waits for us', 'waits for us').waitsForUs).toBe(2)
  expect(after('waits for us', 'works', 'waits for us').waitsForUs).toBe(1)
})

test('a process that was seen and is gone counts, one that was never seen does not', () => {
  expect(after('works', 'not there', 'not there').waitsForUs).toBe(2)
  expect(after('not there', 'not there').waitsForUs).toBe(0)
})

test('a server that refuses to tell is not silent', () => {
  expect(after('no answer', 'no answer').silent).toBe(2)
  expect(after('no answer', 'cannot tell', 'no answer').silent).toBe(1)
  expect(after('waits for us', 'cannot tell').waitsForUs).toBe(0)
})

test('no answer to a question says nothing of what was seen before', () => {
  expect(after('waits for us', 'no answer')).toEqual({ atAll: true, waitsForUs: 1, silent: 1 })
})
