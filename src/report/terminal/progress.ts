// What the view knows of the progress of a command, as one value, and what each event makes of it. It knows no terminal.

import type { IndexProgress, RunEvent } from '../../events.ts'
import { describeBlockers } from '../../database/lock/describe-session.ts'
import { rateWords, someRows } from '../log/amounts.ts'
import { narrate } from '../log/narrate.ts'

/** Beside or below a row that is at work. */
export type Note = {
  readonly percent: number | undefined
  readonly lines: readonly string[]
  /** It is old then, unless it was said again. */
  readonly untilMs: number
}

export type Row = {
  /** Of a migration its file. */
  readonly title: string
  readonly state: 'running' | 'done' | 'there' | 'stopped'
  readonly startedMs: number
  readonly durationMs: number | undefined
  readonly note: Note | undefined
}

export type Progress = {
  readonly rows: readonly Row[]
  /** Rows that are done and no longer kept. */
  readonly folded: { readonly count: number; readonly durationMs: number }
  readonly done: number
  readonly total: number
  readonly contracts: readonly { readonly service: string; readonly holds: boolean }[]
  /** What it waits for, or does beside the rows. */
  readonly status: string | undefined
}

export const startOfProgress: Progress = {
  ...{ rows: [], folded: { count: 0, durationMs: 0 }, done: 0, total: 0 },
  ...{ contracts: [], status: undefined },
}

const mostKept = 10

export const afterEvent = (progress: Progress, event: RunEvent, nowMs: number): Progress => {
  switch (event.kind) {
    case 'migration started': {
      const { file, at, of } = event
      const total = progress.done + of - at + 1
      return withRow({ ...progress, total, status: undefined }, started(file, nowMs))
    }
    case 'migration reconciled':
      return counted(withRow(progress, { ...started(event.file, nowMs), state: 'there' }))
    case 'migration applied':
      return counted(finished(progress, event.file, nowMs))
    case 'stopping':
      return stopped(progress, nowMs)
    case 'contracts hold':
      return { ...progress, contracts: event.services.map((service) => ({ service, holds: true })) }
    case 'contracts violated': {
      const { services, violated } = event
      const contracts = services.map((service) => ({ service, holds: !violated.includes(service) }))
      return { ...progress, contracts }
    }
    case 'backfill started':
      // One after the other: what is still at work then has failed.
      return withRow(stopped(progress, nowMs), started(event.name, nowMs))
    case 'backfill done':
      return finished(progress, event.name, nowMs)
    case 'index built':
      return finished(progress, event.index, nowMs)
    case 'backfill incomplete':
      return stopped(progress, nowMs)
    case 'endpoint chosen':
    case 'lock acquired':
    case 'lock released':
    case 'run started':
    case 'timeouts':
    case 'statement by statement':
      return { ...progress, status: undefined }
    default:
      return noted(progress, event, nowMs)
  }
}

/** When the command has failed. */
export const stopped = (progress: Progress, nowMs: number): Progress => ({
  ...progress,
  rows: progress.rows.map((row) =>
    row.state === 'running'
      ? { ...row, state: 'stopped', durationMs: nowMs - row.startedMs, note: undefined }
      : row,
  ),
})

const staleAfterMs = 12_000

const noted = (progress: Progress, event: RunEvent, nowMs: number): Progress => {
  const note = noteOf(event)
  if (note === undefined) {
    const { level, message } = narrate(event)
    return level === 'info' ? { ...progress, status: message.replace(/^[A-Z ]+: /, '') } : progress
  }
  const running = progress.rows.findLast(({ state }) => state === 'running')
  const title = note.title ?? running?.title
  // Indexes that are built by themselves have no start of their own.
  const own = progress.rows.find((row) => row.title === title && row.state === 'running') ?? running
  const row = own ?? started(title ?? '', nowMs)
  const { percent, lines } = note
  return withRow(progress, { ...row, note: { percent, lines, untilMs: nowMs + staleAfterMs } })
}

/** Is it next to the row that it is about? */
export const isNoted = (event: RunEvent): boolean => noteOf(event) !== undefined

type Said = Omit<Note, 'untilMs'> & { readonly title?: string }

const noteOf = (event: RunEvent): Said | undefined => {
  switch (event.kind) {
    case 'migration waits for a lock':
      return { percent: undefined, lines: describeBlockers(event.queue.blockers) }
    case 'migration retried': {
      const { nextTry, ofTries, pauseMs, queue } = event
      const lines = queue === undefined ? [] : describeBlockers(queue.blockers)
      const next = `rolled back: try ${nextTry} of ${ofTries} in ${(pauseMs / 1_000).toFixed(1)} s`
      return { percent: undefined, lines: [...lines, next] }
    }
    case 'index progress': {
      const { index, phase, percent, rate, waitsFor } = event
      const waits = waitsFor.map(
        ({ pid, application, state, seconds }) =>
          `waits for pid ${pid} (${application || 'no application_name'}), ${state} for ${seconds} s`,
      )
      return { title: index, percent, lines: [phase, ...rateLines(rate), ...waits] }
    }
    case 'rows sent':
    case 'statement done':
    case 'statements resumed': {
      const { done, of, kind } = event
      const percent = Math.min(100, Math.floor((done / of) * 100))
      return {
        percent,
        lines: [
          kind === 'rows sent' ? 'of its rows are sent' : `statement ${done} of ${of} is done`,
        ],
      }
    }
    case 'backfill progress': {
      const { name, visited, total, rowsPerSecond, secondsLeft } = event
      // Estimates are behind what is there now.
      const percent =
        total === undefined ? undefined : Math.floor((visited * 100) / Math.max(total, visited, 1))
      const words = [
        ...(rowsPerSecond === undefined
          ? []
          : rateWords({ unit: 'rows', perSecond: rowsPerSecond, secondsLeft })),
        someRows(visited),
      ]
      return { title: name, percent, lines: [words.join('  ')] }
    }
    default:
      return undefined
  }
}

const rateLines = (rate: IndexProgress['rate']): readonly string[] =>
  rate === undefined ? [] : [`${rateWords(rate).join('  ')} in this phase`]

const started = (title: string, nowMs: number): Row => ({
  ...{ title, state: 'running', startedMs: nowMs, durationMs: undefined, note: undefined },
})

const withRow = (progress: Progress, row: Row): Progress => {
  const at = progress.rows.findIndex(
    ({ title, state }) => title === row.title && state === 'running',
  )
  return { ...progress, rows: at === -1 ? [...progress.rows, row] : progress.rows.with(at, row) }
}

const finished = (progress: Progress, title: string, nowMs: number): Progress => ({
  ...progress,
  rows: progress.rows.map((row) =>
    row.title === title && row.state === 'running'
      ? { ...row, state: 'done', durationMs: nowMs - row.startedMs, note: undefined }
      : row,
  ),
})

/** One more is done; those before the last few are only counted. */
const counted = (progress: Progress): Progress => {
  const done = progress.done + 1
  const [first, ...others] = progress.rows
  if (first === undefined || progress.rows.length <= mostKept)
    return { ...progress, done, total: Math.max(done, progress.total) }
  const { count, durationMs } = progress.folded
  const folded = { count: count + 1, durationMs: durationMs + (first.durationMs ?? 0) }
  return { ...progress, done, total: Math.max(done, progress.total), rows: others, folded }
}
