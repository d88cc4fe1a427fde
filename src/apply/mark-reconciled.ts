// Marks migrations that the database has already: any number of ledger rows in one message, under the same fence as the
// migrations that run.

import { cleanSession, writing } from '../database/own-sql.ts'
import { fenceStates } from '../database/session/fence-states.ts'
import { rowsOf } from '../database/session/session.ts'
import { SchemagateError } from '../errors/problem.ts'
import { isCondition } from '../errors/server/sqlstate.ts'
import { checkReply } from '../database/ledger/ledger.ts'
import { noteReconciled, sessionFor, type Course } from '../database/ledger/course.ts'
import { recordReconciled, type ReconciledRecord } from '../database/ledger/record.ts'
import { refuseForeign } from '../database/ledger/trust.ts'
import { explainRaised } from './failure/explain.ts'
import { confirmRecords, fenceStart, type FenceExpectation } from './fence.ts'

export type ReconciledMigrations = {
  /** In the order of versions; not empty. */
  readonly records: readonly ReconciledRecord[]
  readonly fence: FenceExpectation
  readonly course: Course
  readonly waitMs: number
  /** Statements that hold another tool's ledger as it was read, and raise `toolBusy` where it is not; and those that write to it. */
  readonly beside: { readonly before: readonly string[]; readonly after: readonly string[] }
}

/**
 * Nothing is marked where the other tool is at work.
 * Throws `lock-lost`, `ledger-moved`, `not-recorded`, `ledger-not-permitted`, `ledger-busy`, `connection-lost`.
 */
export const markReconciled = async ({
  records,
  fence,
  course,
  waitMs,
  beside,
}: ReconciledMigrations): Promise<'marked' | 'tool at work'> => {
  const { locked, ledgerSchema, lastOrdinal } = fence
  const { runId } = course
  const { work } = locked
  const session = sessionFor(
    records.map(({ migration }) => migration),
    work,
    course,
  )
  const last = records.length - 1
  const boundMs = Math.max(waitMs, 1_000)
  const reply = await session.send(
    writing(
      `${cleanSession}; SET LOCAL lock_timeout = ${boundMs}; SET LOCAL statement_timeout = ${boundMs + 1_000}`,
      // Before ours: whoever waits for it holds up nobody who reads our ledger.
      ...beside.before,
      fenceStart(fence),
      refuseForeign(fence),
      recordReconciled(ledgerSchema, { records, lastOrdinal, runId }),
      confirmRecords({ ...fence, lastOrdinal: lastOrdinal + last }, runId, 1),
      ...beside.after,
    ),
  )
  if (reply.kind === 'server error') {
    await work.send('ROLLBACK')
    const { raised, sqlstate } = reply.error
    if (raised === fenceStates.toolBusy) return 'tool at work'
    if (beside.before.length > 0 && isCondition(sqlstate, 'lockFailure')) return 'tool at work'
    const refused = explainRaised(reply.error, {
      file: records[0]?.migration.file ?? '',
      text: '',
      ledgerSchema,
    })
    if (refused !== undefined) throw new SchemagateError([refused])
  }
  await checkReply(work, fence, reply)
  rowsOf(work, reply)
  noteReconciled(course, records)
  return 'marked'
}
