// The words of the log, for the events of a backfill.

import type { BackfillEvent } from '../../events/backfill.ts'
import { describeSession } from '../../database/lock/describe-session.ts'
import type { LogLine } from './log.ts'
import { grouped, rateWords, someRows } from './amounts.ts'

export const backfillWords = (event: BackfillEvent): Pick<LogLine, 'level' | 'message'> => {
  switch (event.kind) {
    case 'backfill started': {
      const { name, table, visited, total, pass, workers } = event
      const from = visited === 0 ? 'starts' : `resumes after ${someRows(visited)}`
      const of = total === undefined ? '' : `, about ${someRows(total)}`
      const again = pass > 1 ? ` (pass ${pass}: @done was not true yet)` : ''
      const by = workers > 1 ? `, ${workers} workers` : ''
      return { level: 'info', message: `BACKFILL ${name} ${from}: ${table}${of}${by}${again}` }
    }
    case 'backfill workers lacking': {
      const { name, workers, declared, reason } = event
      const message = `BACKFILL ${name} has ${workers} of ${declared} workers, because it lacks connections: ${reason}`
      return { level: 'warn', message }
    }
    case 'backfill progress':
      return { level: 'info', message: `BACKFILL ${event.name}: ${progressWords(event)}` }
    case 'backfill held back': {
      const why =
        event.by === 'locks'
          ? 'another session has locked rows or the table'
          : 'the standby is behind by more than @max-replication-lag'
      return { level: 'info', message: `BACKFILL ${event.name} waits: ${why}` }
    }
    case 'backfill waits for a batch': {
      const { name, blockers, sinceMs } = event
      const seconds = (sinceMs / 1_000).toFixed(1)
      return {
        level: 'info',
        message: `BACKFILL ${name} has waited ${seconds} s for a batch that the server still runs: ${blockers.map(describeSession).join('; ')}`,
      }
    }
    case 'backfill done':
      return {
        level: 'info',
        message: `BACKFILL ${event.name} done: ${someRows(event.visited)} visited, ${someRows(event.changed)} changed`,
      }
    case 'backfill incomplete':
      return {
        level: 'warn',
        message: `BACKFILL ${event.name} incomplete: its time budget ended after ${someRows(event.visited)}; the next run resumes there`,
      }
  }
}

const progressWords = ({
  visited,
  changed,
  total,
  rowsPerSecond,
  secondsLeft,
  batchSize,
}: Extract<BackfillEvent, { kind: 'backfill progress' }>): string =>
  [
    total === undefined || total < visited
      ? `${someRows(visited)} visited`
      : `${grouped(visited)} of about ${someRows(total)} (${Math.floor((visited * 100) / Math.max(1, total))} %)`,
    `${grouped(changed)} changed`,
    ...(rowsPerSecond === undefined
      ? []
      : rateWords({ unit: 'rows', perSecond: rowsPerSecond, secondsLeft })),
    `batches of ${grouped(batchSize)}`,
  ].join(', ')
