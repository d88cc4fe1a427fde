// Every rule by its own examples: the bad one is caught, in its last file, and the good one finds nothing at all.

import { describe, expect, test } from '@jest/globals'
import { rules } from '../../../../src/lint/rules/rules.ts'
import { renderFinding } from '../../../../src/commands/lint/text.ts'
import { callLog } from '../../../../src/lint/rules/example.ts'
import { lintFiles, lintFilesFully } from '../lint-example.ts'

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  test('catches its bad example', () => {
    const found = lintFilesFully(rule.bad.files).filter((finding) => finding.rule === id)
    const file = `migrations/${Object.keys(rule.bad.files).at(-1) ?? ''}`
    expect(found.map((finding) => finding.file)).toEqual([file])
    expect(found.map(({ level }) => level)).toEqual([rule.level])
    expect(found.map(renderFinding).join('\n')).toMatchSnapshot()
  })

  test('finds nothing in its good example', () => {
    expect(lintFilesFully(rule.good.files)).toEqual([])
  })
})

test('an unguarded statement is found only when it is asked for, and may be allowed all the same', () => {
  const unguarded = 'ALTER TABLE call_log ADD COLUMN started_at timestamptz;'
  const files = { ...callLog, '0002_a.sql': unguarded }
  const allowed = {
    ...callLog,
    '0002_a.sql': `-- @allow unguarded-statement it runs once\n${unguarded}`,
  }
  expect(lintFiles(files)).toEqual([])
  expect(lintFilesFully(files).map(({ rule }) => rule)).toEqual(['unguarded-statement'])
  expect(lintFiles(allowed)).toEqual([])
  expect(lintFilesFully(allowed)).toEqual([])
})

test('every rule has an id of its own', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  expect(rules.length).toBeGreaterThanOrEqual(20)
})
