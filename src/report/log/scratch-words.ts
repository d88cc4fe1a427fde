// The words of the log, for databases that a command makes for itself.

import { quoteName } from '../../errors/define.ts'
import type { RunEvent } from '../../events.ts'
import type { ScratchEvent } from '../../events/scratch.ts'
import type { LogLine } from './log.ts'

export type { ScratchEvent }

export const isOfScratch = (event: RunEvent): event is ScratchEvent =>
  event.kind.startsWith('scratch database ')

export const scratchWords = (event: ScratchEvent): Pick<LogLine, 'level' | 'message'> => {
  const { database } = event
  switch (event.kind) {
    case 'scratch database made':
      return {
        level: 'info',
        message: `building the history in the scratch database ${database} (${event.endpoint}): ${event.files} file${event.files === 1 ? '' : 's'}`,
      }
    case 'scratch database dropped':
      return { level: 'debug', message: `the scratch database ${database} is dropped` }
    case 'scratch database left':
      return {
        level: 'warn',
        message: `the scratch database ${database} (${event.endpoint}) could not be dropped (${event.reason}); to do it by hand: DROP DATABASE ${quoteName(database)} WITH (FORCE);`,
      }
  }
}
