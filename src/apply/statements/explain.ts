// A statement of a file that runs statement by statement did not go through: what the SQLSTATE means, and what to do.

import type { ServerError } from '../../database/reply.ts'
import { fenceStates } from '../../database/fence-states.ts'
import { describeBlockers, leadersOf } from '../../database/lock/describe-session.ts'
import { quoteName } from '../../errors/define.ts'
import { serverStateOf } from '../../errors/server-state.ts'
import type { LockQueue } from '../../events.ts'
import { problem, type Place, type Problem } from '../../errors/problem.ts'
import { adviceOn } from '../advice.ts'
import { askWhy } from '../why/ask-why.ts'
import { timeoutsOf } from '../send.ts'
import { untranslatableAt } from '../untranslatable.ts'
import type { StatementsRun } from './statements-run.ts'
import {
  activeSqlTransaction,
  insufficientPrivilege,
  invalidTransactionTermination,
  isCollision,
  queryCanceled,
} from '../../errors/sqlstate.ts'

export type FailedStatement = {
  readonly run: StatementsRun
  /** From 0. */
  readonly number: number
  readonly place: Place | undefined
  /** How often it was tried, and who was seen in its way. */
  readonly tries: number
  readonly queue: LockQueue | undefined
  /** What a second look found, as advice. */
  readonly why: string | undefined
}

export const explainStatement = (
  error: ServerError,
  { run, number, place: ofStatement, tries, queue, why }: FailedStatement,
): Problem => {
  const { migration } = run.step.prepared
  const place = untranslatableAt(error, migration) ?? ofStatement
  const { sqlstate, message, detail, hint, context, internalQuery } = error
  const facts = {
    file: migration.file,
    number: number + 1,
    of: run.units.reduce((sum, { statements }) => sum + statements.length, 0),
    ...{ sqlstate, message, serverDetail: detail, hint, context, internalQuery },
  }
  if (isCollision(error)) {
    const sessions = queue?.blockers ?? []
    const blockers = describeBlockers(sessions)
    const around = {
      tries,
      blockers,
      leaders: leadersOf(sessions),
      behind: queue?.behindCount ?? 0,
    }
    return problem('statement-blocked', { ...facts, ...around }, place)
  }
  const state = serverStateOf(sqlstate)
  if (state !== undefined) {
    const phase = `at statement ${facts.number} of ${facts.of}`
    return problem(state, { ...facts, phase, work: 'statement' }, place)
  }
  return problem('statement-failed', { ...facts, advice: why ?? advice(error, run, number) }, place)
}

/** `number` is from 0. Asked when the session is in no failed transaction. */
export const whyStatementFailed = (
  error: ServerError,
  { step, units, locked, server }: StatementsRun,
  number: number,
): Promise<string | undefined> => {
  const texts = units.flatMap(({ statements }) => statements)
  const started = texts.find((each) => each.number === number)?.start ?? 0
  return askWhy(error, {
    statements: step.statements.filter(({ start }) => start <= started),
    session: locked.work,
    server,
  })
}

/** Of a concurrent build: it is not repeated, and nobody watched who blocked it. */
export const triedOnce = { tries: 1, queue: undefined } as const

const editIt =
  'This statement and those after it may be edited, those before it may not: correct it and run again: the next run resumes here.'

const advice = ({ sqlstate, raised }: ServerError, run: StatementsRun, number: number): string => {
  if (raised === fenceStates.roleLeft)
    return `The statement left MIGRATION_ROLE: RESET ROLE, SET ROLE NONE and SET SESSION AUTHORIZATION switch back to the login role. Write SET ROLE ${quoteName(run.server.searchPath.role ?? '')} instead. ${editIt}`
  const statement = run.units.flatMap(({ statements }) => statements)[number]
  const known = adviceOn(sqlstate, statement?.node)
  if (known !== undefined) return `${known}${known.endsWith('\n') ? '' : ' '}${editIt}`
  switch (sqlstate) {
    case queryCanceled: {
      const { statementTimeout } = timeoutsOf(run.step.prepared.migration, run)
      return run.server.connectionKind === 'DIRECT'
        ? `The statement was cancelled, by statement_timeout (${statementTimeout.text}) or by somebody (pg_cancel_backend). Give this file more time with '-- @statement-timeout 10min' at the top of the file, and run again: the next run resumes here.`
        : 'The statement was cancelled: by somebody (pg_cancel_backend), or by the statement_timeout that the login has through the pooler (ALTER ROLE … SET, ALTER DATABASE … SET, or another client of the pooler), which a statement without a transaction cannot change. Raise it, or set DATABASE_URL_DIRECT, and run again: the next run resumes here.'
    }
    case insufficientPrivilege:
      return `The role lacks a privilege: GRANT it, or migrate as the owner of the object. ${editIt}`
    case activeSqlTransaction:
    case invalidTransactionTermination:
      return `The statement needs to run without a transaction: move it out of BEGIN and COMMIT, and write '-- @transaction off' at the top of the file. Behind a pooler, first RESET what the file has set. ${editIt}`
    default:
      return editIt
  }
}
