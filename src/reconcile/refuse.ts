// Why a run is refused for what the database has: half of a migration, or something else under its name.

import { describeObject } from '../schema/effects/effect.ts'
import { problem, type Place, type Problem } from '../errors/problem.ts'
import type { History } from '../schema/history/history.ts'
import { renamedBehind, renamedFile } from '../migrations/file-name.ts'
import type { Migration, MigrationVersion } from '../migrations/migration.ts'
import type { Change } from '../schema/history/model/timeline.ts'
import { refusedClaim } from './claims/refused-claim.ts'
import { differenceOf } from './difference.ts'
import { placeAt } from '../sql/text/offsets.ts'
import type { LateConflict, ConflictingObject } from './late/late.ts'
import { fingerprintFor, renameBack } from './renamed/renamed.ts'
import type { RerunRisk } from './repeat.ts'
import type { EvidenceItem, MigrationAssessment, FingerprintResult } from './assessment.ts'

/** `auto`: in their order where that matters. */
export type Order = 'any' | 'auto' | 'strict'

export type Late = { readonly order: Order; readonly conflicts: readonly LateConflict[] }

export const refusalsOf = (
  assessments: readonly MigrationAssessment[],
  history: History,
  { order, conflicts }: Late,
): readonly Problem[] =>
  assessments.flatMap((each, at): readonly Problem[] => {
    if (each.action === 'refuse')
      return [each.claim === undefined ? refusal(each, history) : refusedClaim(each, each.claim)]
    const { version } = each.migration
    if (order === 'strict' && each.outOfOrder && each.action === 'run')
      return [problem('out-of-order', outOfOrder(each.migration, at, history))]
    return order === 'auto'
      ? conflicts
          .filter(({ migration }) => migration.version === version)
          .map((conflict) => lateProblem(conflict, history))
      : []
  })

// All files count for the next free number; `at` keeps two late ones apart.
const outOfOrder = ({ file, name, version }: Migration, at: number, { migrations }: History) => {
  const last = migrations.at(-1)?.migration
  if (!/^\d+$/.test(last?.version ?? version)) {
    const to = renamedBehind(
      migrations.map(({ migration }) => migration.name),
      name,
    )
    const moves = [{ from: file, to: renamedFile(file, { from: name, to }) }]
    return { file, version, after: last?.file ?? '', moves }
  }
  const next = BigInt(last?.version ?? version) + 1n + BigInt(at)
  const to = file.replace(/\d+(?=[_-][^/]*$)/, (digits) => `${next}`.padStart(digits.length, '0'))
  return { file, version, after: last?.file ?? '', moves: [{ from: file, to }] }
}

const lateProblem = (
  { migration: { file, version }, conflictingObjects, moves }: LateConflict,
  history: History,
): Problem => {
  const meets = conflictingObjects.map(({ after, object }) => ({ after: after.file, object }))
  return problem(
    'late-conflict',
    { file, version, meets, moves },
    placeOfLate(version, conflictingObjects[0], history),
  )
}

/** Where the late file first meets the other. */
export const placeOfLate = (
  version: MigrationVersion,
  conflict: ConflictingObject | undefined,
  history: History,
): Place | undefined => {
  const at = history.migrations.findIndex(({ migration }) => migration.version === version)
  const statement = conflict?.statement
  return statement === undefined ? undefined : placeOfChange({ at, statement }, history)
}

const refusal = (
  {
    migration,
    state,
    items,
    fingerprintResults,
    data,
    rerunRisks: repeats,
    doubt,
    renamed,
  }: MigrationAssessment,
  history: History,
): Problem => {
  const { file, version } = migration
  const place = (item: EvidenceItem | undefined): Place | undefined =>
    item && placeOfChange(item.change, history)
  if (renamed.length > 0) {
    const found = renamed.map((each) => ({
      ...{ object: describeObject(each.object), now: describeObject(each.now), why: each.why },
      fingerprint: fingerprintFor(each.object),
      back: renameBack(each),
    }))
    const item = items.find(({ object }) => object === renamed[0]?.object)
    return problem('renamed-by-hand', { file, version, renamed: found }, place(item))
  }
  if (state === 'conflict') {
    const differing = items.filter(({ verdict }) => verdict === 'conflict')
    const differences = differing.map(differenceOf)
    return problem('conflicting-objects', { file, version, differences }, place(differing[0]))
  }
  const rerunRisks = worded(repeats, history, migration)
  const done = items.filter(({ verdict }) => verdict === 'done')
  const missing = items.filter(({ verdict }) => verdict !== 'done')
  if (state === 'present') {
    const changes = worded(data, history, migration)
    const facts = { file, version, there: named(done), missing: [], harm: changes, doubt }
    return problem('undecided', facts, riskPlace(data, history, migration))
  }
  if (state === 'opaque' || state === 'absent') {
    const absent = state === 'absent' ? named(missing) : []
    const facts = { file, version, there: [], missing: absent, harm: rerunRisks, doubt }
    return problem('undecided', facts, riskPlace(repeats, history, migration))
  }
  const blocking = items.find(({ rerun }) => rerun !== 'safe')
  const facts = {
    ...{ file, version, harm: rerunRisks },
    present: [...named(done), ...answered(fingerprintResults, true)],
    missing: [...named(missing), ...answered(fingerprintResults, false)],
  }
  return problem('partial-state', facts, place(blocking) ?? riskPlace(repeats, history, migration))
}

/** The fingerprints by query that say yes, or no. */
export const answered = (
  fingerprintResults: readonly FingerprintResult[],
  value: boolean,
): readonly string[] =>
  fingerprintResults.flatMap((each) => (each.value === value ? [each.fingerprint.text] : []))

const riskPlace = (
  [first]: readonly Pick<RerunRisk, 'statement'>[],
  history: History,
  { version }: Migration,
): Place | undefined => {
  const at = history.migrations.findIndex(({ migration }) => migration.version === version)
  return first && placeOfChange({ at, statement: first.statement }, history)
}

// 'repeat UPDATE (line 3)'
const worded = (
  rerunRisks: readonly RerunRisk[],
  history: History,
  migration: Migration,
): readonly string[] =>
  rerunRisks.map((each) => {
    const line = riskPlace([each], history, migration)?.line
    return line === undefined ? each.what : `${each.what} (line ${line})`
  })

/** Each object once, with what it is about where that is not the object as a whole; a whole table without its parts. */
export const named = (all: readonly EvidenceItem[]): readonly string[] => {
  const tables = new Set(
    all.flatMap(({ object: { kind, schema, name } }) =>
      kind === 'table' ? [`${schema}.${name}`] : [],
    ),
  )
  const items = all.filter(({ object: { schema, table } }) => !tables.has(`${schema}.${table}`))
  const makes = new Set(
    items
      .filter(({ property }) => property === 'existence' || property === 'definition')
      .map(keyOf),
  )
  return [
    ...new Set(
      items.map((item) =>
        makes.has(keyOf(item)) ? keyOf(item) : `${keyOf(item)} (${item.property})`,
      ),
    ),
  ]
}

const keyOf = ({ object }: EvidenceItem): string => describeObject(object)

/** Of the statement that makes a change. */
export const placeOfChange = (
  { at, statement: number }: Pick<Change, 'at' | 'statement'>,
  { migrations }: History,
): Place | undefined => {
  const read = migrations[at]
  const statement = read?.statements?.[number]
  return (
    read &&
    statement &&
    placeAt(read.migration.file, read.migration.text, startOf(read.migration.text, statement.start))
  )
}

// A statement's text begins with the comments and line ends before it.
const startOf = (text: string, start: number): number => {
  const blank = /^(?:\s+|--[^\n]*\n?|\/\*[\s\S]*?\*\/)*/.exec(text.slice(start))
  return start + (blank?.[0].length ?? 0)
}
