// The words of the log, for the objects that are defined once, and for tables that are not as files make them.

import { describeDrift } from '../../errors/run/drift-problems.ts'
import type { RunEvent } from '../../events.ts'
import type { DriftEvent } from '../../events/drift.ts'
import type { ObjectEvent } from '../../events/objects.ts'
import { oneLine } from '../visible.ts'
import type { LogLine } from './log.ts'

type Words = Pick<LogLine, 'level' | 'message'>

export type OfObject = ObjectEvent | DriftEvent

export const isOfObject = (event: RunEvent): event is OfObject =>
  event.kind === 'object changed' ||
  event.kind === 'object orphaned' ||
  event.kind === 'table drifted'

export const objectWords = (event: OfObject): Words => {
  if (event.kind === 'table drifted')
    return { level: 'warn', message: `drift: ${oneLine(describeDrift(event))}` }
  const { object, file } = event
  if (event.kind === 'object orphaned')
    return {
      level: 'warn',
      message: `${object} was made from ${file}, which does not define it any more; it stays until a file in its place says '-- @drop'`,
    }
  const { change, byHand, unrecorded, obstacle } = event
  const done = change === 'kept' ? `${object} stays as it is` : `${object} ${change}`
  if (obstacle !== undefined)
    return {
      level: 'warn',
      message: `${done} (${file}), without columns that '*' in its text stands for now: ${obstacle}`,
    }
  if (unrecorded !== undefined)
    return {
      level: 'info',
      message: `${done} (${file}): nothing was recorded of it; ${linesOf('found', unrecorded)} is no longer there`,
    }
  if (byHand === undefined) return { level: 'info', message: `${done} (${file})` }
  const was =
    byHand.what === 'dropped'
      ? 'somebody had dropped it'
      : `somebody had changed it: ${linesOf('recorded', byHand.recorded)}, ${linesOf('found', byHand.found)}`
  return { level: 'warn', message: `${done} (${file}): ${was}` }
}

const mostLines = 3

const linesOf = (word: string, lines: readonly string[]): string => {
  const more = lines.length - mostLines
  const shown = lines.slice(0, mostLines).map((line) => oneLine(line.trim()))
  return `${word} "${shown.length === 0 ? '' : shown.join(' / ')}"${more > 0 ? ` and ${more} more lines` : ''}`
}
