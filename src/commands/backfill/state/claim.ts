// Makes a backfill this run's. A batch of a killed runner that the server is still executing is waited for, as long as a batch may
// take, and the log says for whom; what has not begun by then never will.

import packageJson from '../../../../package.json' with { type: 'json' }
import { messageName } from '../../../apply/blockers/blockers.ts'
import { watchBlockers } from '../../../apply/blockers/watch-blockers.ts'
import { literal } from '../../../database/literal.ts'
import type { Announce } from '../../../events.ts'
import type { LockedSession } from '../../../database/lock/locked-session.ts'
import type { LockTimeout } from '../../../sql/duration.ts'
import { writing } from '../clean-session.ts'
import type { Backfill } from '../file/backfill.ts'
import {
  completedTable,
  guard,
  selectState,
  skippedTable,
  stateIn,
  stateTable,
  type BackfillState,
  type Start,
  type StateOf,
} from './state.ts'
import { longestBatchMs } from '../scan/pace.ts'

// For the commit of the batch, behind its statement.
const commitsWithinMs = 10_000

type Claim = {
  readonly backfill: Backfill
  readonly start: Start
  /** The lock that the backfill runs under. */
  readonly locked: LockedSession
}

/** Throws `ledger-busy` when a batch outlasts what it may take, `backfill-taken-over`, `connection-lost`. */
export const claimState = async (
  of: StateOf,
  { backfill, start, locked }: Claim,
  announce: Announce,
): Promise<BackfillState> => {
  const { session, at, name, runId } = of
  const { ledgerSchema: schema } = at
  const ms = longestBatchMs(backfill.pace) + commitsWithinMs
  const lockTimeout = { ms, text: `${ms}ms` } as LockTimeout
  const claim = start === 'from the first row' ? startOver(of, backfill) : resume(of)
  const message = messageName(backfill.file, locked.key, runId)
  const watch = watchBlockers({
    monitor: locked.monitor,
    name: message,
    lockTimeout,
    onBlocked: ({ blockers }, sinceMs) => {
      announce({ kind: 'backfill waits for a batch', name, blockers, sinceMs })
    },
  })
  try {
    const text = writing(
      `${guard(at)}; ${claim}; ${selectState(schema, `name = ${literal(name)}`)}`,
      `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${lockTimeout.ms}`,
    )
    return await stateIn(await session.send(`${message} ${text}`), of)
  } finally {
    watch.end()
  }
}

const startOver = ({ at, name, runId }: StateOf, { checksum }: Backfill): string => {
  const { ledgerSchema: schema } = at
  const [table, quotedName] = [stateTable(schema), literal(name)]
  return `DELETE FROM ${table} WHERE name = ${quotedName}; DELETE FROM ${skippedTable(schema)} WHERE name = ${quotedName};
    DELETE FROM ${completedTable(schema)} WHERE name = ${quotedName};
    INSERT INTO ${table} (name, checksum, state, run_id, tool_version)
    VALUES (${quotedName}, ${literal(checksum)}, 'running', ${literal(runId)}, ${literal(packageJson.version)})`
}

// Every batch has a share of the row's lock for as long as it lasts.
const resume = ({ at, name, runId }: StateOf): string => {
  const { ledgerSchema: schema } = at
  const [table, quotedName] = [stateTable(schema), literal(name)]
  return `SELECT FROM ${table} WHERE name = ${quotedName} FOR UPDATE; UPDATE ${table} SET run_id = ${literal(runId)} WHERE name = ${quotedName}`
}
