// What a migration promises, as an assertion that is in its own transaction, between its text and its ledger row: every
// object that it makes is there by definition, what it removes is gone, and its own checks say true.

import { describeObject, objectKey } from '../schema/effects/effect.ts'
import type { Place } from '../errors/problem.ts'
import type { Difference } from '../errors/run/state-problems.ts'
import type { History } from '../schema/history/history.ts'
import {
  isOvertaken,
  tableOf,
  unknown,
  type Change,
  type Promised,
  type Timeline,
} from '../schema/history/model/timeline.ts'
import type { SqlCheck } from '../migrations/fingerprint.ts'
import type { Migration } from '../migrations/migration.ts'
import { isAbout } from '../reconcile/reconcile.ts'
import { placeOfChange } from '../reconcile/refuse.ts'
import { changesLeft } from '../reconcile/verdict.ts'
import type { Deparse } from '../sql/tree/deparse.ts'
import { mayUndo } from '../sql/transaction/may-undo.ts'
import { readFailedChecks } from './failed-checks.ts'
import { raiseForChecks, raiseUnlessEqual } from './raise-differences.ts'
import {
  isComparable,
  fragmentsOf,
  type Candidate,
  type CatalogQuery,
} from './comparison/catalog-query.ts'
import { checksStatement } from './sql-check.ts'

export type Verification = {
  /** Statements for the message; '' when the file promises nothing. */
  readonly sql: string
  /** What of it is compared with the catalog. */
  readonly queries: readonly CatalogQuery[]
  /** Keys of the objects that the file changes. */
  readonly changes: readonly string[]
  /** From the finding of the error that it raises; `undefined` for what it does not say. */
  readonly failed: (finding: string | undefined) => FailedVerification | undefined
}

type FailedVerification = {
  readonly differences: readonly Difference[]
  /** Where the file says the first of them. */
  readonly place: Place | undefined
}

export type Known = {
  readonly history: History
  /** Places of migrations that the ledger has: what they have changed since is accepted. */
  readonly recorded: ReadonlySet<number>
  readonly deparse: Deparse
}

export type Verifying = {
  readonly migration: Migration
  /** Its place in the history. */
  readonly at: number
  /** What counts for a statement without a guard: that it ran without an error, or only what the database then has. */
  readonly verifiedBy: 'success' | 'comparison'
}

/** Goes through the history once, for any number of migrations. */
export const makeVerifier = (known: Known): ((verifying: Verifying) => Verification) => {
  const { timelines, promises } = known.history
  const changesAt = grouped(timelines, ({ changes }) => changes.map(({ at }) => at))
  const ofObject = grouped(timelines, ({ object }) => [objectKey(object)])
  const changedAt = grouped(timelines.filter(isComparable), ({ changes }) => [
    ...new Set(changes.map(({ at }) => at)),
  ])
  const promisedAt = grouped(promises, ({ at }) => [at])
  const isLasting = (each: Promised): boolean => {
    const related = [each.object, tableOf(each)].flatMap((one) => ofObject(objectKey(one)))
    return !isOvertaken(each, related, known.recorded)
  }
  const isOfKey = ({ object }: Promised): boolean =>
    ofObject(objectKey(object)).some(({ ofKey }) => ofKey)
  return (verifying) => {
    const { at } = verifying
    const promised = promisedAt(at)
      .filter(isLasting)
      .map((each) => ({ ...asTimeline(each), ofKey: isOfKey(each) }))
      .filter(isComparable)
    const queries = [...changedAt(at), ...promised].flatMap(
      (timeline) => queryOf(timeline, { ...known, ...verifying }) ?? [],
    )
    const changes = new Set(changesAt(at).map(({ object }) => objectKey(object)))
    return { ...verificationOf(verifying.migration, queries), queries, changes: [...changes] }
  }
}

const grouped = <One, Key>(
  all: readonly One[],
  keysOf: (one: One) => readonly Key[],
): ((key: Key) => readonly One[]) => {
  const groups = new Map<Key, One[]>()
  for (const one of all)
    for (const key of keysOf(one)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [one])
      else group.push(one)
    }
  return (key) => groups.get(key) ?? []
}

type PlacedQuery = CatalogQuery & { readonly place: Place | undefined }

const verificationOf = (
  migration: Migration,
  queries: readonly PlacedQuery[],
): Pick<Verification, 'sql' | 'failed'> => {
  const { fingerprints = [], verify = [] } = migration.directives
  const checks = [
    ...fingerprints.flatMap((each) => (each.kind === 'sql' ? [checkOf('@fingerprint', each)] : [])),
    ...verify.map((each) => checkOf('@verify', each)),
  ]
  const sql = [
    ...(queries.length === 0 ? [] : [raiseUnlessEqual(queries)]),
    ...(checks.length === 0
      ? []
      : [
          checksStatement(
            checks.map((check) => check.sql),
            raiseForChecks(queries.length),
          ),
        ]),
  ]
  const subjects: readonly Subject[] = [
    ...queries.map(({ object, property, place }) => ({
      object: describeObject(object),
      property,
      place,
    })),
    ...checks.map(({ words, place }) => ({ object: words, property: '', place })),
  ]
  return {
    sql: sql.join(';\n'),
    failed: (finding) => {
      const found = readFailedChecks(finding)
      if (found === undefined) return undefined
      const differences = found.map(({ id, expected, found: has }) => ({
        object: subjects[id]?.object ?? '',
        facet: subjects[id]?.property ?? '',
        expected,
        found: has,
      }))
      return { differences, place: subjects[found[0].id]?.place }
    },
  }
}

type Subject = {
  readonly object: string
  readonly property: string
  readonly place: Place | undefined
}

const checkOf = (directive: string, { sql, text, place }: SqlCheck) => ({
  sql,
  words: `${directive} ${text}`,
  place,
})

const asTimeline = ({ at, statement, value, ...named }: Promised): Timeline => ({
  ...named,
  ofKey: false,
  before: unknown,
  changes: [{ at, statement, value, how: 'create', guard: 'if not exists', inside: undefined }],
})

const queryOf = (timeline: Timeline, request: Known & Verifying): PlacedQuery | undefined => {
  const { migration, at, history, recorded, deparse } = request
  const { object, property, named, on, ofKey, changes } = timeline
  const left = changesLeft(changes)
  const own = left.find((change) => change.at === at)
  if (own === undefined || own.how === 'follow' || own.value.kind === 'unknown') return undefined
  const { fingerprints } = migration.directives
  if (fingerprints === undefined && provesItself(own, request)) return undefined
  if (fingerprints === undefined && isInDoubt(own, request)) return undefined
  if (fingerprints !== undefined && !fingerprints.some((each) => isAbout(each, object)))
    return undefined
  const later = left.filter((change) => change.at > at && recorded.has(change.at))
  const allowed = [own, ...later]
  const candidates = allowed.map((change) => candidateOf(change, timeline, deparse))
  const accepts = allowed.flatMap(({ value }, index): ('absent' | 'present')[] => {
    if (value.kind === 'absent') return ['absent']
    return candidates[index] === undefined ? ['present'] : []
  })
  return {
    object,
    property,
    named,
    on,
    ofKey,
    candidates: candidates.flatMap((candidate) => candidate ?? []),
    accepts,
    place:
      fingerprints?.find((each) => isAbout(each, object))?.place ?? placeOfChange(own, history),
  }
}

/**
 * A statement that ran without an error has done what it says, unless it has a guard that may have let it do nothing, or
 * is next to something that the parser cannot see into.
 */
const provesItself = (
  { statement, how, guard }: Change,
  { at, history, verifiedBy }: Known & Verifying,
): boolean => {
  const { statements = [] } = history.migrations[at] ?? {}
  return (
    verifiedBy === 'success' &&
    // What only a fingerprint names is in no statement.
    statement >= 0 &&
    statements.every(
      ({ opaqueReason }) => opaqueReason === undefined || harmless.includes(opaqueReason),
    ) &&
    (guard === 'none' || guard === 'or replace' || (guard === 'if exists' && how === 'drop'))
  )
}

// What it made may have been renamed or dropped since, in the same file: nobody can tell from what the database then has. That it
// removed something tells: who makes it there again undoes the file.
const isInDoubt = ({ statement, value }: Change, { at, history }: Known & Verifying): boolean =>
  value.kind !== 'absent' &&
  statement >= 0 &&
  (history.migrations[at]?.statements ?? []).slice(statement + 1).some(({ node }) => mayUndo(node))

// They run nobody's code, and change nothing that is compared.
const harmless: readonly string[] = ['GRANT or REVOKE', 'Alter Owner', 'Alter Default Privileges']

const candidateOf = (
  { value }: Change,
  { object }: Timeline,
  deparse: Deparse,
): Candidate | undefined => {
  if (value.kind !== 'defined') return undefined
  const fragments = fragmentsOf(value.definition, object, deparse)
  return fragments && { path: value.path, fragments }
}
