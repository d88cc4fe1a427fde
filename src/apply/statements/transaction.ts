// A unit with a transaction: whole or not at all, together with its record.

import { fenceStates } from '../../database/sqlstate.ts'
import { interrupted } from '../../errors/interruption.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { recordDone } from '../../ledger/progress.ts'
import type { Unit } from '../../migrations/units.ts'
import { confirmProgress } from '../fence.ts'
import { buildMessage } from '../message.ts'
import { sendMessage, timeoutsOf } from '../send.ts'
import type { StatementsRun } from './apply-statements.ts'
import { explainRecord } from './keep-record.ts'
import { explainStatement } from './explain.ts'
import { settingsBefore } from './settings.ts'

export const runTransaction = async (
  { statements }: Unit,
  run: StatementsRun,
): Promise<Problem | undefined> => {
  const { locked, server, step, units, ledgerSchema, runId, interruption } = run
  const { prepared } = step
  const { migration } = prepared
  const { version, file } = migration
  const [{ number, start }] = statements
  const done = number + statements.length
  const fence = { ...run.fence, running: { version, done: number } }
  const settings = settingsBefore(units, number, prepared.body)
  const checksums = statements.map(({ checksum }) => checksum)
  const message = buildMessage({
    prepared,
    part: { start, end: statements.at(-1)?.end ?? start },
    ...(settings === undefined ? {} : { settings }),
    verification: '',
    server,
    fence,
    record: [
      recordDone(ledgerSchema, { version, runId }, checksums),
      confirmProgress(fence, { version, done, state: 'running' }),
    ].join(';\n'),
    ...timeoutsOf(migration, run),
  })
  const { reply, lastMarker } = await sendMessage(locked, message)
  if (reply.kind === 'done') return undefined
  if (reply.kind === 'lost') {
    if (interruption.aborted) return interrupted(interruption, `in ${file}`)
    return problem('connection-lost', { role: locked.work.role, reason: reply.reason })
  }
  await locked.work.send('ROLLBACK')
  if (interruption.aborted && reply.error.sqlstate === '57014')
    return interrupted(interruption, `in ${file}`)
  const { phase, place } = message.locate(reply.error, lastMarker)
  if (Object.values<string>(fenceStates).includes(reply.error.sqlstate))
    return explainRecord(reply.error, run)
  const within = phase.kind === 'statement' ? phase.number - 1 : 0
  return explainStatement(reply.error, { run, number: number + within, place })
}
