import { describe, expect, test } from '@jest/globals'
import { readDirectives } from '../../../src/migrations/directives/directives.ts'
import { briefly, lintText } from './lint-example.ts'

const before = 'CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, a text, b text);'
const drop = 'ALTER TABLE t DROP COLUMN IF EXISTS a;'

describe('@allow', () => {
  test('is read with its reason and its place', () => {
    const text = '-- why\n-- @allow drop-column   nothing  reads it\n--@allow rename x y'
    expect(readDirectives('m.sql', text)).toEqual({
      directives: {
        allow: [
          {
            rule: 'drop-column',
            reason: 'nothing reads it',
            place: {
              file: 'm.sql',
              line: 2,
              column: 4,
              excerpt: '-- @allow drop-column   nothing  reads it',
            },
          },
          expect.objectContaining({ rule: 'rename', reason: 'x y' }),
        ],
      },
      problems: [],
    })
  })

  test.each(['-- @allow', '-- @allow drop-column'])('needs a reason: %s', (text) => {
    const [problem, ...more] = readDirectives('m.sql', text).problems
    expect(more).toEqual([])
    expect(problem?.code).toBe('malformed-directive')
    expect(problem?.place?.line).toBe(1)
    expect(problem?.fix).toContain("a rule of 'schemagate lint' and the reason")
  })

  test('accepts all that its rule finds in this file, and nothing else', () => {
    const text = `-- @allow drop-column unused since 2.3\n${drop}\nALTER TABLE t DROP COLUMN IF EXISTS b CASCADE;`
    expect(briefly(lintText(text, before))).toEqual(['3:39 drop-cascade'])
  })

  test('in one file accepts nothing in another', () => {
    expect(briefly(lintText(drop, `-- @allow drop-column x\n${before}`))).toEqual([
      '1:37 drop-column',
    ])
  })

  test('of a rule that does not exist is an error, which names those that do', () => {
    const [finding, ...more] = lintText('-- @allow nonsense because\nSELECT 1;', before)
    expect(more).toEqual([])
    expect(finding).toMatchObject({ rule: 'unknown-allow', level: 'error' })
    expect(finding?.cure).toContain('Name one of: duplicate-object, ')
  })

  test('cannot accept what is wrong with @allow itself', () => {
    const text = '-- @allow unused-allow x\n-- @allow rename y\nSELECT 1;'
    expect(briefly(lintText(text, before))).toEqual(['1:4 unknown-allow', '2:4 unused-allow'])
  })

  test('accepts a file that the parser cannot read', () => {
    expect(lintText('-- @allow unreadable syntax of PostgreSQL 19\nFROBNICATE t;', before)).toEqual(
      [],
    )
  })
})
