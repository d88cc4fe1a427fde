// Who else is there: the holder of the migration lock, and transactions that DDL would wait for. Pure: facts in, findings out.

import { literal } from '../../../database/literal.ts'
import { quoteName } from '../../../errors/define.ts'
import { queryInBrief } from '../../../database/lock/describe-session.ts'
import { describeHolder } from '../../../database/lock/holder.ts'
import type { Examination } from '../facts/examination.ts'
import { note, ok, warning, type Finding } from '../finding.ts'
import { isBlockedBy } from './lock-conflict.ts'
import type { HeldLock } from '../facts/server-facts.ts'

export const evaluateLock = ({ lockHolder, limits }: Examination): Finding =>
  lockHolder === undefined
    ? ok('migration lock', 'nobody holds it')
    : warning(
        'migration lock',
        `held by ${describeHolder(lockHolder)}`,
        `A run would wait for it, for up to ${limits.lockWaitMs / 1_000} s. If that runner is dead: SELECT pg_terminate_backend(${lockHolder.pid});`,
      )

export const evaluateTransactions = (examination: Examination): Finding => {
  const { limits, facts } = examination
  const { transactions } = facts
  const bound = seconds(limits.longMs)
  if (transactions.length === 0)
    return ok('transactions', `none that holds a lock or a snapshot for more than ${bound}`)
  const pids = transactions.map(({ pid }) => pid)
  return warning(
    'transactions',
    `${count(transactions.length, 'transaction is', 'transactions are')} open for more than ${bound}: a migration that needs their tables gives up after ${limits.lockTimeout}, and CREATE INDEX CONCURRENTLY waits for their snapshots`,
    `Let them end, or end them: ${pids.map((pid) => `SELECT pg_terminate_backend(${pid});`).join(' ')}`,
    transactions.flatMap((each) => {
      const { pid, user, application, state, query, snapshot } = each
      return [
        `pid ${pid}, ${application || 'no application_name'}, user ${user}, ${state}, for ${each.seconds} s: ${queryInBrief(query)}`,
        `  ${holds(each.locks, examination, snapshot ? ['a snapshot'] : [])}`,
      ]
    }),
  )
}

export const evaluatePrepared = (examination: Examination): readonly Finding[] => {
  const { prepared } = examination.facts
  if (prepared.length === 0) return []
  return [
    warning(
      'prepared transactions',
      `${count(prepared.length, 'transaction is', 'transactions are')} prepared (two-phase) and not finished: no session ends them, not even a restart`,
      `The application that prepared them should finish them; else: ${prepared.map(({ gid }) => `ROLLBACK PREPARED${literal(gid).replace(/^(?! )/, ' ')};`).join(' ')}`,
      prepared.flatMap((each) => [
        `${each.gid}, of ${each.owner}, for ${each.seconds} s`,
        `  ${holds(each.locks, examination, ['a snapshot'])}`,
      ]),
    ),
  ]
}

/** Where our role may not see into other roles' sessions, silence about them would be a lie. */
export const evaluateHidden = ({ facts: { hidden, login } }: Examination): readonly Finding[] =>
  hidden === 0
    ? []
    : [
        note(
          'hidden sessions',
          `${count(hidden, 'session of another role has', 'sessions of other roles have')} a transaction whose age and query ${login} may not see`,
          { advice: `GRANT pg_read_all_stats TO ${quoteName(login)}; lets it see them.` },
        ),
      ]

const holds = (
  locks: readonly HeldLock[],
  { preview, facts }: Examination,
  others: readonly string[],
): string => {
  const wanted = preview.needs.locks.flatMap(({ table, level }) =>
    facts.locked.filter(({ name }) => name === table).map(({ oid }) => ({ oid, level })),
  )
  const inWay = locks.filter(({ oid, mode }) =>
    wanted.some((each) => each.oid === oid && isBlockedBy(each.level, mode)),
  )
  const shown = locks.map(({ table, mode }) => `${mode} on ${table}`)
  const held = `holds ${[...brief(shown), ...others].join(', ')}`
  return inWay.length === 0
    ? held
    : `${held}; blocks pending files: ${[...new Set(inWay.map(({ table }) => table))].join(', ')}`
}

const mostShown = 6

const brief = (words: readonly string[]): readonly string[] =>
  words.length > mostShown
    ? [...words.slice(0, mostShown), `${words.length - mostShown} more locks`]
    : words

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`

const seconds = (ms: number): string => `${ms / 1_000} s`
