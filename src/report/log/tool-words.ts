// The words of the log, for another tool's folder and its ledger.

import type { RunEvent } from '../../events.ts'
import type { TakeOverEvent } from '../../events/take-over.ts'
import type { LogLine } from './log.ts'
import { shownNames } from '../visible.ts'

type Words = Pick<LogLine, 'level' | 'message'>

export type OfTool = Extract<RunEvent, { kind: 'dialect recognised' } | TakeOverEvent>

export const isOfTool = (event: RunEvent): event is OfTool =>
  event.kind === 'dialect recognised' || event.kind.startsWith('tool ')

export const toolWords = (event: OfTool): Words => {
  switch (event.kind) {
    case 'dialect recognised':
      return {
        level: 'info',
        message:
          `MIGRATION CHECKPOINT: the folder is read as one of ${event.tool}: ${event.because}` +
          (event.downParts === 0 ? '' : `; its ${event.downParts} down parts never run`),
      }
    case 'tool ledger read': {
      const { tool, table, applied, of, unfinished, unknown } = event
      return {
        level: 'info',
        message:
          `MIGRATION CHECKPOINT: ${table} of ${tool} claims ${applied} of the ${of} files` +
          unfinished.map(({ file, because }) => `; ${file} was begun (${because})`).join('') +
          (unknown.length === 0 ? '' : `; it has more than the files: ${shownNames(unknown)}`),
      }
    }
    case 'tool files removed':
      return {
        level: 'info',
        message: `the ledger has repeatable files that are not in the folder (${event.versions.join(', ')}): what they made stays`,
      }
    case 'tool ledger left alone':
      return {
        level: 'warn',
        message: `${event.table} looks like the ledger of ${event.tool} and is left alone: ${event.because}`,
      }
    case 'tool ledger written':
      return {
        level: 'info',
        message: `what is applied is also written to ${event.table}, as ${event.tool} would (LEDGER_MIRROR=0 turns that off)`,
      }
    case 'tool ledger not written':
      return {
        level: 'info',
        message: `${event.table} of ${event.tool} is not written to: ${event.because}`,
      }
    case 'tool at work':
      return {
        level: 'info',
        message: `MIGRATION CHECKPOINT: ${event.tool} is at work (its lock, or ${event.table}), waiting for ${event.waitedSeconds} s`,
      }
  }
}
