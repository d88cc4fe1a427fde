// scripts/bench peers in its smallest size and without the peers, which are not installed for the tests: that it measures every
// kind of case, and says what it measured. The figures are nobody's business here.

import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../build/peers.js')

const bench = (environment: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, [program], {
    env: { PATH: process.env['PATH'] ?? '', BENCH_QUICK: '1', BENCH_RUNS: '1', ...environment },
    encoding: 'utf8',
  })

test('measures the gate beside a bare process, and prints bars and tables', () => {
  const { status, stdout, stderr } = bench({ BENCH_RUNNERS: 'schemagate,a bare process' })
  expect({ status, stderr }).toMatchObject({ status: 0 })
  const rows = stdout.split('\n').filter((line) => /^\| (schemagate|a bare process) \|/.test(line))
  // Apply; no-op at two delays; many runners; memory. The floor applies nothing.
  expect(rows.map((row) => row.split(' | ')[0])).toEqual([
    '| schemagate',
    ...['| schemagate', '| a bare process', '| schemagate', '| a bare process'],
    '| schemagate',
    ...['| schemagate', '| a bare process'],
  ])
  expect(stdout.match(/5 of 5 exit 0/g)).toHaveLength(2)
  // Linux tells the memory; every figure is one of a run, not a zero.
  if (process.platform === 'linux') expect(stdout).toMatch(/\| a bare process \| [1-9]\d+ MiB/)
  expect(stdout).toMatch(/at 5 ms$/m)
}, 180_000)

test('says which runner it does not know', () => {
  const { status, stderr } = bench({ BENCH_RUNNERS: 'flyway' })
  expect(status).toBe(1)
  expect(stderr).toContain('BENCH_RUNNERS names "flyway"; there are schemagate, ')
})
