import { beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { loadModule, scanSync } from 'libpg-query'
import { lineComments } from '../../../../src/sql/text/line-comments.ts'
import { propertyRuns } from '../../../support/property.ts'

beforeAll(() => loadModule())

const textsOf = (text: string): readonly string[] => lineComments(text).map((each) => each.text)

test.each([
  ['SELECT 1; -- a\n-- b\r\nSELECT 2 --c', ['-- a', '-- b', '--c']],
  ['-- a\r-- b', ['-- a', '-- b']],
  ["SELECT '-- a', 'it''s -- b' -- c", ['-- c']],
  ['SELECT "-- a", "x""-- b" -- c', ['-- c']],
  ["SELECT E'\\'-- a', e'\\\\' -- b", ['-- b']],
  ["SELECT E'a'\n'\\'-- b' -- c", ['-- c']],
  ["SELECT E'a'\n'b' -- x\n'\\'-- b' -- c", ['-- x', '-- c']],
  ["SELECT E'a', '\\' -- b", ['-- b']],
  ["SELECT se'\\' -- a", ['-- a']],
  ["SELECT B'1', U&'\\' -- a", ['-- a']],
  ['SELECT $$-- a$$, $t$ $$ -- b $t$ -- c', ['-- c']],
  ['SELECT a$$ -- b\n, $1 -- c', ['-- b', '-- c']],
  ['/* -- a /* -- b */ -- c */ -- d', ['-- d']],
  ['SELECT 1 - -1 -- -- a', ['-- -- a']],
  ['', []],
])('the comments of %j', (text, comments) => {
  expect(textsOf(text)).toEqual(comments)
  for (const { start, text: own } of lineComments(text))
    expect(text.slice(start, start + own.length)).toBe(own)
})

test.each([
  "SELECT 'a\n-- b",
  'SELECT "a\n-- b',
  "SELECT E'a\\'\n-- b",
  'SELECT $x$ a\n-- b',
  '/* a\n-- b',
])('behind what is never closed every two dashes count: %j', (text) => {
  expect(textsOf(text)).toEqual(['-- b'])
})

test('they are those that the lexer of PostgreSQL finds', () => {
  const pieces = [
    ...["'", "''", '"', "E'", "U&'", 'e', '\\', '$$', '$a$', '$', 'a', '1', ' ', '\n', '\r'],
    ...['--', '-', '/*', '*/', '/', '*', ';', 'é'],
  ]
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map((all) => all.join(''))
  let compared = 0
  fc.assert(
    fc.property(texts, (text) => {
      const tokens = scanned(text)
      if (tokens === undefined) return
      compared++
      expect(textsOf(text)).toEqual(tokens)
    }),
    { numRuns: propertyRuns * 100 },
  )
  expect(compared).toBeGreaterThan(100)
})

// Undefined for a text that it refuses.
const scanned = (text: string): readonly string[] | undefined => {
  if (text === '') return undefined
  try {
    const bytes = Buffer.from(text)
    return scanSync(text)
      .tokens.map(({ start, end }) => bytes.subarray(start, end).toString())
      .filter((token) => token.startsWith('--'))
  } catch {
    return undefined
  }
}

test('a megabyte of any of it is read in a moment', () => {
  const before = performance.now()
  for (const piece of ["'a", '"a', '$a$ $b$', '/*', '--', '-', "E'\\'", "E'a' ", '$', 'é'])
    lineComments(piece.repeat(1_000_000 / piece.length))
  lineComments(`SELECT E'a';\n${'-- b "c" $$d$$\n'.repeat(70_000)}`)
  lineComments(`SELECT E'a';\n${'SELECT "c", $$d$$ -- b\n'.repeat(40_000)}`)
  expect(performance.now() - before).toBeLessThan(20_000)
})
