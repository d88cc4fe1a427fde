import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peakMemory, runProcess, runWell } from '../../../bench/compare/run-process.ts'
import type { Invocation } from '../../../bench/compare/runner.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-test-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const node = (script: string, environment = {}): Invocation => ({
  ...{ program: process.execPath, args: ['-e', script], environment },
})

test('a process is timed to its end, and what it wrote is kept', async () => {
  const log = join(folder, 'log')
  const script = `console.log(process.env.WORD); setTimeout(() => { console.error('end'); process.exitCode = 3 }, 100)`
  const ran = await runProcess(node(script, { WORD: 'begin' }), log)
  expect(ran.exitCode).toBe(3)
  expect(ran.wallMs).toBeGreaterThanOrEqual(100)
  expect(readFileSync(log, 'utf8')).toBe('begin\nend\n')
})

test('one that fails where it must not is an error with what it wrote', async () => {
  const failing = runWell(
    node(`console.log('no such table'); process.exit(1)`),
    join(folder, 'log'),
  )
  await expect(failing).rejects.toThrow(/exited 1:\nno such table/)
})

test('one that is not there is an error', async () => {
  const missing = { program: join(folder, 'missing'), args: [], environment: {} }
  await expect(peakMemory(missing, join(folder, 'log'))).rejects.toThrow('ENOENT')
})

const onLinux = process.platform === 'linux' ? test : test.skip
onLinux('the peak memory is that of the process: 200 MiB more are 200 MiB more', async () => {
  const peak = async (script: string): Promise<number> =>
    (await peakMemory(node(script), join(folder, 'log'))).peakMib
  const wait = 'setTimeout(() => undefined, 200)'
  const plain = await peak(wait)
  // Gone again before its end: what counts is the most that it had.
  const large = await peak(`Buffer.alloc(200 * 1024 * 1024, 1); ${wait}`)
  expect(large - plain).toBeGreaterThan(180)
  expect(large - plain).toBeLessThan(230)
})
