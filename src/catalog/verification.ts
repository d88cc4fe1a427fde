// What a migration promises, as an assertion that stands in its own transaction, between its text and its ledger row: every
// object that it makes is there by definition, what it takes away is gone, and its own checks say true.

import { literal } from '../database/literal.ts'
import { fenceStates } from '../database/sqlstate.ts'
import { describeObject } from '../effects/effect.ts'
import type { Place } from '../errors/problem.ts'
import type { Difference } from '../errors/state-problems.ts'
import type { History } from '../history/history.ts'
import {
  isOvertaken,
  unknown,
  type Change,
  type Promised,
  type Timeline,
} from '../history/timeline.ts'
import type { SqlCheck } from '../migrations/fingerprint.ts'
import type { Migration } from '../migrations/migration.ts'
import { isAbout } from '../plan/reconcile.ts'
import { placeOfChange } from '../plan/refuse.ts'
import { changesLeft } from '../plan/verdict.ts'
import type { Deparse } from '../sql/deparse.ts'
import { comparison } from './comparison.ts'
import { isAsked, keyName, keysOfIndexes, partsOf, type Candidate, type Probe } from './probe.ts'
import { askAll } from './sql-check.ts'

export type Verification = {
  /** Statements for the message; '' when the file promises nothing. */
  readonly sql: string
  /** From the detail of the error that it raises. */
  readonly failed: (detail: string | undefined) => FailedVerification
}

export type FailedVerification = {
  readonly differences: readonly Difference[]
  /** Where the file says the first of them. */
  readonly place: Place | undefined
}

export type VerificationRequest = {
  readonly migration: Migration
  /** Its place in the history. */
  readonly at: number
  readonly history: History
  /** Places of later migrations that the ledger has: what they changed since may stand. */
  readonly recorded: ReadonlySet<number>
  readonly deparse: Deparse
}

export const verificationOf = (request: VerificationRequest): Verification => {
  const { migration } = request
  const { fingerprints = [], verify = [] } = migration.directives
  const { timelines, promises } = request.history
  const promised = promises.filter(
    (each) => each.at === request.at && !isOvertaken(each, timelines, request.recorded),
  )
  const keys = keysOfIndexes(timelines)
  const probes = [...timelines, ...promised.map(asTimeline)]
    .filter(isAsked)
    .flatMap((timeline) => probeOf(timeline, request, keys) ?? [])
  const checks = [
    ...fingerprints.flatMap((each) => (each.kind === 'sql' ? [sayBy('@fingerprint', each)] : [])),
    ...verify.map((each) => sayBy('@verify', each)),
  ]
  const sql = [
    ...(probes.length === 0 ? [] : [comparison(probes, raiseForProbes, 'pass')]),
    ...(checks.length === 0
      ? []
      : [
          askAll(
            checks.map((check) => check.sql),
            raiseForChecks(probes.length),
          ),
        ]),
  ]
  const subjects: readonly Subject[] = [
    ...probes.map(({ object, facet, place }) => ({ object: describeObject(object), facet, place })),
    ...checks.map(({ words, place }) => ({ object: words, facet: '', place })),
  ]
  return {
    sql: sql.join(';\n'),
    failed: (detail) => {
      const found = JSON.parse(detail ?? '[]') as Failed[]
      const differences = found.map(({ id, expected, found: has }) => ({
        object: subjects[id]?.object ?? '',
        facet: subjects[id]?.facet ?? '',
        expected,
        found: has,
      }))
      return { differences, place: subjects[found[0]?.id ?? -1]?.place }
    },
  }
}

type Subject = {
  readonly object: string
  readonly facet: string
  readonly place: Place | undefined
}

const sayBy = (directive: string, { sql, text, place }: SqlCheck) => ({
  sql,
  words: `${directive} ${text}`,
  place,
})

const asTimeline = ({ at, statement, value, ...named }: Promised): Timeline => ({
  ...named,
  addedLabels: [],
  before: unknown,
  changes: [{ at, statement, value, how: 'create', guard: 'if not exists', inside: undefined }],
})

type Failed = { readonly id: number; readonly expected: string; readonly found: string }

const probeOf = (
  timeline: Timeline,
  { migration, at, history, recorded, deparse }: VerificationRequest,
  keys: ReadonlySet<string>,
): (Probe & { readonly place: Place | undefined }) | undefined => {
  const { object, facet, named, on, addedLabels, changes } = timeline
  const left = changesLeft(changes)
  const own = left.find((change) => change.at === at)
  if (own === undefined || own.how === 'follow' || own.value.kind === 'unknown') return undefined
  const { fingerprints } = migration.directives
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
    facet,
    named,
    on,
    ofKey: keys.has(keyName(object)),
    addedLabels,
    candidates: candidates.flatMap((candidate) => candidate ?? []),
    accepts,
    place:
      fingerprints?.find((each) => isAbout(each, object))?.place ?? placeOfChange(own, history),
  }
}

const candidateOf = (
  { value }: Change,
  { object }: Timeline,
  deparse: Deparse,
): Candidate | undefined => {
  if (value.kind !== 'defined') return undefined
  const parts = partsOf(value.definition, object, deparse)
  return parts && { path: value.path, parts }
}

const raise = (detail: string): string => `
  IF ${detail} IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = ${literal(fenceStates.notVerified)}, MESSAGE = 'schemagate verification', DETAIL = ${detail}::text;
  END IF;`

const raiseForProbes = `
  SELECT jsonb_agg(jsonb_build_object('id', c -> 'id', 'found', coalesce(c ->> 'found', 'nothing'),
      'expected', CASE WHEN c -> 'accepts' ? 'absent' THEN 'nothing' ELSE coalesce(c -> 'expected' ->> 0, 'something of that name') END))
    INTO compared FROM jsonb_array_elements(compared) c
    WHERE c -> 'matches' = '[]' AND NOT coalesce(c -> 'accepts' ? CASE WHEN c ->> 'found' IS NULL THEN 'absent' ELSE 'present' END, false);
  ${raise('compared')}`

const raiseForChecks = (offset: number): string => `
  SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('id', (a ->> 'id')::int + ${offset}, 'expected', 'true',
      'found', coalesce(a ->> 'value', a ->> 'error')))
    INTO answered FROM pg_catalog.jsonb_array_elements(answered) a WHERE a -> 'value' IS DISTINCT FROM 'true';
  ${raise('answered')}`
