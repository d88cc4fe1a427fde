// Which of the files that the ledger does not have are in the database anyway: asks the catalog what it must know
// for that, and lets reconcile/reconcile.ts decide.

import type { LedgerRow } from '../../../database/ledger/ledger-row.ts'
import type { Session } from '../../../database/session/session.ts'
import { objectKey, type ObjectName } from '../../../schema/effects/effect.ts'
import { problem, SchemagateError, type Problem } from '../../../errors/problem.ts'
import type { Analysis } from '../../../schema/history/analyse.ts'
import type { History, LoginPath } from '../../../schema/history/history.ts'
import { present, type Timeline } from '../../../schema/history/model/timeline.ts'
import type { Fingerprint, SqlCheck } from '../../../migrations/fingerprint.ts'
import type { Migration } from '../../../migrations/migration.ts'
import type { ClaimTrust } from '../../../reconcile/claims/check-claims.ts'
import type { Evidence } from '../../../reconcile/evidence.ts'
import type { StateOf } from '../../../reconcile/states/plan.ts'
import { isAbout, reconcile } from '../../../reconcile/reconcile.ts'
import type { Intent, MigrationAssessment } from '../../../reconcile/assessment.ts'
import { withRenamed } from '../../../reconcile/renamed/renamed.ts'
import { suspectsOf } from '../../../reconcile/renamed/suspects.ts'
import type { DriftItem } from '../../../reconcile/drift/item.ts'
import { driftOfWatched, type Watch } from '../../../reconcile/drift/watch.ts'
import { readEvidence } from '../../../catalog/read-evidence.ts'
import { readRenamed } from '../../../catalog/read-renamed.ts'
import { isComparable } from '../../../catalog/comparison/catalog-query.ts'
import { readNewDatabase, type NewDatabase } from '../../../catalog/facts/database-facts.ts'
import { withClaims, type TakeOver } from './take-over.ts'

export type PendingRequest = {
  readonly analysis: Analysis
  readonly pending: readonly StateOf<'pending'>[]
  readonly rows: readonly LedgerRow[]
  readonly loginPath: LoginPath
  readonly timeoutMs: number
  readonly ledgerSchema: string
  readonly intent: Intent
  readonly trust: ClaimTrust
  /** `rows` has what it claims, and `pending` the rest. */
  readonly takeOver: TakeOver | undefined
  readonly watch: Watch | undefined
}

export type PendingAssessed = {
  /** One for each pending or claimed migration, in their order. */
  readonly assessments: readonly MigrationAssessment[]
  /** Where the ledger is empty and the database has nothing of its own. */
  readonly newDatabase: NewDatabase | undefined
  /** Of the tables that are watched. */
  readonly drift: readonly DriftItem[]
  /** Has the database any that are enabled? Undefined where nothing was asked. */
  readonly eventTriggers: boolean | undefined
}

/**
 * Reads only.
 * Throws `fingerprint-failed`, `connection-lost`, `server-busy`, `server-refused`.
 */
export const assessPending = async (
  session: Session,
  request: PendingRequest,
): Promise<PendingAssessed> => {
  const { analysis, pending, rows, loginPath, timeoutMs, ledgerSchema, intent, watch } = request
  const { history, deparse } = analysis
  const looked = [...(request.takeOver?.claimed ?? []), ...pending]
  const whole = withNamedFingerprints(history, looked, loginPath)
  const checks = looked.flatMap(({ migration }) => sqlFingerprints(migration))
  const touched = touchedBy(whole, looked)
  // A new environment gets the whole history: of what is not there, nothing need be compared.
  const newDatabase = rows.length === 0 ? await readNewDatabase(session, ledgerSchema) : undefined
  const asked = newDatabase ? touched.filter(isGivenAtStart) : touched
  const found = await readEvidence(session, {
    timelines: [...asked, ...(watch?.timelines ?? [])],
    belongingsOf: watch?.tables ?? [],
    checks: checks.map(({ check }) => check.sql),
    deparse,
    timeoutMs,
    role: loginPath.role,
  })
  const { checkResults, existing, eventTriggers } = found
  const compared = found.evidence.slice(0, asked.length)
  const drift =
    watch === undefined
      ? []
      : driftOfWatched(watch, { evidence: found.evidence.slice(asked.length), existing })
  const evidence = newDatabase ? [...compared, ...absentOf(touched)] : compared
  const problems: Problem[] = []
  const answered = checks.flatMap(({ migration, check }, index) => {
    const result = checkResults[index]
    if (result?.kind === 'boolean') return [{ fingerprint: check, value: result.value }]
    const reason = result?.reason ?? 'the server left it out'
    const facts = { file: migration.file, directive: `@fingerprint ${check.text}`, reason }
    problems.push(problem('fingerprint-failed', facts, check.place))
    return []
  })
  if (problems.length > 0) throw new SchemagateError(problems)
  const seen = { history: whole, evidence, fingerprintResults: answered }
  const reconciled = reconcile({ ...seen, pending, rows, intent })
  // Beside a ledger, a file that is not recorded makes something new, however much that looks like what is there.
  const suspects = rows.length === 0 && !newDatabase ? suspectsOf(reconciled, whole) : []
  const renamed = await readRenamed(session, {
    ...{ suspects, known: keysOf(whole), deparse, timeoutMs, role: loginPath.role },
  })
  const assessments = withClaims(withRenamed(reconciled, renamed, intent), seen, request)
  return { assessments, newDatabase, drift, eventTriggers }
}

const keysOf = ({ timelines }: History): ReadonlySet<string> =>
  new Set(timelines.map(({ object }) => objectKey(object)))

const sqlFingerprints = (
  migration: Migration,
): readonly { readonly migration: Migration; readonly check: SqlCheck }[] =>
  (migration.directives.fingerprints ?? []).flatMap((check) =>
    check.kind === 'sql' ? [{ migration, check }] : [],
  )

// A new database has schemas, an extension, and what is in the system's schemas.
const isGivenAtStart = ({ object: { kind, schema } }: Timeline): boolean =>
  kind === 'schema' || kind === 'extension' || isOfSystem(schema)

const isOfSystem = (schema: string): boolean =>
  schema.startsWith('pg_') || schema === 'information_schema'

const absentOf = (timelines: readonly Timeline[]): readonly Evidence[] =>
  timelines
    .filter((timeline) => !isGivenAtStart(timeline))
    .map((timeline) => ({
      timeline,
      found: undefined,
      matches: timeline.changes.map(() => false),
      expected: timeline.changes.map(() => undefined),
    }))

// Only what a pending file changes; and all of an object, because its properties are looked at together.
const touchedBy = (
  { migrations, timelines }: History,
  pending: readonly Pick<StateOf<'pending'>, 'migration'>[],
): readonly Timeline[] => {
  const versions = new Set(pending.map(({ migration }) => migration.version))
  const places = new Set(
    migrations.flatMap(({ migration }, at) => (versions.has(migration.version) ? [at] : [])),
  )
  const touched = new Set(
    timelines
      .filter(({ changes }) => changes.some(({ at }) => places.has(at)))
      .map(({ object }) => object),
  )
  return timelines.filter((timeline) => touched.has(timeline.object) && isComparable(timeline))
}

/** A fingerprint that names what the file's own SQL does not show: a piece of evidence for its being there. */
export const withNamedFingerprints = (
  history: History,
  pending: readonly Pick<StateOf<'pending'>, 'migration'>[],
  { schemas, existing }: LoginPath,
): History => {
  const versions = new Set(pending.map(({ migration }) => migration.version))
  const shown = (at: number, fingerprint: Fingerprint): boolean =>
    history.timelines.some(
      ({ object, changes }) =>
        isAbout(fingerprint, object) && changes.some((change) => change.at === at),
    )
  const added = history.migrations.flatMap(({ migration }, at) =>
    versions.has(migration.version)
      ? (migration.directives.fingerprints ?? []).flatMap((fingerprint) =>
          fingerprint.kind === 'sql' || shown(at, fingerprint)
            ? []
            : [
                namedTimeline(
                  objectOf(
                    fingerprint,
                    schemas.find((each) => existing.includes(each)) ?? 'public',
                  ),
                  at,
                ),
              ],
        )
      : [],
  )
  return added.length === 0 ? history : { ...history, timelines: [...history.timelines, ...added] }
}

const objectOf = (
  { kind, schema, table, name }: Exclude<Fingerprint, SqlCheck>,
  defaultSchema: string,
): ObjectName => ({ kind, schema: schema === '' ? defaultSchema : schema, table, name })

// Its change is in no statement: -1.
const namedTimeline = (object: ObjectName, at: number): Timeline => ({
  object,
  property: 'existence',
  on: undefined,
  named: 'by file',
  ofKey: false,
  before: { kind: 'absent' },
  // Nor does anybody know whether what makes it is guarded.
  changes: [{ at, statement: -1, value: present, how: 'create', guard: 'none', inside: undefined }],
})
