// A process that runs one command line after another, as `node dist/schemagate.js` runs one: most of what a test of hundreds of
// command lines costs is the start of Node.js. Built by scripts/build.js; test/support/hosts.ts starts it and says what to run.
//
// Not here: what src/cli/process.ts adds, which are signals and the words for a bug of ours. A test of those starts a process.

import { chdir } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { compileAtBaseline } from '../../src/cli/baseline-compiler.ts'
import { main } from '../../src/cli/main.ts'

export type HostRequest = {
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Written to both streams behind what the command has written. */
  readonly mark: string
}

export type HostReply = {
  readonly exitCode: number
  /** 'spent' when the command has left something open, which only the end of a process closes. */
  readonly host: 'ready' | 'spent'
}

compileAtBaseline()
const own = [...process.argv.slice(0, 2)]

const run = async ({ args, folder, environment, mark }: HostRequest): Promise<void> => {
  chdir(folder)
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, environment)
  process.argv = [...own, ...args]
  process.removeAllListeners('warning')
  const exitCode = await main(args, new AbortController().signal)
  process.stdout.write(mark)
  process.stderr.write(mark)
  const reply: HostReply = { exitCode, host: (await isClosed()) ? 'ready' : 'spent' }
  process.send?.(reply)
}

/** The goodbye of a session is answered a moment after the command has ended; a session that was cut off is not. */
const isClosed = async (): Promise<boolean> => {
  for (let looks = 0; looks < 50 && leftOpen(); looks++) await setTimeout(2)
  return !leftOpen()
}

const leftOpen = (): boolean =>
  process
    .getActiveResourcesInfo()
    .some((each) => /^(?:TCP|TLS|Process|FSReq|GetAddrInfo)/.test(each))

process.on('message', (request: HostRequest) => void run(request))
