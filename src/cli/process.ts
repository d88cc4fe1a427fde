// The process around the command line: signals in, exit code out.

import { main } from './main.ts'
import { whyNotLoaded } from '../errors/part.ts'
import { exitCodes } from '../errors/exit-codes.ts'

const interruption = new AbortController()
// More than a session waits for the answer to a cancel.
const endsWithinMs = 4_800

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    // The second signal means now: the server rolls back by itself what is open.
    if (interruption.signal.aborted) process.exit(exitCodes[signal])
    interruption.abort(signal)
    // Whatever holds us up (a reader of the report that has stopped reading), Kubernetes and compose must not wait for it.
    setTimeout(() => process.exit(exitCodes[signal]), endsWithinMs).unref()
  })

// Who reads the log may go away (… | head); a migration must not fail for it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

// Node.js writes its warnings to stderr as bare text, amid a log that is JSON. A command that has a log takes them.
process.removeAllListeners('warning')

// No text of the error: what nobody expected could hold anything, and this does not pass the redaction.
const onBug = (error: unknown): void => {
  const why = whyNotLoaded(error)
  // A command is loaded when it is asked for.
  if (why === 'ERR_MODULE_NOT_FOUND' || why === 'SyntaxError') {
    sayLast(
      `schemagate cannot load a part of itself (${why}): this installation is damaged or incomplete; install it again`,
      'part-not-loaded',
      exitCodes.usage,
    )
  }
  const name = error instanceof Error ? error.name : typeof error
  sayLast(`schemagate itself failed (${name}); a re-run is safe`, 'bug', exitCodes.bug)
}

const sayLast = (message: string, code: string, exitCode: number): never => {
  const time = new Date().toISOString()
  const line = { code, exit_code: exitCode, time, level: 'error', message }
  process.stderr.write(`${isJsonAsked(process.argv) ? JSON.stringify(line) : message}\n`)
  process.exit(exitCode)
}

// Whatever has failed, may be what reads the command line.
const isJsonAsked = (words: readonly string[]): boolean => {
  const flag = words.findLastIndex((word) => word.startsWith('--log-format'))
  const asked = flag === -1 ? process.env['LOG_FORMAT'] : words.slice(flag, flag + 2).join('=')
  return asked !== undefined && /^(--log-format=)?json\b/.test(asked)
}

process.on('uncaughtException', onBug)
process.on('unhandledRejection', (reason) => {
  // postgres.js drops the promise of a cancel request; the reply of the statement tells what became of it.
  if (!interruption.signal.aborted) onBug(reason)
})

// Should there ever be nothing left to wait for, and no answer: that is not success.
process.exitCode = exitCodes.bug

// Not by letting the event loop run dry: a socket that lingers must not hold up a deployment. And not by waiting here, at the
// top: the parts of the bundle import this one, and it would wait for itself.
main(process.argv.slice(2), interruption.signal).then((exitCode) => process.exit(exitCode), onBug)
