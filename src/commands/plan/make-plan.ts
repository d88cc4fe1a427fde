// The plan as a value: what `run` would do with each file that is not recorded, and what that means for the tables.

import type { TableDrift } from '../../events/drift.ts'
import type { Problem } from '../../errors/problem.ts'
import type { History, ReadMigration } from '../../schema/history/history.ts'
import type { Finding } from '../../lint/finding.ts'
import type { DialectSeen } from '../../migrations/dialects/read-foreign.ts'
import type { Migration, MigrationVersion } from '../../migrations/migration.ts'
import type { PreparedMigration } from '../../migrations/prepare/prepare.ts'
import type { StatementMode } from '../../migrations/prepare/units.ts'
import { lockName, locksOf, type LockLevel } from '../../sql/locks/locks.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { hideSecrets } from '../../sql/text/secrets.ts'
import type { Decision } from '../../reconcile/states/decide.ts'
import type { LateConflict } from '../../reconcile/late/late.ts'
import { reasonFor } from '../../reconcile/reason.ts'
import { placeOfLate } from '../../reconcile/refuse.ts'
import type { Intent, MigrationAssessment } from '../../reconcile/assessment.ts'
import { placeOfLoss, reasonOf, type FileLoss } from '../../reconcile/data-loss/data-loss.ts'
import type { PlannedObject } from './objects.ts'
import type { TableSize, TableSizes } from '../../reconcile/table-size.ts'

export type PlannedLock = {
  /** As the statement names it. */
  readonly table: string
  readonly level: LockLevel
  /** Undefined for a table that is not there yet. */
  readonly size: TableSize | undefined
}

type PlannedStatement = {
  readonly line: number
  /** Its lines, as far as a reader needs them. */
  readonly text: string
  readonly locks: readonly PlannedLock[]
}

export type PlannedLoss = {
  /** 'table customer', 'all rows of table customer' */
  readonly what: string
  /** Undefined in a file that the parser could not read. */
  readonly line: number | undefined
  readonly size: TableSize | undefined
  readonly verdict: FileLoss['verdict']['kind']
  readonly because: string
  /** What '@allow' would name. */
  readonly rule: string
}

export type PlannedMigration = {
  readonly reconciled: MigrationAssessment
  readonly reason: string
  /** Why it would run statement by statement; undefined for what runs in one transaction. */
  readonly statementModeReason: string | undefined
  /** Of a file that would run. */
  readonly statements: readonly PlannedStatement[]
  readonly hazards: readonly Finding[]
  /** What the database has now and the file would remove. */
  readonly losses: readonly PlannedLoss[]
  /** Files of higher numbers that the database has already, and with which it cannot change places. */
  readonly meets: readonly PlannedMeeting[]
}

export type PlannedMeeting = {
  readonly after: string
  readonly object: string
  readonly line: number | undefined
}

export type Plan = {
  readonly intent: Intent
  readonly migrations: readonly PlannedMigration[]
  readonly known: Decision['known']
  /** Why `run` would refuse. */
  readonly refusals: readonly Problem[]
  /** In tables that pending files touch; with DRIFT. */
  readonly drift?: readonly TableDrift[]
  /** Of migrations/objects, what is not as it was recorded. */
  readonly objects?: readonly PlannedObject[]
  /** The tool that the folder was made for. */
  readonly dialect?: DialectSeen | undefined
}

export const nothingToDo = (
  intent: Intent,
  known: Decision['known'],
  refusals: readonly Problem[],
): Plan => ({
  intent,
  migrations: [],
  known,
  refusals,
})

export type PlanParts = {
  readonly intent: Intent
  readonly history: History
  readonly reconciled: readonly MigrationAssessment[]
  readonly known: Decision['known']
  readonly refusals: readonly Problem[]
  /** Those that an earlier run began, with the number of their statements that are done. */
  readonly begun: readonly { readonly migration: Migration; readonly done: number }[]
  /** What would run, read by the parser. */
  readonly prepared: readonly PreparedMigration[]
  readonly sizes: TableSizes
  readonly findings: ReadonlyMap<MigrationVersion, readonly Finding[]>
  readonly losses: readonly FileLoss[]
  readonly drift: readonly TableDrift[]
  readonly conflicts: readonly LateConflict[]
}

export const makePlan = (parts: PlanParts): Plan => {
  const { history, reconciled, begun, prepared, findings, sizes, losses, conflicts, ...rest } =
    parts
  const read = new Map(history.migrations.map((each) => [each.migration.version, each]))
  const modes = new Map(
    prepared.map(({ migration, statementMode }) => [migration.version, statementMode]),
  )
  const planned = (each: MigrationAssessment, reason: string, done = 0): PlannedMigration => {
    const { migration, action } = each
    const own = read.get(migration.version)
    const runs = action === 'run' && own !== undefined
    return {
      reconciled: each,
      reason,
      statementModeReason: runs ? modes.get(migration.version)?.because : undefined,
      statements: runs ? statementsOf(own, sizes, isLeft(modes.get(migration.version), done)) : [],
      hazards: runs ? (findings.get(migration.version) ?? []) : [],
      losses: losses.flatMap((loss) =>
        loss.migration.version === migration.version ? [plannedLoss(loss, history)] : [],
      ),
      meets: conflicts
        .filter((conflict) => conflict.migration.version === migration.version)
        .flatMap(({ conflictingObjects }) => conflictingObjects)
        .map((meeting) => ({
          after: meeting.after.file,
          object: meeting.object,
          line: placeOfLate(migration.version, meeting, history)?.line,
        })),
    }
  }
  return {
    migrations: [
      ...begun.map(({ migration, done }) =>
        planned(asInterrupted(migration), `an earlier run of it stopped with ${done} done`, done),
      ),
      ...reconciled.map((each) => planned(each, reasonFor(each))),
    ],
    ...rest,
  }
}

const plannedLoss = (loss: FileLoss, history: History): PlannedLoss => {
  const { what, size, verdict, rule } = loss
  const line = placeOfLoss(loss, history)?.line
  return { what, line, size, verdict: verdict.kind, because: reasonOf(loss, history), rule }
}

const asInterrupted = (migration: Migration): MigrationAssessment => ({
  ...{ migration, outOfOrder: false, state: 'interrupted', action: 'run' },
  ...{ items: [], fingerprintResults: [], opaqueReasons: [], data: [], rerunRisks: [] },
  ...{ inferredFrom: undefined, doubt: undefined, renamed: [] },
})

/** Tells by where a statement starts whether it is behind the first `done` ones. */
const isLeft = (mode: StatementMode | undefined, done: number): ((start: number) => boolean) => {
  const doneStarts = new Set(
    mode?.units
      .flatMap(({ statements }) => statements)
      .flatMap(({ number, start }) => (number < done ? [start] : [])),
  )
  return (start) => !doneStarts.has(start)
}

const statementsOf = (
  { migration: { file, text }, statements = [] }: ReadMigration,
  sizes: TableSizes,
  runs: (start: number) => boolean,
): readonly PlannedStatement[] => {
  // Before anything is cut: what is left of a literal would not be seen as one.
  const shown = hideSecrets(text)
  return statements
    .filter(({ start }) => runs(start))
    .map(({ node, start, end }) => {
      const whole = text.slice(start, end)
      const index = start + (/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(whole)?.[0].length ?? 0)
      return {
        line: placeAt(file, text, index).line,
        text: inBrief(shown.slice(index, end)),
        locks: locksOf(node).map(({ relation, level }) => {
          const table = lockName({ relation, level })
          return { table, level, size: sizes.get(table) }
        }),
      }
    })
}

const mostLines = 20
const widestLine = 200

/** Its own lines, moved to the left together; of a long text the beginning. */
const inBrief = (statement: string): string => {
  const lines = statement.trimEnd().split('\n')
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]))
  const common = Math.min(...indents, 80)
  const shown = lines
    .map((line, at) => (at === 0 ? line : line.slice(common)).trimEnd())
    .map((line) => (line.length > widestLine ? `${line.slice(0, widestLine - 1)}…` : line))
  const kept = shown.slice(0, mostLines)
  const more = shown.length - kept.length
  return [...kept, ...(more > 0 ? [`… and ${more} more lines`] : [])].join('\n')
}

/** Every table that a statement of these files locks, once. */
export const lockedTables = (
  { migrations }: History,
  files: readonly Migration[],
): readonly string[] => {
  const versions = new Set(files.map(({ version }) => version))
  return [
    ...new Set(
      migrations
        .filter(({ migration }) => versions.has(migration.version))
        .flatMap(({ statements = [] }) => statements.flatMap(({ node }) => locksOf(node)))
        .map(lockName),
    ),
  ]
}
