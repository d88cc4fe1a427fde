// Why a run is refused for what the database has: half of a migration, or something else under its name.

import { describeObject } from '../schema/effects/effect.ts'
import type { Difference } from '../errors/state-problems.ts'
import { problem, type Place, type Problem } from '../errors/problem.ts'
import type { History } from '../schema/history/history.ts'
import type { Migration, MigrationVersion } from '../migrations/migration.ts'
import type { Change } from '../schema/history/timeline.ts'
import { placeAt } from '../sql/offsets.ts'
import type { LateConflict, Meeting } from './late/late.ts'
import type { Harm } from './repeat.ts'
import type { Piece, Reconciled, SqlAnswer } from './reconciled.ts'

/** `auto`: in their order where that matters. */
export type Order = 'any' | 'auto' | 'strict'

export type Late = { readonly order: Order; readonly conflicts: readonly LateConflict[] }

export const refusalsOf = (
  reconciled: readonly Reconciled[],
  history: History,
  { order, conflicts }: Late,
): readonly Problem[] =>
  reconciled.flatMap((each, at): readonly Problem[] => {
    if (each.action === 'refuse') return [refusal(each, history)]
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
const outOfOrder = ({ file, version }: Migration, at: number, { migrations }: History) => {
  const last = migrations.at(-1)?.migration
  const next = BigInt(last?.version ?? version) + 1n + BigInt(at)
  const to = file.replace(/\d+(?=[_-][^/]*$)/, (digits) => `${next}`.padStart(digits.length, '0'))
  return { file, version, after: last?.file ?? '', moves: [{ from: file, to }] }
}

const lateProblem = (
  { migration: { file, version }, meetings, moves }: LateConflict,
  history: History,
): Problem => {
  const meets = meetings.map(({ after, object }) => ({ after: after.file, object }))
  return problem(
    'late-conflict',
    { file, version, meets, moves },
    placeOfLate(version, meetings[0], history),
  )
}

/** Where the late file first meets the other. */
export const placeOfLate = (
  version: MigrationVersion,
  meeting: Meeting | undefined,
  history: History,
): Place | undefined => {
  const at = history.migrations.findIndex(({ migration }) => migration.version === version)
  const statement = meeting?.statement
  return statement === undefined ? undefined : placeOfChange({ at, statement }, history)
}

const refusal = (
  { migration, state, pieces, answers, data, harm: repeats, doubt }: Reconciled,
  history: History,
): Problem => {
  const { file, version } = migration
  const place = (piece: Piece | undefined): Place | undefined =>
    piece && placeOfChange(piece.change, history)
  if (state === 'conflict') {
    const differing = pieces.filter(({ verdict }) => verdict === 'conflict')
    const differences = differing.map(differenceOf)
    return problem('conflicting-objects', { file, version, differences }, place(differing[0]))
  }
  const harm = worded(repeats, history, migration)
  const done = pieces.filter(({ verdict }) => verdict === 'done')
  const missing = pieces.filter(({ verdict }) => verdict !== 'done')
  if (state === 'present') {
    const changes = worded(data, history, migration)
    const facts = { file, version, there: named(done), missing: [], harm: changes, doubt }
    return problem('undecided', facts, harmPlace(data, history, migration))
  }
  if (state === 'opaque' || state === 'absent') {
    const absent = state === 'absent' ? named(missing) : []
    const facts = { file, version, there: [], missing: absent, harm, doubt }
    return problem('undecided', facts, harmPlace(repeats, history, migration))
  }
  const blocking = pieces.find(({ rerun }) => rerun !== 'safe')
  const facts = {
    ...{ file, version, harm },
    present: [...named(done), ...answered(answers, true)],
    missing: [...named(missing), ...answered(answers, false)],
  }
  return problem('partial-state', facts, place(blocking) ?? harmPlace(repeats, history, migration))
}

/** The fingerprints by query that say yes, or no. */
export const answered = (answers: readonly SqlAnswer[], value: boolean): readonly string[] =>
  answers.flatMap((each) => (each.value === value ? [each.fingerprint.text] : []))

const harmPlace = (
  [first]: readonly Pick<Harm, 'statement'>[],
  history: History,
  { version }: Migration,
): Place | undefined => {
  const at = history.migrations.findIndex(({ migration }) => migration.version === version)
  return first && placeOfChange({ at, statement: first.statement }, history)
}

// 'repeat UPDATE (line 3)'
const worded = (harm: readonly Harm[], history: History, migration: Migration): readonly string[] =>
  harm.map((each) => {
    const line = harmPlace([each], history, migration)?.line
    return line === undefined ? each.what : `${each.what} (line ${line})`
  })

/** Each object once, with what it is about where that is not the object as a whole; a whole table without its parts. */
export const named = (all: readonly Piece[]): readonly string[] => {
  const tables = new Set(
    all.flatMap(({ object: { kind, schema, name } }) =>
      kind === 'table' ? [`${schema}.${name}`] : [],
    ),
  )
  const pieces = all.filter(({ object: { schema, table } }) => !tables.has(`${schema}.${table}`))
  const makes = new Set(
    pieces.filter(({ facet }) => facet === 'existence' || facet === 'definition').map(keyOf),
  )
  return [
    ...new Set(
      pieces.map((piece) =>
        makes.has(keyOf(piece)) ? keyOf(piece) : `${keyOf(piece)} (${piece.facet})`,
      ),
    ),
  ]
}

const keyOf = ({ object }: Piece): string => describeObject(object)

const differenceOf = ({ object, facet, expected, found }: Piece): Difference => ({
  object: describeObject(object),
  facet,
  expected: expected ?? 'nothing',
  found: found ?? 'nothing',
})

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
