// One process from its start to its end: how long it took, and how much memory it had at most.

import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Invocation } from './runner.ts'

export type Ran = { readonly wallMs: number; readonly exitCode: number }

/** Its output goes to the file `log`, where reading it costs nobody anything. */
export const runProcess = (
  { program, args, environment }: Invocation,
  log: string,
  onStart: (pid: number | undefined) => void = () => undefined,
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const output = openSync(log, 'w')
    const startedMs = performance.now()
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    child.once('error', reject)
    child.once('exit', (code) => {
      resolve({ wallMs: performance.now() - startedMs, exitCode: code ?? -1 })
    })
    onStart(child.pid)
  })

/**
 * The most memory that the process had resident, in MiB; Linux only. The kernel's own high-water mark of the process, read every
 * millisecond until it is gone: what wait4 tells would also count the parent's memory, from between fork and exec.
 */
export const peakMemory = async (
  invocation: Invocation,
  log: string,
): Promise<Ran & { readonly peakMib: number }> => {
  let peakMib = 0
  let look: NodeJS.Timeout | undefined
  try {
    const ran = await runProcess(invocation, log, (pid) => {
      look = setInterval(() => {
        peakMib = highWaterMib(pid) ?? peakMib
      }, 1)
    })
    return { ...ran, peakMib }
  } finally {
    clearInterval(look)
  }
}

/** Runs it, and throws with what it wrote when it does not exit 0. */
export const runWell = async (invocation: Invocation, log: string): Promise<Ran> =>
  mustBeWell(await runProcess(invocation, log), invocation, log)

export const mustBeWell = <R extends Ran>(
  ran: R,
  { program, args }: Invocation,
  log: string,
): R => {
  if (ran.exitCode === 0) return ran
  const output = readFileSync(log, 'utf8').slice(-2_000)
  throw new Error(`${[program, ...args].join(' ')} exited ${ran.exitCode}:\n${output}`)
}

/** The most memory that a process has had so far. */
export const highWaterMib = (pid: number | undefined): number | undefined => {
  try {
    const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 'none'}/status`, 'utf8'))
    return mark === null ? undefined : Number(mark[1]) / 1_024
  } catch {
    return undefined
  }
}
