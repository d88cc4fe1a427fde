// The only module that knows winston. Logs go to stderr, one line each: text for people, JSON for machines.

import winston, { type Logform } from 'winston'
import type { LogFormat, LogLevel } from '../../config/config.ts'
import type { Announce } from '../../events.ts'
import { redactStrings, type Redact } from '../redact.ts'
import { continued, visible } from '../visible.ts'

export type LogLine = {
  readonly level: LogLevel
  readonly message: string
  readonly fields?: Readonly<Record<string, unknown>>
}

export type Log = (line: LogLine) => void

/** Who tells what goes on: this log, or the view that a person has on a terminal. */
export type Teller = {
  readonly kind: 'log' | 'view'
  readonly log: Log
  readonly announce: Announce
  /** Before the report is written. */
  readonly end: () => void
}

export type LogOptions = {
  readonly format: LogFormat
  readonly level: LogLevel
  readonly colour: 'colour' | 'plain'
  readonly runId: string
  readonly redact: Redact
}

export const makeLog = ({ format, level, colour, runId, redact }: LogOptions): Log => {
  const rendered = winston.format.printf((info) => {
    const { level: shownLevel, message, fields } = info
    const time = new Date().toISOString()
    if (format === 'json') {
      // The line's own words come last: no field of an event may take their place.
      const line = { ...(fields as object), time, level: shownLevel, message, run_id: runId }
      return visible(JSON.stringify(redactStrings(line, redact)), 'json')
    }
    const words = visible(continued(redact(String(message))), 'text')
    return `${time.slice(11, 19)} ${padded(shownLevel)} ${words}`
  })
  const logger = winston.createLogger({
    level,
    format:
      colour === 'colour' && format === 'text'
        ? winston.format.combine(coloured(), rendered)
        : rendered,
    transports: [
      new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] }),
    ],
  })
  return (line) => {
    logger.log({ level: line.level, message: line.message, fields: line.fields ?? {} })
  }
}

const coloured = (): Logform.Format =>
  winston.format.colorize({ level: true, colors: winston.config.npm.colors })

// Colour codes do not count for the width of the column.
const padded = (level: string): string => {
  const width = level.replace(/\u001b\[\d+m/g, '').length
  return level + ' '.repeat(Math.max(0, 5 - width))
}
