// The words of the log, for the events of what runs statement by statement, and of concurrent index builds.

import type { RunEvent } from '../../events.ts'
import { sizeInWords } from '../../reconcile/table-size.ts'
import { rateWords } from './amounts.ts'
import type { LogLine } from './log.ts'

type Words = Pick<LogLine, 'level' | 'message'>

const info = (message: string): Words => ({ level: 'info', message })
const warn = (message: string): Words => ({ level: 'warn', message })

type OfIndexes = Extract<RunEvent, { kind: `index ${string}` }>

export const indexWords = (event: OfIndexes): Words => {
  switch (event.kind) {
    case 'index progress': {
      const { index, phase, percent, rate, seconds, waitsFor } = event
      const waits = waitsFor.map(
        ({ pid, user, application, state, seconds: age }) =>
          `pid ${pid} (${application || 'no application_name'}, user ${user}, ${state}, transaction of ${age} s)`,
      )
      const howFar = [
        phase,
        ...(percent === undefined ? [] : [`${percent} %`]),
        `for ${seconds} s`,
        ...(rate === undefined ? [] : rateWords(rate)),
      ]
      return info(
        `MIGRATION CHECKPOINT: index ${index}: ${howFar.join(', ')}` +
          (waits.length === 0 ? '' : `; waits for ${waits.join(', ')}`),
      )
    }
    case 'index built':
      return { level: 'debug', message: `index ${event.index} is built` }
    case 'index leftover':
      return info(`dropped index ${event.index}, which a failed build left INVALID`)
    case 'index builder':
      return info(
        event.whose === 'neighbour'
          ? `MIGRATION CHECKPOINT: index ${event.index} waits for pid ${event.pid}, which works on its table`
          : `MIGRATION CHECKPOINT: index ${event.index} is being built by pid ${event.pid}` +
              `${event.whose === 'orphan' ? ', left by a run that was killed' : ''}; waiting for it`,
      )
  }
}

type OfStatements = Extract<
  RunEvent,
  { kind: `statement ${string}` | 'statements resumed' | 'settings of the pooler' | 'rows sent' }
>

export const statementWords = (event: OfStatements): Words => {
  switch (event.kind) {
    case 'statements resumed':
      return info(
        `${event.file} resumes where an earlier run stopped: ${event.done} of ${event.of} statements are done`,
      )
    case 'statement by statement':
      return info(
        `${event.file} runs statement by statement, not in one transaction: ${event.because}`,
      )
    case 'statement done':
      return info(`${event.file}: statement ${event.done} of ${event.of} is done`)
    case 'statement still running':
      return info(
        `MIGRATION CHECKPOINT: statement ${event.number} of ${event.file}, which an earlier run started, still runs (pid ${event.pid}); waiting for it`,
      )
    case 'rows sent': {
      const { file, done, of } = event
      const percent = Math.min(100, Math.floor((done / of) * 100))
      return info(
        `MIGRATION CHECKPOINT: ${file}: ${sizeInWords(done)} of ${sizeInWords(of)} of its rows are sent, ${percent} %`,
      )
    }
    case 'settings of the pooler':
      return warn(
        `${event.file}: behind the pooler its statements without a transaction run with the timeouts of the login (${event.timeouts}). ` +
          'If a statement exceeds one, the run stops, and the next run resumes there. Raise it (ALTER ROLE … SET), or set DATABASE_URL_DIRECT',
      )
  }
}
