// The processes in which tests run their command lines, one after another: test/support/gate-host.ts.

import { afterAll } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { HostReply, HostRequest } from './gate-host.ts'

type Output = { stdout: string; stderr: string }

type Host = { readonly process: ChildProcess; readonly output: Output }

const file = join(import.meta.dirname, '../../build/gate-host.js')

const idle: Host[] = []
const started = new Set<Host>()
let runs = 0

afterAll(() => {
  for (const host of started) end(host)
  idle.length = 0
})

const end = (host: Host): void => {
  host.process.kill('SIGKILL')
  started.delete(host)
}

const start = (): Host => {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const host: Host = { process: child, output: { stdout: '', stderr: '' } }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (host.output[name] += text))
  started.add(host)
  return host
}

export type HostedRun = {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs it in a host that is idle, else in another one. Rejects, with what it said, when the host ends meanwhile. */
export const runInHost = async (request: Omit<HostRequest, 'mark'>): Promise<HostedRun> => {
  const host = idle.pop() ?? start()
  const mark = `\u0000end of ${++runs}\u0000`
  const { exitCode, host: state } = await ask(host, { ...request, mark })
  const [stdout = '', stderr = ''] = [host.output.stdout, host.output.stderr].map((text) =>
    text.slice(0, -mark.length),
  )
  host.output.stdout = ''
  host.output.stderr = ''
  if (state === 'ready') idle.push(host)
  else end(host)
  return { exitCode, stdout, stderr }
}

const ask = ({ process: child, output }: Host, request: HostRequest): Promise<HostReply> =>
  new Promise((resolve, reject) => {
    let reply: HostReply | undefined
    const settle = (): void => {
      const { stdout, stderr } = output
      if (reply === undefined || !stdout.endsWith(request.mark) || !stderr.endsWith(request.mark))
        return
      stop()
      resolve(reply)
    }
    const onMessage = (message: unknown): void => {
      reply = message as HostReply
      settle()
    }
    const onEnd = (exitCode: number | null): void => {
      stop()
      const { stdout, stderr } = output
      reject(new Error(`the host ended with ${String(exitCode)}:\n${stderr}${stdout}`))
    }
    const stop = (): void => {
      child.off('message', onMessage).off('close', onEnd)
      child.stdout?.off('data', settle)
      child.stderr?.off('data', settle)
    }
    child.on('message', onMessage).on('close', onEnd)
    child.stdout?.on('data', settle)
    child.stderr?.on('data', settle)
    child.send(request)
  })
