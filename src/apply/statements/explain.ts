// A statement of a file that runs statement by statement did not go through: what is known of it, for who explains it.

import type { ServerError } from '../../database/session/reply.ts'
import type { LockQueue } from '../../events.ts'
import type { Place, Problem } from '../../errors/problem.ts'
import { explainFailure } from '../failure/explain.ts'
import { timeoutsOf } from '../send.ts'
import { askWhy } from '../failure/why/ask-why.ts'
import type { StatementsRun } from './statements-run.ts'

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
  { run, number, ...seen }: FailedStatement,
): Problem => {
  const { migration } = run.step.prepared
  const { file, text } = migration
  const { lockTimeout, statementTimeout } = timeoutsOf(migration, run)
  const statements = run.units.flatMap((unit) => unit.statements)
  return explainFailure(error, {
    ...{ file, text, ...seen, ledgerSchema: run.ledgerSchema },
    ...{ lockTimeout: lockTimeout.text, statementTimeout: statementTimeout.text },
    role: run.server.searchPath.role,
    work: {
      kind: 'statement',
      number: number + 1,
      of: statements.length,
      node: statements[number]?.node,
      direct: run.server.connectionKind === 'DIRECT',
    },
  })
}

/** `number` is from 0. Asked when the session is in no failed transaction. */
export const whyStatementFailed = (
  error: ServerError,
  { step, units, locked, server, ledgerSchema }: StatementsRun,
  number: number,
): Promise<string | undefined> => {
  const texts = units.flatMap(({ statements }) => statements)
  const started = texts.find((each) => each.number === number)?.start ?? 0
  return askWhy(error, {
    statements: step.statements.filter(({ start }) => start <= started),
    session: locked.work,
    server,
    ledgerSchema,
  })
}

/** Of a concurrent build: it is not repeated, and nobody watched who blocked it. */
export const triedOnce = { tries: 1, queue: undefined } as const
