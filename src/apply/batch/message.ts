// A batch as one message: what a migration's own message has around the file, once around all of them, and in between the texts
// as they are. No marker tells which statement failed: then all of it is rolled back, and each file runs by itself.

import { raiseUnlessEqual } from '../../catalog/raise-differences.ts'
import type { CatalogQuery } from '../../catalog/comparison/catalog-query.ts'
import { ownPath } from '../../database/own-sql.ts'
import { recordBatch } from '../../database/ledger/record.ts'
import { objectKey } from '../../schema/effects/effect.ts'
import type { LockTimeout } from '../../sql/duration.ts'
import { sightOf, type ApplyOptions, type Step } from '../attempt.ts'
import { messageName } from '../blockers/blockers.ts'
import {
  confirmRecords,
  fenceStart,
  ledgerUntouched,
  sealed,
  type FenceExpectation,
} from '../fence.ts'
import { markerColumn } from '../message.ts'
import {
  dropSessionObjects,
  limitsOf,
  opening,
  setLocalRole,
  settingsOfLogin,
} from '../transaction-settings.ts'

/** The last row has the times in it: see recordBatch(). */
export const timesColumn = `${markerColumn}_times`

// A setting of the transaction, which ends with it. One of the session's own would be what a file can see.
const setting = "'schemagate.times'"
const times = `pg_catalog.current_setting(${setting})`

// The search path in force is that of the files.
const elapsed = `pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.transaction_timestamp())`
const startClock = `SELECT pg_catalog.set_config(${setting}, ${elapsed}::pg_catalog.text, true) AS schemagate_clock`
const markEnd = (number: number): string =>
  `SELECT ${number} AS ${markerColumn} WHERE pg_catalog.set_config(${setting}, pg_catalog.concat_ws(' ', ${times}, ${elapsed}), true) IS NOT NULL`

// Somebody is in the way, whom each file would name when it runs by itself.
const longestWaitMs = 1_000

const patience = ({ ms }: LockTimeout): LockTimeout => {
  const bounded = Math.min(ms || longestWaitMs, longestWaitMs)
  return { ms: bounded, text: `${bounded}ms` } as LockTimeout
}

/** `fence` is that before the first. */
export const batchMessage = (
  steps: readonly Step[],
  fence: FenceExpectation,
  options: ApplyOptions,
): string => {
  const { server, ledgerSchema, runId, statementTimeout } = options
  const parts = { server, statementTimeout, lockTimeout: patience(options.lockTimeout) }
  const { role } = server.searchPath
  const forFiles = [settingsOfLogin(server), ...(role === undefined ? [] : [setLocalRole(role)])]
  const first = steps[0]?.prepared.migration.file ?? ''
  const last = steps.at(-1)?.prepared.migration.file ?? ''
  const name = messageName(`${first} to ${last}`, fence.locked.key, runId)
  const record = recordBatch(ledgerSchema, {
    files: steps.map(({ prepared: { migration, statements = [] } }) => ({
      migration,
      statements: statements.length,
    })),
    ...{ lastOrdinal: fence.lastOrdinal, runId, times },
  })
  return [
    `${name} ${opening(parts)}`,
    fenceStart(fence),
    ...forFiles,
    startClock,
    ...textsOf(steps, forFiles),
    'SET CONSTRAINTS ALL IMMEDIATE',
    // The login again, which alone may write the ledger.
    'RESET ROLE',
    limitsOf(parts),
    ownPath,
    dropSessionObjects(server),
    ledgerUntouched(fence, steps.every(isSeen) ? 'whole' : 'in part'),
    record,
    confirmRecords(fence, runId, steps.length),
    sealed,
    `SELECT ${times} AS ${timesColumn}`,
    'COMMIT',
  ].join(';\n')
}

const isSeen = ({ statements }: Step): boolean => sightOf(statements) === 'whole'

// What the files promise is compared together, as long as none of them changes what one before it has promised.
const textsOf = (steps: readonly Step[], forFiles: readonly string[]): readonly string[] => {
  const parts: string[] = []
  let promised: CatalogQuery[] = []
  const compare = (): void => {
    if (promised.length > 0)
      parts.push(ownPath, raiseUnlessEqual(promised), ...plannerAgain, ...forFiles)
    promised = []
  }
  for (const [at, { prepared, verification }] of steps.entries()) {
    const changes = new Set(verification.changes)
    if (promised.some(({ object }) => changes.has(objectKey(object)))) compare()
    // The newline ends a last comment, the semicolon a last statement that has none.
    parts.push(`${prepared.body}\n`, markEnd(at + 1))
    promised.push(...verification.queries)
  }
  compare()
  return parts
}

// What the comparison sets for its transaction.
const plannerAgain = ['jit', 'join_collapse_limit', 'constraint_exclusion'].map(
  (name) => `RESET ${name}`,
)
