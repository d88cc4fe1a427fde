// Files × ledger × catalog → what becomes of each migration that is not recorded: it already exists and is marked, it
// runs, or the run is refused. A pure function over values; the table is that of docs/design/recognition.md.

import type { LedgerRow } from '../database/ledger/ledger-row.ts'
import { objectKey, type ObjectName } from '../schema/effects/effect.ts'
import type { History, ReadMigration } from '../schema/history/history.ts'
import type { Change } from '../schema/history/model/timeline.ts'
import type { Fingerprint } from '../migrations/fingerprint.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Evidence } from './evidence.ts'
import { doubtBesideLedger } from './unrecorded/beside-ledger.ts'
import { inferFromState } from './unrecorded/never-managed.ts'
import type { StateOf } from './states/plan.ts'
import type {
  Intent,
  EvidenceItem,
  AssessAt,
  MigrationAssessment,
  FingerprintResult,
} from './assessment.ts'
import { dataChanges, droppedData, repeatedData, replacesData } from './repeat.ts'
import { makes, shownState, conclusiveItems } from './unrecorded/shown-state.ts'
import { changesLeft, makeEvaluator } from './verdict.ts'

export type ReconcileRequest = {
  readonly history: History
  /** Files that the ledger does not have. */
  readonly pending: readonly StateOf<'pending'>[]
  readonly rows: readonly LedgerRow[]
  readonly evidence: readonly Evidence[]
  /** What the SQL fingerprints of the pending files answered. */
  readonly fingerprintResults: readonly FingerprintResult[]
  readonly intent: Intent
}

export const reconcile = (request: ReconcileRequest): readonly MigrationAssessment[] => {
  const assessAt = makeAssessAt(request)
  const found = request.history.migrations.flatMap((_, at) => assessAt(at, undefined) ?? [])
  if (request.rows.length > 0) return doubtBesideLedger(found, request.intent)
  return inferFromState(found, assessAt, request.intent)
}

const makeAssessAt = (request: ReconcileRequest): AssessAt => {
  const { history, pending, rows, evidence, fingerprintResults } = request
  const evaluator = makeEvaluator(evidence, recordedPlaces(request))
  const present = new Set(
    evidence
      .filter(({ found }) => found !== undefined)
      .map(({ timeline }) => objectKey(timeline.object)),
  )
  const invalid = new Set(
    evidence.filter(isInvalid).map(({ timeline }) => objectKey(timeline.object)),
  )
  const touching = changesByPlace(evidence)
  const outOfOrder = new Map(pending.map((state) => [state.migration.version, state.outOfOrder]))
  const management = rows.length > 0 ? 'managed' : 'never managed'
  return (at, range) => {
    const read = history.migrations[at]
    const late = read && outOfOrder.get(read.migration.version)
    if (read === undefined || late === undefined) return undefined
    // What there is of it may be of any of its texts.
    if (read.migration.runs !== undefined) return runsAgain(read.migration)
    const items = (touching.get(at) ?? []).flatMap(({ each, change }): readonly EvidenceItem[] => {
      const verdict =
        range === undefined ? evaluator.byItself(each, at) : evaluator.within(each, at, range)
      if (verdict === 'none') return []
      const isBuilt = isConcurrentBuild(read, change)
      const isLeftover = isBuilt && invalid.has(objectKey(each.timeline.object))
      // A table that the history cannot explain is somebody's: it is not to be dropped for a file that nobody recorded.
      const isUnmanaged =
        management === 'never managed' &&
        verdict === 'not done' &&
        each.found !== undefined &&
        replacesData(each, change) &&
        !evaluator.explains(each)
      const final = isUnmanaged ? 'conflict' : isLeftover ? 'not done' : verdict
      const recurs = range !== undefined && evaluator.recurs(each, at, range)
      const item = itemOf(each, change, { verdict: final, recurs }, present)
      return [isBuilt && final !== 'conflict' ? { ...item, rerun: 'safe' } : item]
    })
    const data = dataChanges(read.statements ?? [])
    const rerunRisks = [...repeatedData(data), ...droppedData(touching.get(at) ?? [])]
    const own = fingerprintResults.filter(
      ({ fingerprint }) => read.migration.directives.fingerprints?.includes(fingerprint) ?? false,
    )
    const shown = given(read.migration, items)
    return assessmentOf(read, {
      items: shown,
      fingerprintResults: own,
      management,
      outOfOrder: late,
      data,
      rerunRisks,
    })
  }
}

const runsAgain = (migration: Migration): MigrationAssessment => ({
  ...{ migration, outOfOrder: false, state: 'absent', action: 'run' },
  ...{ items: [], fingerprintResults: [], opaqueReasons: [], data: [], rerunRisks: [] },
  ...{ inferredFrom: undefined, doubt: undefined, renamed: [] },
})

const recordedPlaces = ({ history, rows }: ReconcileRequest): ReadonlySet<number> => {
  // Of one that is running, it is unknown what exists.
  const versions = new Set(
    rows.flatMap(({ version, state }) => (state === 'running' ? [] : [version])),
  )
  return new Set(
    history.migrations.flatMap(({ migration }, at) =>
      versions.has(migration.version) ? [at] : [],
    ),
  )
}

const isInvalid = ({ timeline: { object, property }, found }: Evidence): boolean =>
  object.kind === 'index' && property === 'validation' && found === 'INVALID'

// It skips an index that is there and valid, and rebuilds one that is INVALID, whatever it was to be.
const isConcurrentBuild = ({ statements }: ReadMigration, { statement }: Change): boolean => {
  const node = statements?.[statement]?.node
  return node !== undefined && 'IndexStmt' in node && node.IndexStmt.concurrent === true
}

type Touch = { readonly each: Evidence; readonly change: Change }

const changesByPlace = (evidence: readonly Evidence[]): ReadonlyMap<number, readonly Touch[]> => {
  const found = new Map<number, Touch[]>()
  for (const each of evidence)
    for (const change of changesLeft(each.timeline.changes)) {
      if (change.how === 'follow') continue
      const touches = found.get(change.at) ?? []
      touches.push({ each, change })
      found.set(change.at, touches)
    }
  return found
}

const itemOf = (
  { timeline, found, expected }: Evidence,
  change: Change,
  { verdict, recurs }: Pick<EvidenceItem, 'verdict' | 'recurs'>,
  present: ReadonlySet<string>,
): EvidenceItem => ({
  ...{ object: timeline.object, property: timeline.property, verdict, recurs },
  change,
  expected: expectation(change, expected[timeline.changes.indexOf(change)]),
  found,
  rerun: rerunOf(change, verdict, present),
})

const expectation = ({ value }: Change, words: string | undefined): string | undefined =>
  value.kind === 'absent' ? undefined : (words ?? 'something of that name')

// What sets a value can set it again; what makes, removes or renames trips over itself without a guard. And a guard that
// belongs to something that already exists keeps what is missing inside it from being made.
const rerunOf = (
  { how, guard, inside }: Change,
  verdict: EvidenceItem['verdict'],
  present: ReadonlySet<string>,
): EvidenceItem['rerun'] => {
  if (how === 'alter' || how === 'replace') return 'safe'
  if (guard === 'none') return how === 'create' || verdict === 'done' ? 'fails' : 'safe'
  return verdict !== 'done' && inside !== undefined && present.has(objectKey(inside))
    ? 'without effect'
    : 'safe'
}

// Of an INSERT that is not guarded there is harm besides.
const repeatable: ReadonlySet<string> = new Set([
  'INSERT',
  'GRANT or REVOKE',
  'Alter Owner',
  'Alter Default Privileges',
])

// Fingerprints that the file gives replace what is derived from its SQL.
const given = (
  { directives }: Migration,
  items: readonly EvidenceItem[],
): readonly EvidenceItem[] => {
  const { fingerprints } = directives
  if (fingerprints === undefined) return items
  return items.filter(({ object }) => fingerprints.some((each) => isAbout(each, object)))
}

/** Does a fingerprint that a file gives name this object? */
export const isAbout = (fingerprint: Fingerprint, object: ObjectName): boolean =>
  fingerprint.kind === object.kind &&
  fingerprint.name.replaceAll(' ', '') === object.name.replaceAll(' ', '') &&
  fingerprint.table === object.table &&
  (fingerprint.schema === '' || fingerprint.schema === object.schema)

type Signs = Pick<
  MigrationAssessment,
  'items' | 'fingerprintResults' | 'outOfOrder' | 'data' | 'rerunRisks'
> & {
  readonly management: 'managed' | 'never managed'
}

const assessmentOf = (
  { migration, statements = [] }: ReadMigration,
  { items, fingerprintResults, management, outOfOrder, data, rerunRisks }: Signs,
): MigrationAssessment => {
  const opaqueReasons = statements.flatMap((statement) => statement.opaqueReason ?? [])
  const counting = management === 'never managed' && rerunRisks.length > 0 ? 'all' : 'what it makes'
  const shown = shownState({ items, fingerprintResults, opaqueReasons, counting })
  // For a query, it is unknown what would complete it.
  const isConfirmed = fingerprintResults.some(({ value }) => value)
  const completes =
    !isConfirmed && rerunRisks.length === 0 && items.every(({ rerun }) => rerun === 'safe')
  // What is there may have been made by hand, without what is next to it. To do all of it again does no harm then; nor
  // does setting values that happen to be set already.
  const setsOnly = fingerprintResults.length === 0 && !conclusiveItems(items).some(makes)
  const repeats =
    completes &&
    migration.directives.fingerprints === undefined &&
    opaqueReasons.every((each) => repeatable.has(each))
  const state =
    shown === 'present' &&
    management === 'managed' &&
    opaqueReasons.length > 0 &&
    (setsOnly || repeats)
      ? 'opaque'
      : shown
  const action =
    state === 'present'
      ? 'mark'
      : state === 'conflict' || (state === 'partial' && !completes)
        ? 'refuse'
        : 'run'
  return {
    ...{
      migration,
      outOfOrder,
      state,
      action,
      items,
      fingerprintResults,
      opaqueReasons,
      data,
      rerunRisks,
    },
    ...{ inferredFrom: undefined, doubt: undefined, renamed: [] },
  }
}
