// A statement whose answer an earlier run never got: killed, or cut off. First whoever still runs it on the server ends; then
// what the database has decides, or that a repetition does no harm. Otherwise a person decides.

import { setTimeout as sleep } from 'node:timers/promises'
import { literal } from '../../database/literal.ts'
import { runsForUs } from '../../database/monitor/our-statements.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf } from '../../database/session/session.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { ledgerTable } from '../../database/ledger/ledger.ts'
import type { Unit, UnitStatement } from '../../migrations/prepare/units.ts'
import { evidenceOf } from '../../sql/transaction/repeat.ts'
import { timeoutsOf } from '../send.ts'
import { markApplied, runNonTransactional } from './non-transactional.ts'
import { concurrentStatement } from './concurrent.ts'
import { nameOf, type StatementsRun } from './statements-run.ts'

export const resolveDoubt = async (
  unit: Unit,
  run: StatementsRun,
): Promise<Problem | undefined> => {
  const [statement] = unit.statements
  if (concurrentStatement(statement, run)?.kind === 'build')
    return runNonTransactional(unit, run, 'in doubt')
  const running = await waitForOrphanedStatement(statement, run)
  if (running !== undefined) return running
  const evidence = evidenceOf(statement.node)
  switch (evidence.kind) {
    case 'repeatable':
      return runNonTransactional(unit, run, 'in doubt')
    case 'existence': {
      const { catalog, column, name, doneWhen } = evidence
      const asked = `SELECT EXISTS (SELECT FROM pg_catalog.${catalog} WHERE ${column} = ${literal(name)}) AS there`
      const [row] = rowsOf(run.locked.work, await run.locked.work.send(reading(asked)))
      const isDone = (row?.['there'] === true) === (doneWhen === 'there')
      return isDone ? markApplied(unit, run) : runNonTransactional(unit, run)
    }
    case 'none':
      return inDoubt(statement, evidence.statement, run)
  }
}

const inDoubt = (
  { number, checksum }: UnitStatement,
  statement: string,
  run: StatementsRun,
): Problem => {
  const { file, version } = run.step.prepared.migration
  const table = ledgerTable(run.ledgerSchema)
  const facts = { file, version, number: number + 1, statement, checksum, table }
  return problem('statement-in-doubt', facts)
}

const pauseMs = 500

// With client_connection_check_interval it ends within a second of its runner; without, it goes on to its end.
const waitForOrphanedStatement = async (
  { number }: UnitStatement,
  run: StatementsRun,
): Promise<Problem | undefined> => {
  const { locked, step, interruption, announce } = run
  const { migration } = step.prepared
  const { file } = migration
  const patienceMs = timeoutsOf(migration, run).statementTimeout.ms
  const started = Date.now()
  for (let announced = false; ; announced = true) {
    const reply = await locked.work.send(
      reading(
        `SELECT a.pid FROM pg_catalog.pg_stat_activity a WHERE ${runsForUs(nameOf(number, run))} LIMIT 1`,
      ),
    )
    const [row] = rowsOf(locked.work, reply)
    if (row === undefined) return undefined
    const pid = Number(row['pid'])
    if (interruption.aborted)
      return interrupted(interruption, `before statement ${number + 1} of ${file}`)
    const waitedSeconds = Math.round((Date.now() - started) / 1_000)
    if (patienceMs > 0 && Date.now() - started > patienceMs)
      return problem('statement-still-running', { file, number: number + 1, pid, waitedSeconds })
    if (!announced) announce({ kind: 'statement still running', file, number: number + 1, pid })
    await sleep(pauseMs, undefined, { signal: interruption }).catch(() => undefined)
  }
}
