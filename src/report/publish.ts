// The ways a result leaves the process: the report to stdout, the JSON report to REPORT_FILE, the cause in brief to
// the termination log. All of it passes the redaction.

import { existsSync, writeFileSync } from 'node:fs'
import type { Output } from '../config/config.ts'
import { nodeErrorCode } from '../errors/node-error.ts'
import type { Log } from './log.ts'
import { redactStrings, type Redact } from './redact.ts'
import { visible, type PrintedAs } from './visible.ts'

export type ReportFormat = 'text' | 'json'

/** Both forms of a report; only the one that is asked for is made. */
export type Report = {
  readonly text: () => string | Promise<string>
  /** What the text is read as; by people when not given. */
  readonly textAs?: PrintedAs
  readonly json: () => unknown
}

const jsonText = (value: unknown, redact: Redact): string =>
  visible(`${JSON.stringify(redactStrings(value, redact), undefined, 2)}\n`, 'json')

/** The report to stdout, in the form that was asked for. */
export const printReport = async (
  { text, textAs = 'text', json }: Report,
  format: ReportFormat,
  redact: Redact,
): Promise<void> => {
  await write(format === 'json' ? jsonText(json(), redact) : visible(redact(await text()), textAs))
}

// Waits until it is taken, so that an exit cuts nothing off.
const write = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(text, () => {
      resolve()
    })
  })

/** The JSON report to REPORT_FILE, where there is one. */
export const writeReportFile = (
  json: unknown,
  { reportFile }: Output,
  { log, redact }: { readonly log: Log; readonly redact: Redact },
): void => {
  writeTo('REPORT_FILE', reportFile, jsonText(json, redact), log)
}

/** Why a command that gates others ended badly, for the termination log. */
export const publishCause = (
  text: string,
  { terminationLog }: Output,
  { log, redact }: { readonly log: Log; readonly redact: Redact },
): void => {
  writeTo('TERMINATION_LOG', terminationLog, terminationMessage(visible(redact(text), 'text')), log)
}

// Kubernetes keeps 4,096 bytes of it. The end is what is cut off, but for the last line: it has the exit code.
const mostBytes = 4_096

export const terminationMessage = (text: string): string => {
  if (Buffer.byteLength(text) <= mostBytes) return text
  const lastLine = `\n…\n${text.slice(text.lastIndexOf('\n') + 1)}`
  const tail = Buffer.from(lastLine).subarray(-mostBytes / 2)
  const head = Buffer.from(text).subarray(0, mostBytes - tail.length)
  return wholeCharacters(head) + wholeCharacters(tail)
}

const wholeCharacters = (bytes: Buffer): string =>
  new TextDecoder('utf-8').decode(bytes).replaceAll('\uFFFD', '')

// The run is over and its result stands; a report that cannot be written is told, and changes nothing.
const writeTo = (name: string, path: string | undefined, text: string, log: Log): void => {
  if (path === undefined) return
  try {
    writeFileSync(path, text)
  } catch (error) {
    const reason = nodeErrorCode(error)
    log({ level: 'warn', message: `${name} could not be written (${reason})` })
  }
}

/** Empties the report of an earlier run. */
export const removeReport = ({ reportFile }: Output): void => {
  if (reportFile === undefined || !existsSync(reportFile)) return
  try {
    writeFileSync(reportFile, '')
  } catch {
    // Told when the report of this run cannot be written.
  }
}
