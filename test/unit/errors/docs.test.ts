// docs/troubleshooting.md says of every code which exit code it has, and says it right. UPDATE_DOCS=1 writes the list again.

import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { registry } from '../../../src/errors/registry.ts'
import { codesAsMarkdown, exitCodeOf } from '../../support/exit-code-docs.ts'

const path = join(import.meta.dirname, '../../../docs/troubleshooting.md')
const [start, end] = [
  '<!-- made from the registry: start -->\n',
  '<!-- made from the registry: end -->\n',
]

test('the list of all codes is up to date with the registry', () => {
  const [before, rest] = readFileSync(path, 'utf8').split(start)
  const [, after] = rest?.split(end) ?? []
  const wanted = `${before ?? ''}${start}\n${codesAsMarkdown()}\n\n${end}${after ?? ''}`
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, wanted)
  expect(readFileSync(path, 'utf8')).toBe(wanted)
})

test('a code stands in the section of the exit code that it has', () => {
  const sections = readFileSync(path, 'utf8').split(/^## /m)
  const misplaced = sections.flatMap((section) => {
    const exit = /^Exit code (\d+):/.exec(section)?.[1]
    return exit === undefined
      ? []
      : [...section.matchAll(/`([\w-]+)`/g)]
          .map(([, word = '']) => word)
          .filter((word): word is keyof typeof registry => word in registry)
          .filter((code) => exitCodeOf(code) !== Number(exit))
          .map((code) => `${code} has ${exitCodeOf(code)}, not ${exit}`)
  })
  expect(misplaced).toEqual([])
})
