import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { caseName, fullCases, quickCases } from '../../../bench/compare/cases.ts'
import { withMeasured } from '../../../bench/compare/page.ts'
import { settingsFrom } from '../../../bench/compare/settings.ts'

const page = 'performance.md'

test('without variables everything is measured, five times, and the page is written', () => {
  const settings = settingsFrom({}, page)
  expect(settings).toMatchObject({ cases: fullCases, runs: 5, page })
  expect(settings.runners).toBeUndefined()
})

test.each([
  { BENCH_QUICK: '1' },
  { BENCH_SIZES: '500' },
  { BENCH_DELAYS: '0' },
  { BENCH_RUNNERS: 'dbmate' },
])('a part of it is printed only: %j', (environment) => {
  expect(settingsFrom(environment, page).page).toBeUndefined()
})

test('a page can be named for a part, too', () => {
  expect(settingsFrom({ BENCH_QUICK: '1', BENCH_PAGE: 'x.md' }, page)).toMatchObject({
    ...{ cases: quickCases, runs: 2, page: 'x.md' },
  })
})

test('sizes, delays, runners and runs can be chosen', () => {
  const settings = settingsFrom(
    {
      ...{ BENCH_SIZES: '500, 5000', BENCH_DELAYS: '5', BENCH_RUNS: '9' },
      BENCH_RUNNERS: 'schemagate,a bare process',
    },
    page,
  )
  expect(settings.cases.map(caseName)).toEqual([
    'apply, 500, 5 ms',
    'apply, 5,000, 5 ms',
    'no-op, 500, 5 ms',
    'no-op, 5,000, 5 ms',
  ])
  expect(settings).toMatchObject({ runs: 9, runners: ['schemagate', 'a bare process'] })
})

test.each([
  [{ BENCH_QUICK: 'yes' }, 'BENCH_QUICK must be 0 or 1, not yes'],
  [{ BENCH_SIZES: '500;50' }, 'BENCH_SIZES must be numbers separated by commas'],
  [{ BENCH_DELAYS: '5ms' }, 'BENCH_DELAYS must be numbers separated by commas'],
  [{ BENCH_RUNS: '0' }, 'BENCH_RUNS must be one number of runs'],
  [{ BENCH_RUNS: '1,2' }, 'BENCH_RUNS must be one number of runs'],
  [{ BENCH_SIZES: '7' }, 'no case has one of BENCH_SIZES'],
])('%j is refused', (environment, message) => {
  expect(() => settingsFrom(environment, page)).toThrow(message)
})

test('docs/performance.md names every variable, and has the place for the results', () => {
  const project = join(import.meta.dirname, '../../..')
  const source = readFileSync(join(project, 'bench/compare/settings.ts'), 'utf8')
  const document = readFileSync(join(project, 'docs/performance.md'), 'utf8')
  const names = new Set(source.match(/\bBENCH_[A-Z]+\b/g))
  expect(names.size).toBeGreaterThanOrEqual(6)
  for (const name of names) expect(document).toContain(`| \`${name}\` |`)
  expect(() => withMeasured(document, 'x')).not.toThrow()
})
