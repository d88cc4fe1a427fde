// Every runner gets the same migrations, in the same order, under its own names.

import { expect, test } from '@jest/globals'
import { history } from '../../../bench/compare/history.ts'
import { gate } from '../../../bench/compare/own-runners.ts'
import { peers } from '../../../bench/compare/peer-runners.ts'

const runners = [gate('/project', { program: 'node', suffix: '' }), ...peers('/peers', 'node')]
const steps = history(12)

test.each(runners.map((runner) => [runner.name, runner] as const))(
  '%s has each of them once, in their order',
  (_, { files }) => {
    const written = Object.entries(files(steps)).filter(([name]) => !name.startsWith('meta/'))
    expect(written).toHaveLength(steps.length)
    // By number, as the names of some have no leading zeros.
    const inOrder = written.sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    for (const [at, [name, text]] of inOrder.entries()) {
      expect(name).toContain(steps[at]?.name)
      expect(text).toContain(steps[at]?.sql.trim())
    }
  },
)

test("drizzle's journal names its files, each later than the one before", () => {
  const files =
    peers('/peers', 'node')
      .find(({ name }) => name === 'drizzle')
      ?.files(steps) ?? {}
  const { entries } = JSON.parse(files['meta/_journal.json'] ?? '') as {
    entries: { tag: string; when: number }[]
  }
  expect(entries.map(({ tag }) => `${tag}.sql`)).toEqual(
    Object.keys(files).filter((name) => name.endsWith('.sql')),
  )
  const times = entries.map(({ when }) => when)
  expect(new Set(times).size).toBe(steps.length)
  expect([...times].sort((a, b) => a - b)).toEqual(times)
})
