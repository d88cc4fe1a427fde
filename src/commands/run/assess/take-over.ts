// What the ledger of the tool that the files were written for claims of those that our ledger does not have: before ours has anything,
// and when the tool went on beside it. Reads only.

import type { Config } from '../../../config/config.ts'
import type { LedgerRow } from '../../../database/ledger/ledger-row.ts'
import type { Server } from '../../../database/server/server.ts'
import type { Session } from '../../../database/session/session.ts'
import { dialects } from '../../../migrations/dialects/dialects.ts'
import type { Migration, MigrationVersion } from '../../../migrations/migration.ts'
import type { Announce } from '../../../events.ts'
import type { Intent, MigrationAssessment } from '../../../reconcile/assessment.ts'
import {
  checkClaims,
  type ClaimedFile,
  type ClaimsRequest,
  type ClaimTrust,
} from '../../../reconcile/claims/check-claims.ts'
import { doubted, isRiskyToRerun } from '../../../reconcile/unrecorded/doubt.ts'
import { findToolLedger, shownTable } from '../../../tool-ledger/find.ts'
import { canHold, readToolLedger, type ToolLedgerRead } from '../../../tool-ledger/read.ts'
import type { Claim } from '../../../tool-ledger/tool-ledger.ts'

export type TakeOver = {
  /** 'Flyway' */
  readonly tool: string
  /** 'public.flyway_schema_history' */
  readonly table: string
  readonly read: ToolLedgerRead
  /** How many of the files it says have been applied. */
  readonly applied: number
  /** Which of them our ledger does not have, in the order of the files. */
  readonly claimed: readonly ClaimedFile[]
  /** What it has applied with another text, and runs whenever that changes. */
  readonly changed: readonly MigrationVersion[]
  /** What was begun, and may be there or not. */
  readonly unfinished: ReadonlyMap<MigrationVersion, Claim>
  /** What it has and the files have not. */
  readonly unknown: readonly string[]
  /** The names of what our ledger has and it lacks. With any, it was not kept up, and claims nothing. */
  readonly lacks: readonly string[]
}

export type ToolLedgerState =
  | { readonly kind: 'none' }
  | { readonly kind: 'taken over'; readonly takeOver: TakeOver }
  | {
      readonly kind: 'unreadable'
      readonly tool: string
      readonly table: string
      readonly because: string
    }

type Request = {
  readonly migrations: readonly Migration[]
  readonly rows: readonly LedgerRow[]
  readonly server: Server
  readonly config: Pick<Config, 'migrationRole'>
}

/** `rows`: of our own ledger. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readTakeOver = async (
  session: Session,
  { migrations, rows, server, config }: Request,
): Promise<ToolLedgerState> => {
  const dialect = migrations[0]?.source?.dialect
  if (dialect === undefined) return { kind: 'none' }
  const named = migrations[0]?.source?.ledger ?? {}
  const found = await findToolLedger(session, dialect, { ...server, named })
  const tool = dialects.find(({ name }) => name === dialect)?.tool ?? dialect
  if (found.kind === 'none') return found
  if (found.kind === 'unreadable') return { ...found, tool }
  const read = await readToolLedger(session, found.found, config.migrationRole)
  const claims = new Map(
    read.found.ledger.claims(read.rows, migrations).map((claim) => [claim.version, claim]),
  )
  const isSum = isSumOf(read)
  const applied = migrations.flatMap((migration): readonly ClaimedFile[] => {
    const claim = claims.get(migration.version)
    return claim?.state === 'applied' ? [{ migration, claim }] : []
  })
  // It ran with another text, and runs with this one.
  const hasChanged = ({ migration, claim }: ClaimedFile): boolean =>
    migration.runs !== undefined &&
    (claim.checksum === undefined || !isSum(claim.checksum, migration))
  const known = new Set<string>(migrations.map(({ version }) => version))
  const lacks = lackedBy(
    applied.map(({ migration }) => migration.version),
    rows.filter(({ version }) => known.has(version)),
  )
  const recorded = new Set<string>(rows.map(({ version }) => version))
  const last = migrations.findLastIndex(({ version }) => recorded.has(version))
  const late = new Set(migrations.slice(0, last + 1).map(({ version }) => version))
  // Of a file that was merged late, a row for all up to a number says nothing.
  const isOpen = (version: MigrationVersion, { isImplied }: Claim): boolean =>
    lacks.length === 0 && !recorded.has(version) && !(isImplied === true && late.has(version))
  return {
    kind: 'taken over',
    takeOver: {
      ...{ tool, table: shownTable(found.found), read, lacks },
      applied: applied.length,
      claimed: applied.filter(
        (each) => isOpen(each.migration.version, each.claim) && !hasChanged(each),
      ),
      changed: applied.filter(hasChanged).map(({ migration }) => migration.version),
      unfinished: new Map(
        migrations.flatMap(({ version }) => {
          const claim = claims.get(version)
          return claim?.state === 'unfinished' && isOpen(version, claim) ? [[version, claim]] : []
        }),
      ),
      unknown: [...claims.keys()].filter((version) => !known.has(version)),
    },
  }
}

const lackedBy = (
  applied: readonly MigrationVersion[],
  rows: readonly LedgerRow[],
): readonly string[] => {
  const known = new Set<string>(applied)
  return rows
    .filter(({ version, state }) => state !== 'running' && !known.has(version))
    .map(({ name }) => name)
}

/** As the rows that our ledger gets of them, behind the last that it has: to whom it is asked what the rest is, they are recorded. */
export const rowsOfClaims = (
  takeOver: TakeOver | undefined,
  lastOrdinal: number,
): readonly LedgerRow[] =>
  (takeOver?.claimed ?? []).map(({ migration: { version, name, checksum } }, at) => ({
    ...{ version, name, checksum, state: 'reconciled', ordinal: lastOrdinal + at + 1 },
    ...{ finishedAt: undefined, appliedBy: takeOver?.tool ?? '' },
  }))

type Asked = {
  readonly takeOver: TakeOver | undefined
  readonly trust: ClaimTrust
  readonly intent: Intent
}

/** Those that are claimed among those that are not, in the order of the files. */
export const withClaims = (
  pending: readonly MigrationAssessment[],
  seen: Pick<ClaimsRequest, 'history' | 'evidence' | 'fingerprintResults'>,
  { takeOver, trust, intent }: Asked,
): readonly MigrationAssessment[] => {
  if (takeOver === undefined) return pending
  const { tool, table, claimed, unfinished } = takeOver
  const checked = checkClaims({
    ...seen,
    claimed,
    tool,
    table,
    trust,
    isSum: isSumOf(takeOver.read),
  })
  // Of what the tool began, what has no evidence may have run.
  const settled = pending.map((each) =>
    unfinished.has(each.migration.version) && each.state === 'opaque' && isRiskyToRerun(each)
      ? doubted(each, 'last or next', intent)
      : each,
  )
  const all = new Map([...checked, ...settled].map((each) => [each.migration.version, each]))
  return seen.history.migrations.flatMap(({ migration }) => all.get(migration.version) ?? [])
}

/** Whether this checksum, which the tool has recorded, is that of the file. */
const isSumOf =
  (read: ToolLedgerRead) =>
  (recorded: string, migration: Migration): boolean =>
    migration.source?.checksum === undefined ||
    recorded === migration.source.checksum ||
    (read.found.ledger.twins?.(migration).includes(recorded) ?? false)

/** Is the tool at work, or was it since its ledger was read? Changes nothing. */
export const isAtWork = async (
  session: Session,
  toolLedger: ToolLedgerState,
  { migrationRole, lockWaitMs }: Pick<Config, 'migrationRole' | 'lockWaitMs'>,
): Promise<boolean> =>
  toolLedger.kind === 'taken over' &&
  !(await canHold(session, toolLedger.takeOver.read, {
    role: migrationRole,
    waitMs: Math.max(lockWaitMs, 1_000),
  }))

type Seen = {
  readonly toolLedger: ToolLedgerState
  /** One for each file that is not recorded. */
  readonly assessments: readonly MigrationAssessment[]
  /** Of our own ledger. */
  readonly rows: readonly LedgerRow[]
}

/** Where our ledger has rows, only what the tool has done since is news. */
export const announceToolLedger = (
  { toolLedger, assessments, rows }: Seen,
  announce: Announce,
): void => {
  if (toolLedger.kind === 'none' || (rows.length > 0 && !claimsAny(toolLedger))) return
  if (toolLedger.kind === 'unreadable') {
    announce({ ...toolLedger, kind: 'tool ledger left alone' })
    return
  }
  const { tool, table, claimed, unfinished, unknown } = toolLedger.takeOver
  announce({
    ...{ kind: 'tool ledger read', tool, table, applied: claimed.length, of: assessments.length },
    unfinished: assessments.flatMap(({ migration: { file, version } }) => {
      const because = unfinished.get(version)?.because
      return because === undefined ? [] : [{ file, because }]
    }),
    unknown,
  })
}

const claimsAny = (toolLedger: ToolLedgerState): boolean =>
  toolLedger.kind === 'taken over' &&
  toolLedger.takeOver.claimed.length + toolLedger.takeOver.unfinished.size > 0
