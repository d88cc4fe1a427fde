// Files × ledger × catalog → what becomes of each migration that is not recorded: it is there already and is marked, it
// runs, or the run is refused. A pure function over values; the table is that of docs/design/recognition.md.

import type { LedgerRow } from '../database/ledger/ledger-row.ts'
import { objectKey, type ObjectName } from '../schema/effects/effect.ts'
import type { History, ReadMigration } from '../schema/history/history.ts'
import type { Change } from '../schema/history/timeline.ts'
import type { Fingerprint } from '../migrations/fingerprint.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Evidence } from './evidence.ts'
import { doubtBesideLedger } from './beside-ledger.ts'
import { placeInState } from './never-managed.ts'
import type { StateOf } from './plan.ts'
import type { Intent, Piece, Recogniser, Reconciled, SqlAnswer } from './reconciled.ts'
import { dataChanges, droppedData, repeatedData, replacesData } from './repeat.ts'
import { makes, shownState, tellingOf } from './shown-state.ts'
import { changesLeft, makeJudge } from './verdict.ts'

export type ReconcileRequest = {
  readonly history: History
  /** Files that the ledger does not have. */
  readonly pending: readonly StateOf<'pending'>[]
  readonly rows: readonly LedgerRow[]
  readonly evidence: readonly Evidence[]
  /** What the SQL fingerprints of the pending files answered. */
  readonly answers: readonly SqlAnswer[]
  readonly intent: Intent
}

export const reconcile = (request: ReconcileRequest): readonly Reconciled[] => {
  const recogniseAt = makeRecogniser(request)
  const found = request.history.migrations.flatMap((_, at) => recogniseAt(at, undefined) ?? [])
  if (request.rows.length > 0) return doubtBesideLedger(found, request.intent)
  return placeInState(found, recogniseAt, request.intent)
}

const makeRecogniser = (request: ReconcileRequest): Recogniser => {
  const { history, pending, rows, evidence, answers } = request
  // Of one that is running, nobody knows what of it is there.
  const versions = new Set(
    rows.flatMap(({ version, state }) => (state === 'running' ? [] : [version])),
  )
  const recorded = new Set(
    history.migrations.flatMap(({ migration }, at) =>
      versions.has(migration.version) ? [at] : [],
    ),
  )
  const judge = makeJudge(evidence, recorded)
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
  return (at, positions) => {
    const read = history.migrations[at]
    const late = read && outOfOrder.get(read.migration.version)
    if (read === undefined || late === undefined) return undefined
    const pieces = (touching.get(at) ?? []).flatMap(({ each, change }): readonly Piece[] => {
      const verdict =
        positions === undefined ? judge.alone(each, at) : judge.within(each, at, positions)
      if (verdict === 'none') return []
      const isBuilt = isConcurrentBuild(read, change)
      const isLeftover = isBuilt && invalid.has(objectKey(each.timeline.object))
      // A table that the history cannot explain is somebody's: it is not to be dropped for a file that nobody recorded.
      const isForeign =
        management === 'never managed' &&
        verdict === 'not done' &&
        each.found !== undefined &&
        replacesData(each, change) &&
        !judge.explains(each)
      const final = isForeign ? 'conflict' : isLeftover ? 'not done' : verdict
      const piece = pieceOf(each, change, final, present)
      return [isBuilt && final !== 'conflict' ? { ...piece, rerun: 'safe' } : piece]
    })
    const data = dataChanges(read.statements ?? [])
    const harm = [...repeatedData(data), ...droppedData(touching.get(at) ?? [])]
    const own = answers.filter(
      ({ fingerprint }) => read.migration.directives.fingerprints?.includes(fingerprint) ?? false,
    )
    const shown = given(read.migration, pieces)
    return recognise(read, {
      pieces: shown,
      answers: own,
      management,
      outOfOrder: late,
      data,
      harm,
    })
  }
}

const isInvalid = ({ timeline: { object, facet }, found }: Evidence): boolean =>
  object.kind === 'index' && facet === 'validation' && found === 'INVALID'

// It passes over an index that is there and valid, and builds anew one that is INVALID, whatever it was to be.
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

const pieceOf = (
  { timeline, found, expected }: Evidence,
  change: Change,
  verdict: Piece['verdict'],
  present: ReadonlySet<string>,
): Piece => ({
  object: timeline.object,
  facet: timeline.facet,
  verdict,
  change,
  expected: expectation(change, expected[timeline.changes.indexOf(change)]),
  found,
  rerun: rerunOf(change, verdict, present),
})

const expectation = ({ value }: Change, words: string | undefined): string | undefined =>
  value.kind === 'absent' ? undefined : (words ?? 'something of that name')

// What sets a value can set it again; what makes, takes away or renames trips over itself without a guard. And a guard that
// belongs to something that is there already keeps what is missing inside it from being made.
const rerunOf = (
  { how, guard, inside }: Change,
  verdict: Piece['verdict'],
  present: ReadonlySet<string>,
): Piece['rerun'] => {
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
const given = ({ directives }: Migration, pieces: readonly Piece[]): readonly Piece[] => {
  const { fingerprints } = directives
  if (fingerprints === undefined) return pieces
  return pieces.filter(({ object }) => fingerprints.some((each) => isAbout(each, object)))
}

/** Does a fingerprint that a file gives name this object? */
export const isAbout = (fingerprint: Fingerprint, object: ObjectName): boolean =>
  fingerprint.kind === object.kind &&
  fingerprint.name.replaceAll(' ', '') === object.name.replaceAll(' ', '') &&
  fingerprint.table === object.table &&
  (fingerprint.schema === '' || fingerprint.schema === object.schema)

type Signs = Pick<Reconciled, 'pieces' | 'answers' | 'outOfOrder' | 'data' | 'harm'> & {
  readonly management: 'managed' | 'never managed'
}

const recognise = (
  { migration, statements = [] }: ReadMigration,
  { pieces, answers, management, outOfOrder, data, harm }: Signs,
): Reconciled => {
  const unseen = statements.flatMap((statement) => statement.unseen ?? [])
  const shown = shownState({ pieces, answers, unseen })
  // Nobody knows of a query what would complete it.
  const isAnswered = answers.some(({ value }) => value)
  const completes =
    !isAnswered && harm.length === 0 && pieces.every(({ rerun }) => rerun === 'safe')
  // What is there may have been made by hand, without what stands beside it. To do all of it again does no harm then; nor
  // does setting values that happen to be set already.
  const setsOnly = answers.length === 0 && !tellingOf(pieces).some(makes)
  const repeats =
    completes &&
    migration.directives.fingerprints === undefined &&
    unseen.every((each) => repeatable.has(each))
  const state =
    shown === 'present' && management === 'managed' && unseen.length > 0 && (setsOnly || repeats)
      ? 'opaque'
      : shown
  const action =
    state === 'present'
      ? 'mark'
      : state === 'conflict' || (state === 'partial' && !completes)
        ? 'refuse'
        : 'run'
  return {
    ...{ migration, outOfOrder, state, action, pieces, answers, unseen, data, harm },
    ...{ inferredFrom: undefined, doubt: undefined },
  }
}
