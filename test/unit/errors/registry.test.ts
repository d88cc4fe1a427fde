import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes } from '../../../src/errors/exit-codes.ts'
import { registry } from '../../../src/errors/registry.ts'

const source = join(import.meta.dirname, '../../../src')

const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('-problems.ts'))
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n')

test.each(Object.keys(registry))('%s is reported by something', (code) => {
  expect(text).toContain(`'${code}'`)
})

test('every problem has an exit code that is not 0', () => {
  const good = Object.entries(registry).filter(([, { category }]) => !(exitCodes[category] > 0))
  expect(good).toEqual([])
})
