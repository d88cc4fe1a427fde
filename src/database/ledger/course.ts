// What became of each migration of a run: kept by the one who starts it, written down by those who do it. However the run
// ends, and whatever is thrown below, its outcome is made from this, so that nothing that was done can be denied.

import type { TableDrift } from '../../events/drift.ts'
import type { ObjectChange } from '../../events/objects.ts'
import type { Session } from '../session/session.ts'
import type { ReconciledRecord } from './record.ts'
import type { Migration, MigrationVersion } from '../../migrations/migration.ts'

export type AppliedMigration = { readonly migration: Migration; readonly durationMs: number }

export type StatementsDone = { readonly done: number; readonly of: number }

export type Course = {
  /** A UUID. */
  readonly runId: string
  readonly startedAtMs: number
  /** How many were recorded before; undefined as long as the ledger was not read. */
  recorded: number | undefined
  /** Versions in the ledger that this image has no file for. */
  unknown: readonly string[]
  /** What there is to do, in its order, as the ledger says; also what is then done of it. */
  pending: readonly Migration[]
  readonly reconciled: ReconciledRecord[]
  readonly applied: AppliedMigration[]
  /** Of those that are defined once. */
  readonly objects: ObjectChange[]
  /** Not as the recorded files make it, in tables that pending files touch; with DRIFT. */
  drift: readonly TableDrift[]
  /** The one that is under way, or did not go through. */
  at: Migration | undefined
  /** Of files that run statement by statement, from their first message on. */
  readonly statements: Map<MigrationVersion, StatementsDone>
  /** Sent to the server, which may commit them or have done so: what became of them is not written down here yet. */
  readonly sent: Set<MigrationVersion>
}

export const startCourse = (runId: string): Course => ({
  runId,
  startedAtMs: performance.now(),
  recorded: undefined,
  unknown: [],
  pending: [],
  reconciled: [],
  applied: [],
  objects: [],
  drift: [],
  at: undefined,
  statements: new Map(),
  sent: new Set(),
})

/**
 * The session, for messages that write what becomes of these migrations. An error tells that nothing came of a message. Its
 * success is known only when it is noted, unless they run statement by statement: how many of those are done is noted after each.
 */
export const sessionFor = (
  migrations: readonly Migration[],
  session: Session,
  { sent, statements }: Course,
): Session => ({
  ...session,
  send: async (...message) => {
    if (message[0] === 'ROLLBACK') return session.send(...message)
    for (const { version } of migrations) sent.add(version)
    const reply = await session.send(...message)
    for (const { version } of migrations)
      if (reply.kind === 'server error' || (reply.kind === 'done' && statements.has(version)))
        sent.delete(version)
    return reply
  },
})

/** What the ledger says, less what this run itself has written there. */
export const noteRecorded = (
  course: Course,
  { recorded, unknown }: { readonly recorded: number; readonly unknown: readonly string[] },
): void => {
  course.recorded = recorded - course.applied.length - course.reconciled.length
  course.unknown = unknown
}

export const noteApplied = (course: Course, migration: Migration, durationMs: number): void => {
  course.applied.push({ migration, durationMs })
  course.sent.delete(migration.version)
  course.at = undefined
}

/** Recorded as running, with so many of its statements done. */
export const noteStatements = (
  { statements, sent }: Course,
  { version }: Migration,
  done: StatementsDone,
): void => {
  statements.set(version, done)
  sent.delete(version)
}

export const noteReconciled = (course: Course, records: readonly ReconciledRecord[]): void => {
  course.reconciled.push(...records)
  for (const { migration } of records) course.sent.delete(migration.version)
}

/** What is neither applied nor reconciled, in the order of `pending`. */
export type Undone = {
  /** The next run finds out whether they are in the database. */
  readonly inDoubt: readonly Migration[]
  /** Recorded as running: the next run goes on from there. */
  readonly partlyDone: readonly (StatementsDone & { readonly migration: Migration })[]
  readonly notAttempted: readonly Migration[]
}

export const undoneOf = ({
  pending,
  reconciled,
  applied,
  at,
  statements,
  sent,
}: Course): Undone => {
  const done = new Set([...reconciled, ...applied].map(({ migration: { version } }) => version))
  const undone = pending.filter(({ version }) => !done.has(version))
  return {
    inDoubt: undone.filter(({ version }) => sent.has(version)),
    partlyDone: undone.flatMap((migration) => {
      const found = statements.get(migration.version)
      return found === undefined ? [] : [{ migration, ...found }]
    }),
    notAttempted: undone.filter(
      ({ version }) => !sent.has(version) && !statements.has(version) && version !== at?.version,
    ),
  }
}

/** Has it changed anything, or may it have? */
export const hasBegun = ({ reconciled, applied, objects, statements, sent }: Course): boolean =>
  reconciled.length + applied.length + objects.length + statements.size + sent.size > 0

/** Completes the sentence 'stopped by SIGTERM …'. */
export const whereItIs = (course: Course): string => {
  if (course.at !== undefined) return `in ${course.at.file}`
  if (!hasBegun(course)) return 'before anything was applied'
  const [next] = undoneOf(course).notAttempted
  return next === undefined ? 'when everything was applied' : `before ${next.file}`
}
