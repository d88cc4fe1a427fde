// docs/design/walk.md leads along files that are there, and each has what the page says is in it.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '../..')

test('every step of the walk is where the page says', () => {
  const page = readFileSync(join(project, 'docs/design/walk.md'), 'utf8')
  const steps = [...page.matchAll(/^\| \d+ \| `([^`]+)` \| (?:`(\w+)(?:\(\))?`)?/gm)]
  expect(steps).toHaveLength(14)
  const missing = steps.filter(([, file = '', name]) => {
    const text = readFileSync(join(project, 'src', file), 'utf8')
    return name !== undefined && !new RegExp(`\\bconst ${name}\\b`).test(text)
  })
  expect(missing.map(([line]) => line)).toEqual([])
  for (const [, file = ''] of page.matchAll(/`((?:apply|commands)\/[\w/-]+\.ts)`/g))
    expect(readFileSync(join(project, 'src', file), 'utf8')).not.toBe('')
  expect(readFileSync(join(project, 'src/apply/message.ts'), 'utf8')).toMatch(/^ +'COMMIT',\n +\]/m)
})
