// The words of the log, for each event of a run. Operators grep for some of them (DESIGN.md section 10): a word that
// is there stays there.

import { someMigrations } from '../errors/define.ts'
import type { RunEvent } from '../events.ts'
import { describeHolder } from '../lock/holder.ts'
import { holding } from './contracts-of.ts'
import type { LogLine } from './log.ts'
import { snakeCase } from './snake-case.ts'

const checkpoint = 'MIGRATION CHECKPOINT:'

export const narrate = (event: RunEvent): LogLine => {
  const { kind, ...fields } = event
  return { ...words(event), fields: { event: kind.replaceAll(' ', '_'), ...snakeCase(fields) } }
}

type Words = Pick<LogLine, 'level' | 'message'>

const info = (message: string): Words => ({ level: 'info', message })
const warn = (message: string): Words => ({ level: 'warn', message })

const words = (event: RunEvent): Words => {
  switch (event.kind) {
    case 'gate closed':
      return info(`MIGRATIONS_DISABLED: ${event.because}; nothing was done`)
    case 'run started':
      return info(
        `${checkpoint} schemagate ${event.version} starts, ${someMigrations(event.migrations)} among the files (${event.because})`,
      )
    case 'waiting for database':
      return info(`waiting for ${event.endpoint} since ${event.waitedSeconds} s: ${event.reason}`)
    case 'direct unavailable':
      return warn(`${event.endpoint} is not available: ${event.reason}`)
    case 'endpoint chosen':
      return info(
        `Using ${event.way}${event.directUnavailable ? ' (DIRECT unavailable - locked)' : ''}: ` +
          `${event.endpoint}, PostgreSQL ${event.serverVersion}`,
      )
    case 'newer rows':
      return info(
        `the ledger has ${someMigrations(event.versions.length)} more than the files (${event.versions.join(', ')}): ` +
          'a newer version was here; that is allowed',
      )
    case 'parser gave up':
      return warn(`${event.file}: the parser cannot read it (${event.reason}); the server decides`)
    case 'no statement':
      return warn(`${event.file} holds no statement; it is recorded all the same`)
    case 'statements resumed':
    case 'statement by statement':
    case 'statement done':
    case 'statement still running':
    case 'settings of the pooler':
      return statementWords(event)
    case 'index progress':
    case 'index leftover':
    case 'index builder':
      return indexWords(event)
    default:
      return lockAndApplyWords(event)
  }
}

type Later = Extract<
  RunEvent,
  {
    kind:
      | `lock ${string}`
      | `migration ${string}`
      | 'leader finished'
      | 'contracts hold'
      | 'waiting for schema'
      | 'connection lost while waiting'
      | 'timeouts'
      | 'server notice'
      | 'stopping'
  }
>

const lockAndApplyWords = (event: Later): Words => {
  switch (event.kind) {
    case 'lock busy':
      return info(
        `${checkpoint} another process holds the migration lock, waiting since ${event.waitedSeconds} s; ` +
          `holder: ${describeHolder(event.holder)}`,
      )
    case 'lock acquired':
      return info(`Acquired migration lock after ${event.waitedMs} ms (pid ${event.pid})`)
    case 'lock released':
      return info('Released migration lock')
    case 'lock not obtained': {
      const told = `${checkpoint} Could not acquire lock in time (${event.waitedSeconds} s) with migrations pending`
      return warn(event.then === 'skip' ? `${told} -> skipping migrations` : told)
    }
    case 'leader finished':
      return info(
        `${checkpoint} another process applied everything while this one waited (${event.waitedMs} ms)`,
      )
    case 'timeouts':
      return info(
        `Set statement_timeout to ${event.statementTimeout}, lock_timeout to ${event.lockTimeout} for the ${someMigrations(event.pending)} pending`,
      )
    case 'migration started':
      return info(
        `${checkpoint} ${event.at}/${event.of} ${event.file}` +
          (event.outOfOrder ? ' (out of order: merged late)' : ''),
      )
    case 'migration applied':
      return info(`applied ${event.file} in ${event.durationMs} ms`)
    case 'migration undecided':
      return warn(
        `nothing tells whether ${event.file} has run on this database before: it runs now` +
          ` (if it had run, this would ${[...new Set(event.harm)].join(', ')})`,
      )
    case 'migration reconciled':
      return info(
        `reconciled ${event.file}: ${event.by}` +
          (event.takenAsDone.length === 0
            ? ''
            : ` (taken as done with it: ${[...new Set(event.takenAsDone)].join(', ')})`),
      )
    case 'contracts hold':
      return info(`${checkpoint} ${holding(event.services)}`)
    case 'waiting for schema':
      return info(waitingWords(event))
    case 'connection lost while waiting':
      return warn(`the connection was lost while waiting (${event.reason}); connecting again`)
    case 'server notice':
      return {
        level: event.severity === 'WARNING' ? 'warn' : 'debug',
        message: `server ${event.severity}: ${event.notice}`,
      }
    case 'stopping':
      return {
        level: 'error',
        message: `STOPPING at ${event.file}; not attempted: ${someMigrations(event.notAttempted)}`,
      }
  }
}

type OfIndexes = Extract<RunEvent, { kind: `index ${string}` }>

const indexWords = (event: OfIndexes): Words => {
  switch (event.kind) {
    case 'index progress': {
      const { index, phase, percent, seconds, waitsFor } = event
      const waits = waitsFor.map(
        ({ pid, user, application, state, seconds: age }) =>
          `pid ${pid} (${application || 'no application_name'}, user ${user}, ${state}, transaction of ${age} s)`,
      )
      return info(
        `${checkpoint} index ${index}: ${phase}${percent === undefined ? '' : `, ${percent} %`}, since ${seconds} s` +
          (waits.length === 0 ? '' : `; waits for ${waits.join(', ')}`),
      )
    }
    case 'index leftover':
      return info(`dropped index ${event.index}, which a failed build left INVALID`)
    case 'index builder':
      return info(
        `${checkpoint} index ${event.index} is being built by pid ${event.pid}` +
          `${event.whose === 'orphan' ? ', left by a run that was killed' : ''}; waiting for it`,
      )
  }
}

type OfStatements = Extract<
  RunEvent,
  { kind: `statement ${string}` | 'statements resumed' | 'settings of the pooler' }
>

const statementWords = (event: OfStatements): Words => {
  switch (event.kind) {
    case 'statements resumed':
      return info(
        `${event.file} goes on where an earlier run of it stopped: ${event.done} of ${event.of} statements are done`,
      )
    case 'statement by statement':
      return info(
        `${event.file} runs statement by statement, not in one transaction: ${event.because}`,
      )
    case 'statement done':
      return info(`${event.file}: statement ${event.done} of ${event.of} is done`)
    case 'statement still running':
      return info(
        `${checkpoint} statement ${event.number} of ${event.file}, which an earlier run started, still runs (pid ${event.pid}); waiting for it`,
      )
    case 'settings of the pooler':
      return warn(
        `${event.file}: behind the pooler its statements without a transaction run with the timeouts of the login (${event.timeouts}). ` +
          'One that strikes stops the run, and the next run goes on from there. Raise it (ALTER ROLE … SET), or set DATABASE_URL_DIRECT',
      )
  }
}

const waitingWords = ({
  pending,
  first,
  violations,
  waitedSeconds,
}: Extract<RunEvent, { kind: 'waiting for schema' }>): string => {
  const what = [
    ...(pending === 0 ? [] : [`${someMigrations(pending)} (first: ${first ?? ''}) to be recorded`]),
    ...(violations === 0
      ? []
      : [`${violations} contract violation${violations === 1 ? '' : 's'} to go`]),
  ]
  return `waiting since ${waitedSeconds} s for ${what.join(', and ')}`
}
