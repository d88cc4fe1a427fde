// Databases as values: what each facet is, in words, so that tests of recognising need no server. The words are those of
// effect-lines.ts, on both sides of every comparison.

import { isComparable } from '../../../src/catalog/comparison/catalog-query.ts'
import { describeObject, type Property } from '../../../src/schema/effects/effect.ts'
import type { Change, Timeline, Value } from '../../../src/schema/history/model/timeline.ts'
import { readHistory, type History } from '../../../src/schema/history/history.ts'
import type { Evidence } from '../../../src/reconcile/evidence.ts'
import { ofKind, planMigrations } from '../../../src/reconcile/states/plan.ts'
import { reconcile } from '../../../src/reconcile/reconcile.ts'
import type {
  Intent,
  MigrationAssessment,
  FingerprintResult,
} from '../../../src/reconcile/assessment.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'
import { readDirectives } from '../../../src/migrations/directives/directives.ts'
import { aMigration, aRowOf } from '../a-migration.ts'
import { showDefinition } from '../schema/effects/effect-lines.ts'

const parse = await loadParser()

/** 'column t.a type' → 'int4'; what is not there has no entry. */
export type Database = Readonly<Record<string, string>>

/** As 1_a.sql, 2_a.sql, … with the directives at their tops. */
export const aHistory = (files: readonly string[]): History =>
  readHistory(
    files.map((text, index) => {
      const entry = `${index + 1}_a.sql`
      const { directives, problems } = readDirectives(`migrations/${entry}`, text)
      if (problems.length > 0) throw new Error(problems.map(({ title }) => title).join('\n'))
      return aMigration(entry, text, directives)
    }),
    { parse },
  )

const nameOf = ({ object, property }: Pick<Timeline, 'object' | 'property'>): string =>
  `${describeObject(object)} ${property}`

const wordsOf = (value: Value): string | undefined =>
  value.kind === 'defined' ? showDefinition(value.definition) : undefined

/** The database after these files. */
export const madeBy = (...files: readonly string[]): Database =>
  Object.fromEntries(
    aHistory(files).timelines.flatMap((timeline) => {
      const value = timeline.changes.at(-1)?.value ?? timeline.before
      return value.kind === 'absent' ? [] : [[nameOf(timeline), wordsOf(value) ?? '(something)']]
    }),
  )

export const nothing: Database = {}

export const without = (database: Database, ...objects: readonly string[]): Database =>
  Object.fromEntries(
    Object.entries(database).filter(
      ([name]) => !objects.some((object) => name.startsWith(`${object} `)),
    ),
  )

export const evidenceOf = ({ timelines }: History, database: Database): readonly Evidence[] =>
  timelines.filter(isComparable).map((timeline) => {
    const expected = timeline.changes.map(({ value }) => wordsOf(value))
    const found = foundIn(database, timeline)
    return { timeline, found, expected, matches: expected.map((words) => matches(words, found)) }
  })

const matches = (words: string | undefined, found: string | undefined): boolean =>
  words !== undefined && words === found

// The catalog says of every label of an enum that is there whether it is among its labels.
const foundIn = (database: Database, timeline: Timeline): string | undefined => {
  const isOfEnum =
    timeline.property.startsWith('label ') &&
    database[`${describeObject(timeline.object)} labels`] !== undefined
  return database[nameOf(timeline)] ?? (isOfEnum ? 'absent' : undefined)
}

export type Circumstances = {
  /** Versions that the ledger has. */
  readonly recorded?: readonly number[]
  /** By the text of the query. */
  readonly fingerprintResults?: Readonly<Record<string, boolean>>
  readonly intent?: Intent
}

export const assessmentsOf = (
  files: readonly string[],
  database: Database,
  { recorded = [], fingerprintResults = {}, intent = 'run' }: Circumstances = {},
): readonly MigrationAssessment[] => {
  const history = aHistory(files)
  const migrations = history.migrations.map(({ migration }) => migration)
  const rows = migrations
    .filter(({ version }) => recorded.includes(Number(version)))
    .map((migration, index) => aRowOf(migration, { ordinal: index + 1 }))
  const answered = migrations
    .flatMap(({ directives }) => directives.fingerprints ?? [])
    .flatMap((fingerprint): readonly FingerprintResult[] =>
      fingerprint.kind === 'sql'
        ? [{ fingerprint, value: fingerprintResults[fingerprint.sql] ?? false }]
        : [],
    )
  return reconcile({
    history,
    pending: ofKind(planMigrations(migrations, rows), 'pending'),
    rows,
    evidence: evidenceOf(history, database),
    fingerprintResults: answered,
    intent,
  })
}

/** '2 partial: refuse' for each pending file. */
export const statesOf = (
  files: readonly string[],
  database: Database,
  circumstances: Circumstances = {},
): readonly string[] =>
  assessmentsOf(files, database, circumstances).map(
    ({ migration, state, action }) => `${migration.version} ${state}: ${action}`,
  )

/** A course of one facet by hand: at which file, how, and what it is then; undefined is absent, '?' unknown, '*' anything. */
export type Course = {
  readonly before?: string | undefined
  readonly changes: readonly (readonly [
    at: number,
    how: Change['how'],
    words: string | undefined,
  ])[]
  readonly property?: Property
}

const valueOf = (words: string | undefined): Value => {
  if (words === undefined) return { kind: 'absent' }
  if (words === '?') return { kind: 'unknown' }
  return words === '*'
    ? { kind: 'present' }
    : { kind: 'defined', definition: [{ kind: 'text', text: words }], path: undefined }
}

/** Evidence for a column t.a whose facet took this course, in a database where it is `found`. */
export const evidenceFor = (
  { before, changes, property = 'type' }: Course,
  found: string | undefined,
): Evidence => {
  const timeline: Timeline = {
    object: { kind: 'column', schema: 'public', table: 't', name: 'a' },
    property,
    on: undefined,
    named: 'by file',
    ofKey: false,
    before: valueOf(before),
    changes: changes.map(([at, how, words]) => ({
      at,
      how,
      value: valueOf(words),
      statement: 0,
      guard: 'none',
      inside: undefined,
    })),
  }
  const expected = timeline.changes.map(({ value }) => wordsOf(value))
  return { timeline, found, expected, matches: expected.map((words) => matches(words, found)) }
}
