// The words of the log, for each event of a run. Operators grep for some of them (docs/design/exit-codes.md): a word that
// is there stays there.

import { gitMove, someMigrations } from '../../errors/define.ts'
import { describeBlockers } from '../../database/lock/describe-session.ts'
import type { LockQueue, RunEvent } from '../../events.ts'
import { describeHolder } from '../../database/lock/holder.ts'
import { backfillWords } from './backfill-words.ts'
import { contractsOf, holding } from '../contracts-of.ts'
import type { LogLine } from './log.ts'
import { snakeCase } from '../snake-case.ts'
import { indexWords, statementWords } from './statement-words.ts'
import { isOfObject, objectWords, type OfObject } from './object-words.ts'
import { isOfTool, toolWords, type OfTool } from './tool-words.ts'
import { isOfScratch, scratchWords, type ScratchEvent } from './scratch-words.ts'
import { isRowCollision } from '../../errors/server/sqlstate.ts'

const checkpoint = 'MIGRATION CHECKPOINT:'

export const narrate = (event: RunEvent): LogLine => {
  const { kind, ...fields } = event
  const said = saidOf(event)
  return { ...said, fields: { event: kind.replaceAll(' ', '_'), ...snakeCase(fields) } }
}

const saidOf = (event: RunEvent): Words => {
  if (isOfTool(event)) return toolWords(event)
  if (isOfScratch(event)) return scratchWords(event)
  return isOfObject(event) ? objectWords(event) : words(event)
}

type Words = Pick<LogLine, 'level' | 'message'>

const info = (message: string): Words => ({ level: 'info', message })
const warn = (message: string): Words => ({ level: 'warn', message })

const words = (event: Exclude<RunEvent, OfTool | OfObject | ScratchEvent>): Words => {
  switch (event.kind) {
    case 'gate closed':
      return info(`MIGRATIONS_DISABLED: ${event.because}; nothing was done`)
    case 'run started':
      return info(
        `${checkpoint} schemagate ${event.version} starts, ${someMigrations(event.migrations)} in the folder (${event.because})`,
      )
    case 'waiting for database':
      return info(`waiting for ${event.endpoint} for ${event.waitedSeconds} s: ${event.reason}`)
    case 'direct unavailable':
      return warn(`${event.endpoint} is not available: ${event.reason}`)
    case 'endpoint chosen':
      return info(
        `Using ${event.connectionKind}${event.directUnavailable ? ' (DIRECT unavailable - locked)' : ''}: ` +
          `${event.endpoint}, PostgreSQL ${event.serverVersion}`,
      )
    case 'password file ignored':
      return warn(`the password file (PGPASSFILE, or ~/.pgpass) is ignored: it ${event.reason}`)
    case 'pooler mode':
      return {
        level: 'debug',
        message:
          event.mode === 'transaction'
            ? 'the pooler assigns its connections per transaction (transaction mode)'
            : 'the pooler keeps one connection for each of our sessions (session mode)',
      }
    case 'newer rows':
      return info(
        `the ledger has ${someMigrations(event.versions.length)} more than the files (${event.versions.join(', ')}): ` +
          'a newer release has run here; that is allowed',
      )
    case 'parser gave up':
      return warn(`${event.file}: the parser cannot read it (${event.reason}); the server decides`)
    case 'no statement':
      return warn(`${event.file} has no statement; it is recorded anyway`)
    case 'backfill started':
    case 'backfill workers lacking':
    case 'backfill progress':
    case 'backfill held back':
    case 'backfill waits for a batch':
    case 'backfill done':
    case 'backfill incomplete':
      return backfillWords(event)
    case 'statements resumed':
    case 'statement by statement':
    case 'statement done':
    case 'statement still running':
    case 'settings of the pooler':
    case 'rows sent':
      return statementWords(event)
    case 'index progress':
    case 'index leftover':
    case 'index builder':
    case 'index built':
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
      | `contracts ${string}`
      | 'waiting for schema'
      | 'connection lost while waiting'
      | 'settings changed'
      | 'timeouts'
      | 'server notice'
      | 'server notices left out'
      | 'stopping'
  }
>

const lockAndApplyWords = (event: Later): Words => {
  switch (event.kind) {
    case 'lock busy':
      return info(
        `${checkpoint} another process holds the migration lock, waiting for ${event.waitedSeconds} s; holder: ${describeHolder(event.holder)}`,
      )
    case 'lock acquired':
      return info(`Acquired migration lock after ${event.waitedMs} ms (pid ${event.pid})`)
    case 'lock released':
      return info('Released migration lock')
    case 'lock not obtained': {
      const timedOut = `${checkpoint} Could not acquire lock in time (${event.waitedSeconds} s) with migrations pending`
      return warn(event.then === 'skip' ? `${timedOut} -> skipping migrations` : timedOut)
    }
    case 'leader finished':
      return info(
        `${checkpoint} another process applied everything while this one waited (${event.waitedMs} ms)`,
      )
    case 'settings changed':
      return info('a migration changed the settings of the login: continuing in a new session')
    case 'timeouts':
      return info(
        `Set statement_timeout to ${event.statementTimeout}, lock_timeout to ${event.lockTimeout} for the ${someMigrations(event.pending)} pending`,
      )
    case 'migration started':
      return info(
        `${checkpoint} ${event.at}/${event.of} ${event.file}` +
          (event.outOfOrder ? ' (out of order: merged late)' : ''),
      )
    case 'migration late':
      return warn(lateWords(event))
    case 'migration applied':
      return info(`applied ${event.file} in ${event.durationMs} ms`)
    case 'migration waits for a lock':
    case 'migration retried':
      return warn(blockedWords(event))
    case 'migration undecided':
      return warn(
        `${event.file} may have run on this database before: adopt leaves it to the next run` +
          ` (if it has run, that would ${[...new Set(event.harm)].join(', ')}; in that case say so in the file first, with @fingerprint)`,
      )
    case 'migration reconciled':
      return info(reconciledWords(event))
    case 'contracts hold':
    case 'contracts violated':
    case 'waiting for schema':
      return schemaWords(event)
    case 'connection lost while waiting':
      return warn(`the connection was lost while waiting (${event.reason}); connecting again`)
    case 'server notice':
    case 'server notices left out':
      return noticeWords(event)
    case 'stopping':
      return {
        level: 'error',
        message: `STOPPING at ${event.file}; ${event.inDoubt === 0 ? '' : `also sent, and in doubt: ${someMigrations(event.inDoubt)}; `}not attempted: ${someMigrations(event.notAttempted)}`,
      }
  }
}

const schemaWords = (
  event: Extract<RunEvent, { kind: `contracts ${string}` | 'waiting for schema' }>,
): Words => {
  if (event.kind === 'waiting for schema') return info(waitingWords(event))
  return event.kind === 'contracts hold'
    ? info(`${checkpoint} ${holding(event.services)}`)
    : { level: 'debug', message: `the database violates ${contractsOf(event.violated)}` }
}

const noticeWords = (
  event: Extract<RunEvent, { kind: 'server notice' | 'server notices left out' }>,
): Words => {
  if (event.kind === 'server notice')
    return {
      level: event.severity === 'WARNING' ? 'warn' : 'debug',
      message: `server ${event.severity}: ${event.notice}`,
    }
  const { of, shown, leftOut } = event
  return {
    level: of === 'warnings' ? 'warn' : 'debug',
    message: `the server sent ${shown + leftOut} ${of}; only the first ${shown} are logged, the other ${leftOut} are left out`,
  }
}

const lateWords = ({ file, meets, moves }: Extract<RunEvent, { kind: 'migration late' }>): string =>
  `${file} is out of order, and the order matters: ${meets.map(({ after, object }) => `${after}, which the database already has, touches ${object} too`).join('; ')}. ` +
  'A new database runs them in the order of their numbers, and may end up different; ' +
  `before another database records it, give it a number that fits the order here: ${moves.map(gitMove).join(' && ')}`

const reconciledWords = ({
  file,
  by,
  takenAsDone,
}: Extract<RunEvent, { kind: 'migration reconciled' }>): string =>
  `reconciled ${file}: ${by}` +
  (takenAsDone.length === 0
    ? ''
    : ` (taken as done with it: ${[...new Set(takenAsDone)].join(', ')})`)

const blockedWords = (
  event: Extract<RunEvent, { kind: 'migration waits for a lock' | 'migration retried' }>,
): string =>
  event.kind === 'migration waits for a lock'
    ? `${event.file} has waited for a lock for ${(event.sinceMs / 1_000).toFixed(1)} s; ${aroundIt(event.queue)}`
    : `${event.file} ${isRowCollision(event.sqlstate) ? 'collided with another session that changed the same rows' : 'did not get its locks'} (SQLSTATE ${event.sqlstate}) and is rolled back; ` +
      `try ${event.nextTry} of ${event.ofTries} in ${event.pauseMs} ms; ${aroundIt(event.queue)}`

const aroundIt = (queue: LockQueue | undefined): string => {
  if (queue === undefined) return 'its blocker was not seen'
  const { blockers, behind, behindCount } = queue
  const blocked = describeBlockers(blockers)
    .map((line) => line.trim())
    .join('; ')
  const waiting = behind.map(({ pid }) => pid).join(', ')
  const more = behindCount > behind.length ? ', …' : ''
  return behindCount === 0
    ? blocked
    : `${blocked}; ${behindCount} queued behind it (pid ${waiting}${more})`
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
      : [`${violations} contract violation${violations === 1 ? '' : 's'} to be repaired`]),
  ]
  return `has waited ${waitedSeconds} s for ${what.join(', and ')}`
}
