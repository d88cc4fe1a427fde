// A statement that runs concurrently, as a step of a file: what became of it, as a problem.

import {
  concurrentStatementOf,
  type ConcurrentStatement,
} from '../concurrent-index/concurrent-statement.ts'
import { runConcurrently, type Certainty } from '../concurrent-index/run-concurrently.ts'
import { withRole } from '../../database/session/with-role.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { startOf, type UnitStatement } from '../../migrations/prepare/units.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { connectionLost } from '../failure/lost.ts'
import { explainStatement, triedOnce, whyStatementFailed } from './explain.ts'
import { roleFor } from './settings.ts'
import { nameOf, type StatementsRun } from './statements-run.ts'

export const concurrentStatement = (
  statement: UnitStatement,
  { step }: StatementsRun,
): ConcurrentStatement | undefined => {
  const { text } = step.prepared.migration
  const read = step.statements.find(({ start }) => start === statement.start)
  return read && concurrentStatementOf(read, text.slice(startOf(text, statement), statement.end))
}

export const sendConcurrently = async (
  statement: UnitStatement,
  concurrent: ConcurrentStatement,
  run: StatementsRun,
  certainty: Certainty,
): Promise<Problem | undefined> => {
  const { locked, step, announce, interruption, indexTimeout } = run
  const { work: looking } = locked
  const { file, text } = step.prepared.migration
  const built = await runConcurrently(
    concurrent,
    {
      ...{
        work: withRole(looking, roleFor(run.units, statement.number, run.server)),
        looking,
        monitor: locked.monitor,
        announce,
        interruption,
      },
      name: nameOf(statement.number, run),
      timeoutMs: indexTimeout.ms,
    },
    certainty,
  )
  const during = `in statement ${statement.number + 1} of ${file}`
  const place = placeAt(file, text, startOf(text, statement))
  if (built.kind === 'built' || built.kind === 'there') return undefined
  if (interruption.aborted) return interrupted(interruption, during)
  const of = { file, number: statement.number + 1 }
  switch (built.kind) {
    case 'interrupted':
      return interrupted(interruption, during)
    case 'lost':
      return connectionLost(run.step.prepared.migration, built)
    case 'stopped':
      return built.problem
    case 'timed out':
      return problem(
        'index-build-timeout',
        { ...of, bound: indexTimeout.text, by: built.by },
        place,
      )
    case 'duplicates': {
      const { keys, query } = built.duplicates
      return problem(
        'index-not-unique',
        { ...of, keys, query, message: built.error.message },
        place,
      )
    }
    case 'failed': {
      const { number } = statement
      const why = await whyStatementFailed(built.error, run, number)
      return explainStatement(built.error, { run, number, place, why, ...triedOnce })
    }
  }
}
