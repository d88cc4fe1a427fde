// On an empty database nobody can see between two migrations, so that several may be one transaction: which ones. Pure.

import type { ReadStatement } from '../../schema/history/history.ts'
import {
  mayJoin,
  moreUnseen,
  sharingOf,
  unknownSharing,
  type Sharing,
  type Unseen,
} from '../../sql/transaction/shared-transaction.ts'
import type { Step } from '../attempt.ts'
import type { BatchBounds } from './bounds.ts'

/** How many steps from the one at an index are a batch; only of those that begin one. */
export type Batches = ReadonlyMap<number, number>

type Amount = Omit<BatchBounds, 'files'>

type Open = {
  readonly from: number
  readonly count: number
  readonly size: Amount
  readonly tables: ReadonlySet<string>
  readonly makesSequence: boolean
}

/** What is committed when a batch begins. A rollback does not give back the numbers that a sequence has given. */
type Committed = { readonly tables: Set<string>; hasSequence: boolean }

export const cutBatches = (steps: readonly Step[], bounds: BatchBounds): Batches => {
  const batches = new Map<number, number>()
  const committed: Committed = { tables: new Set(), hasSequence: false }
  let unseen: Unseen = 'nothing'
  let open: Open | undefined
  const commit = (): void => {
    if (open === undefined) return
    if (open.count > 1) batches.set(open.from, open.count)
    for (const table of open.tables) committed.tables.add(table)
    committed.hasSequence ||= open.makesSequence
    open = undefined
  }
  for (const [at, step] of steps.entries()) {
    const file = readFile(step, unseen, bounds)
    unseen = file.unseen
    const joins = (to: Open | undefined): boolean =>
      file.joins &&
      (to === undefined || fits(to, file, bounds)) &&
      hasOwnNumbers(file, to, committed)
    if (!joins(open)) commit()
    const isSingle = !joins(open)
    open = extended(open, at, file)
    if (isSingle) commit()
  }
  commit()
  return batches
}

type FileRead = {
  readonly joins: boolean
  /** Behind it. */
  readonly unseen: Unseen
  readonly size: Amount
  readonly fills: readonly string[]
  readonly tables: readonly string[]
  readonly makesSequence: boolean
}

const readFile = (step: Step, before: Unseen, bounds: BatchBounds): FileRead => {
  const { prepared, statements } = step
  const { body, migration } = prepared
  const bytes = Buffer.byteLength(body)
  const isSmall = statements.length <= bounds.statements && bytes <= bounds.bytes
  const sharings = isSmall ? statements.map(sharing) : [unknownSharing]
  let joins = isSmall && isOneTransaction(step)
  let unseen = makesEventTrigger.test(migration.text) ? 'everything' : before
  for (const each of sharings) {
    joins &&= mayJoin(each, unseen)
    unseen = moreUnseen(unseen, each.leaves)
  }
  if (prepared.statements === undefined) unseen = moreUnseen(unseen, 'definitions')
  return {
    joins,
    unseen,
    size: {
      bytes,
      statements: sharings.length,
      locks: sharings.reduce((sum, { locks }) => sum + locks, 0),
    },
    fills: sharings.flatMap(({ fills }) => fills),
    tables: sharings.flatMap(({ makes }) => makes ?? []),
    makesSequence: sharings.some(({ makesSequence }) => makesSequence),
  }
}

// One may be there that changes, or follows, what statements do.
const makesEventTrigger = /\bevent\s+trigger\b/i

// What the model of the schema cannot see into may alter what an earlier file of the batch has promised.
const sharing = ({ node, opaqueReason }: ReadStatement): Sharing =>
  opaqueReason === undefined || harmless.includes(opaqueReason)
    ? sharingOf(node)
    : { ...sharingOf(node), joinsUntil: undefined }

const harmless: readonly string[] = [
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE'],
  ...['GRANT or REVOKE', 'Alter Owner', 'Alter Default Privileges'],
]

const isOneTransaction = ({ prepared, resumes, statements }: Step): boolean => {
  const { statementMode, unlessWhole, migration } = prepared
  const { fingerprints = [], verify = [], statementTimeout, lockTimeout } = migration.directives
  return (
    statements.length > 0 &&
    prepared.statements?.every(({ rows }) => rows === undefined) === true &&
    (statementMode ?? unlessWhole ?? resumes ?? statementTimeout ?? lockTimeout) === undefined &&
    verify.length === 0 &&
    fingerprints.every(({ kind }) => kind !== 'sql')
  )
}

const hasOwnNumbers = (
  { fills, tables }: FileRead,
  open: Open | undefined,
  committed: Committed,
): boolean =>
  !committed.hasSequence ||
  fills.every(
    (name) =>
      !committed.tables.has(name) && (open?.tables.has(name) === true || tables.includes(name)),
  )

const fits = ({ count, size }: Open, file: FileRead, bounds: BatchBounds): boolean =>
  count < bounds.files &&
  size.bytes + file.size.bytes <= bounds.bytes &&
  size.statements + file.size.statements <= bounds.statements &&
  size.locks + file.size.locks <= bounds.locks

const extended = (open: Open | undefined, at: number, file: FileRead): Open => ({
  from: open?.from ?? at,
  count: (open?.count ?? 0) + 1,
  size: {
    bytes: (open?.size.bytes ?? 0) + file.size.bytes,
    statements: (open?.size.statements ?? 0) + file.size.statements,
    locks: (open?.size.locks ?? 0) + file.size.locks,
  },
  tables: new Set([...(open?.tables ?? []), ...file.tables]),
  makesSequence: open?.makesSequence === true || file.makesSequence,
})
