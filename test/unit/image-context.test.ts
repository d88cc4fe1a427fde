// The image is built from what .dockerignore lets through.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(project, name), 'utf8')

/** A script, and the scripts that it imports. */
const withImported = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, other] of read(`scripts/${name}`).matchAll(/^import .* from '\.\/([\w-]+\.js)'$/gm))
    withImported(String(other), seen)
  return seen
}

test('the build finds its scripts in the image', () => {
  const scripts = [...withImported('build.js')].map((name) => `!scripts/${name}`)
  expect(scripts.length).toBeGreaterThan(5)
  const passed = read('.dockerignore').split('\n')
  expect(scripts.filter((each) => !passed.includes(each))).toEqual([])
})
