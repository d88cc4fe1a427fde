import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peakMemory, runProcess, runWell } from '../../../bench/compare/run-process.ts'
import type { Invocation } from '../../../bench/compare/runner.ts'
import { until } from '../../support/until.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schemagate-test-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const node = (script: string, environment = {}): Invocation => ({
  ...{ program: process.execPath, args: ['-e', script] },
  environment: { TOLD: join(folder, 'told'), ...environment },
})

// A process that lasts until the test has seen what it waits for.
const untilTold = `setInterval(() => { if (require('fs').existsSync(process.env.TOLD)) process.exit() }, 1);`
const tell = (): void => {
  writeFileSync(join(folder, 'told'), '')
}

test('a process is timed to its end, and what it wrote is kept', async () => {
  const log = join(folder, 'log')
  const script = `console.log(process.env.WORD); ${untilTold}
    process.on('exit', () => { console.error(process.uptime() * 1000); process.exitCode = 3 })`
  const running = runProcess(node(script, { WORD: 'begin' }), log)
  await until('it has begun', () => readFileSync(log, 'utf8') === 'begin\n')
  tell()
  const ran = await running
  expect(ran.exitCode).toBe(3)
  const [begin, uptimeMs] = readFileSync(log, 'utf8').split('\n')
  expect(begin).toBe('begin')
  expect(ran.wallMs).toBeGreaterThanOrEqual(Number(uptimeMs))
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
  const log = join(folder, 'log')
  const peak = async (script: string): Promise<number> => {
    rmSync(join(folder, 'told'), { force: true })
    const running = peakMemory(node(`${script}; console.log('had'); ${untilTold}`), log)
    await until('it has had it', () => readFileSync(log, 'utf8') === 'had\n')
    // The process is looked at by a timer of this event loop, which is due before this one.
    await new Promise((resolve) => setTimeout(resolve, 10))
    tell()
    return (await running).peakMib
  }
  const plain = await peak('')
  // Gone again before its end: what counts is the most that it had.
  const large = await peak('Buffer.alloc(200 * 1024 * 1024, 1)')
  expect(large - plain).toBeGreaterThan(180)
  expect(large - plain).toBeLessThan(230)
})
