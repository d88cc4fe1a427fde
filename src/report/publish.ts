// The ways a result leaves the process: the report to stdout, the JSON report to REPORT_FILE, the cause in brief to
// the termination log. All of it passes the redaction.

import { existsSync, writeFileSync } from 'node:fs'
import type { Output } from '../config/config.ts'
import type { Environment } from '../config/variables/read-variables.ts'
import { nodeErrorCode } from '../errors/node-error.ts'
import type { Log } from './log/log.ts'
import { loadPart } from '../errors/part.ts'
import { redactStrings, type Redact } from './redact.ts'
import { isColourful } from './teller.ts'
import { visible, type PrintedAs } from './visible.ts'

/** `json line`: on one line, beside a log of such lines. */
export type ReportFormat = 'text' | 'json' | 'json line'

/** Both forms of a report; only the one that is asked for is made. */
export type Report = {
  readonly text: () => string | Promise<string>
  /**
   * What the text is read as; by people when not given. SQL that a server is to read again goes out as it is, as from pg_dump: a
   * character or a word that was replaced would be another definition.
   */
  readonly textAs?: PrintedAs | 'SQL'
  /** Where the reader has seen the course of things on the same terminal: what else there is to say. */
  readonly textBelowView?: Report['text']
  readonly json: () => unknown
}

const jsonText = (value: unknown, redact: Redact, indent: number | undefined): string =>
  visible(`${JSON.stringify(redactStrings(value, redact), undefined, indent)}\n`, 'json')

export type Paper = {
  readonly format: ReportFormat
  readonly redact: Redact
  readonly environment: Environment
  readonly seen: 'log' | 'view'
}

/** The report to stdout, in the form that was asked for. */
export const printReport = async (report: Report, paper: Paper): Promise<void> => {
  const { format, redact } = paper
  if (format === 'text') await write(await textFor(report, paper))
  else await write(jsonText(report.json(), redact, format === 'json' ? 2 : undefined))
}

const textFor = async (
  { text, textAs = 'text', textBelowView = text }: Report,
  { redact, environment, seen }: Paper,
): Promise<string> => {
  const { isTTY, columns } = process.stdout
  const said = await (isTTY && seen === 'view' ? textBelowView() : text())
  // A file has to make the same objects again, by the same names; nobody runs what a terminal shows.
  if (textAs === 'SQL') return isTTY ? visible(said, 'text') : said
  const shown = visible(redact(said), textAs)
  if (!isTTY || textAs !== 'text' || !isColourful(environment)) return shown
  const { paint } = await loadPart('terminal view', import('./terminal/paint.ts'))
  return paint(shown, columns)
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
  writeTo('REPORT_FILE', reportFile, jsonText(json, redact, 2), log)
}

/** Why a command that gates others ended badly, for the termination log. */
export const publishCause = (
  text: string,
  { terminationLog }: Output,
  { log, redact }: { readonly log: Log; readonly redact: Redact },
): void => {
  writeTo('TERMINATION_LOG', terminationLog, terminationMessage(visible(redact(text), 'text')), log)
}

// Kubernetes keeps 4,096 bytes of it. The end is what is cut off, but not the last line: it has the exit code.
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

// The run is over and its result is final; a report that cannot be written is only reported.
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
