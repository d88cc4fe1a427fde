// The lines of the view, none of them wider than the terminal. Whatever is not ours is cleaned before it gets its colour.

import { basename } from 'node:path'
import { someMigrations } from '../../errors/define.ts'
import { grouped, spell } from '../log/amounts.ts'
import type { Progress, Note, Row } from './progress.ts'
import {
  bold,
  cut,
  cyan,
  dim,
  green,
  padEnd,
  padStart,
  red,
  widthOf,
  wrap,
  yellow,
} from './type-setting.ts'

export type Viewport = {
  readonly width: number
  readonly height: number
  readonly nowMs: number
  readonly startedMs: number
  /** Makes one line of words that are not ours. */
  readonly clean: (text: string) => string
}

type Header = {
  readonly version: string
  readonly host: string
  readonly database: string
  readonly serverVersion: string
  readonly connectionKind: string
}

export const headerLines = (header: Header, { width, clean }: Viewport): readonly string[] => {
  const { version, database, host, serverVersion, connectionKind } = header
  const where = clean(`${database} @ ${host}`)
  const words = [`schemagate ${version}`, where, `PostgreSQL ${clean(serverVersion)}`]
  const text = `  ${[...words, connectionKind.toLowerCase()].join('   ')}`
  return wrap(text, width, '    ').map((line) => line.replace('schemagate', bold('schemagate')))
}

/** What is redrawn again and again: the rows, and the line that moves. */
export const movingLines = (progress: Progress, viewport: Viewport): readonly string[] => [
  ...rowLines(progress, viewport),
  ...progressLine(progress, viewport),
]

/** What stays when the command is over. */
export const closingLines = (progress: Progress, viewport: Viewport): readonly string[] => {
  const { done, total, rows } = progress
  if (total === 0 && progress.contracts.length === 0) return rowLines(progress, viewport)
  const counts = total === 0 ? [] : [`${grouped(done)} of ${grouped(total)}`]
  const failed = rows.some(({ state }) => state === 'stopped') ? ['✗ stopped'] : []
  const words = [
    ...counts,
    ...failed,
    ...contractWords(progress, viewport),
    elapsed(viewport),
  ].join('   ')
  return [
    ...rowLines(progress, viewport),
    ...wrap(`  ${words}`, viewport.width, '    ').map(marked),
  ]
}

const contractWords = ({ contracts }: Progress, { clean }: Viewport): readonly string[] =>
  contracts.length === 0
    ? []
    : [
        `contracts: ${contracts.map(({ service, holds }) => `${clean(service)} ${holds ? '✓' : '✗'}`).join(' ')}`,
      ]

const marked = (line: string): string => line.replaceAll('✓', green('✓')).replaceAll('✗', red('✗'))

// Beside the rows: the header, the line that moves, and where the cursor is.
const besideRows = 5

const rowLines = ({ rows, folded }: Progress, viewport: Viewport): readonly string[] => {
  const fitting = Math.max(1, viewport.height - besideRows)
  const shown = rows.slice(-fitting)
  const hidden = rows.slice(0, rows.length - shown.length)
  const count = folded.count + hidden.length
  const titleWidth = Math.min(
    Math.max(12, ...shown.map(({ title }) => widthOf(nameOf(title, viewport)))),
    viewport.width - 16,
  )
  const durationMs = hidden.reduce((sum, row) => sum + (row.durationMs ?? 0), folded.durationMs)
  const before = someMigrations(count)
  return [
    ...(count === 0
      ? []
      : [
          `  ${green('✓')} ${dim(padEnd(before, titleWidth))}  ${dim(padStart(inBrief(durationMs), 8))}`,
        ]),
    ...shown.flatMap((row) => linesOf(row, titleWidth, viewport)),
  ]
}

const marks: Readonly<Record<Row['state'], string>> = {
  running: cyan('▸'),
  done: green('✓'),
  there: green('✓'),
  stopped: red('✗'),
}

const linesOf = (row: Row, titleWidth: number, viewport: Viewport): readonly string[] => {
  const { title, state, startedMs, durationMs, note } = row
  const name = padEnd(cut(nameOf(title, viewport), titleWidth), titleWidth)
  const beside = state === 'there' ? 'there' : inBrief(durationMs ?? viewport.nowMs - startedMs)
  const line = `  ${marks[state]} ${name}  ${dim(padStart(beside, 8))}`
  const words = note === undefined || note.untilMs < viewport.nowMs ? [] : noteWords(note, viewport)
  const [only] = words
  if (
    only !== undefined &&
    words.length === 1 &&
    widthOf(line) + 2 + widthOf(only) <= viewport.width
  )
    return [`${line}  ${yellow(only)}`]
  const below = words.flatMap((each) =>
    wrap(`      ${each}`, viewport.width, `        ${indentOf(each)}`),
  )
  return [line, ...below.slice(0, mostNoted).map(yellow)]
}

const mostNoted = 5

const noteWords = ({ percent, lines }: Note, viewport: Viewport): readonly string[] => {
  const clean = lines.map((line) => indentOf(line) + viewport.clean(line.trim()))
  if (percent === undefined) return clean
  const [first = '', ...others] = clean
  return [`${bar(percent)} ${String(percent).padStart(3)} %  ${first}`, ...others]
}

const indentOf = (text: string): string => /^ */.exec(text)?.[0] ?? ''

const barWidth = 16

const bar = (percent: number): string => {
  const full = Math.round((Math.min(100, Math.max(0, percent)) / 100) * barWidth)
  return '█'.repeat(full) + '░'.repeat(barWidth - full)
}

const progressLine = ({ done, total, status }: Progress, viewport: Viewport): readonly string[] => {
  const counts =
    total === 0 ? [] : [`${bar((done * 100) / total)} ${grouped(done)} of ${grouped(total)}`]
  const words = status === undefined ? [] : [viewport.clean(status)]
  return [cut(`  ${[...counts, elapsed(viewport), ...words].join('   ')}`, viewport.width)]
}

const nameOf = (title: string, { clean }: Viewport): string =>
  clean(basename(title).replace(/\.sql$/, ''))

const elapsed = ({ nowMs, startedMs }: Viewport): string => inBrief(nowMs - startedMs)

/** '8 ms', '1.2 s', '3 min 20 s' */
const inBrief = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : spell(ms / 1_000)
}

/** Above the rows. */
export const warningLines = (message: string, { width, clean }: Viewport): readonly string[] =>
  wrap(`  ! ${clean(message)}`, width, '    ').map((line) => yellow(line))

export const leftOutLines = (count: number): readonly string[] =>
  count <= 0
    ? []
    : [
        yellow(
          `  ! and ${grouped(count)} more warning${count === 1 ? '' : 's'} (LOG_LEVEL=warn shows all)`,
        ),
      ]

export const messageLines = (message: string, { width, clean }: Viewport): readonly string[] =>
  wrap(clean(message), width, '  ')
