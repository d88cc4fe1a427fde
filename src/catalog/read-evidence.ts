// Timelines to evidence: makes the queries, asks the server, and lays the answers beside the changes they are about.

import type { Session } from '../database/session/session.ts'
import type { Definition, ObjectName, RelationName } from '../schema/effects/effect.ts'
import { unknown, type Timeline } from '../schema/history/model/timeline.ts'
import { makeYield } from '../schema/history/event-loop.ts'
import type { Evidence } from '../reconcile/evidence.ts'
import type { Deparse } from '../sql/tree/deparse.ts'
import { introspect, type SqlCheckResult, type Comparison } from './introspect.ts'
import {
  areEquivalent,
  fragmentsOf,
  type Candidate,
  type CatalogQuery,
} from './comparison/catalog-query.ts'

export type EvidenceRequest = {
  readonly timelines: readonly Timeline[]
  /** Tables and views of which the names of all that belongs to them are asked. */
  readonly belongingsOf?: readonly RelationName[]
  /** SQL fingerprints. */
  readonly checks: readonly string[]
  readonly deparse: Deparse
  readonly timeoutMs: number
  /** The role that migrations run under, when it is another than the login role. */
  readonly role: string | undefined
}

export type EvidenceReply = {
  /** One for each timeline. */
  readonly evidence: readonly Evidence[]
  readonly checkResults: readonly SqlCheckResult[]
  /** Columns, constraints, indexes, triggers and policies of `belongingsOf`. */
  readonly existing: readonly ObjectName[]
  /** Has the database any that are enabled? Undefined where nothing was asked. */
  readonly eventTriggers: boolean | undefined
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. Writes nothing. */
export const readEvidence = async (
  session: Session,
  { timelines, belongingsOf = [], checks, deparse, timeoutMs, role }: EvidenceRequest,
): Promise<EvidenceReply> => {
  const prepared: PreparedQuery[] = []
  const yieldNow = makeYield()
  for (const timeline of timelines) {
    prepared.push(prepareQuery(timeline, deparse))
    await yieldNow()
  }
  const queries = prepared.map(({ query }) => query)
  const { comparisons, checkResults, existing, eventTriggers } = await introspect(session, {
    queries,
    belongingsOf,
    checks,
    timeoutMs,
    role,
  })
  const evidence = prepared.map(({ timeline, query, candidateOf }, index): Evidence => {
    const comparison = comparisons[index]
    const { matches, uncertain } = compareByText(comparison, query, deparse)
    return {
      timeline: withUnknown(timeline, (change) => uncertain.has(candidateOf[change])),
      found: comparison?.found,
      matches: candidateOf.map((at) => matches.has(at)),
      expected: candidateOf.map((at) => (at === undefined ? undefined : comparison?.expected[at])),
    }
  })
  return { evidence, checkResults, existing, eventTriggers }
}

type ComparedByText = {
  readonly matches: ReadonlySet<number | undefined>
  readonly uncertain: ReadonlySet<number | undefined>
}

// Of one that is there, the others are not; and a definition that has not got its name is there only for certain.
const compareByText = (
  comparison: Comparison | undefined,
  { candidates }: CatalogQuery,
  deparse: Deparse,
): ComparedByText => {
  const { matches = [], doubts = [] } = comparison ?? {}
  const equivalent = doubts.filter(({ n, fragments }) => {
    const candidate = candidates[n]
    return candidate !== undefined && areEquivalent(candidate, fragments, deparse)
  })
  const known = new Set([...matches, ...equivalent.map(({ n }) => n)])
  const own = doubts.filter(({ alt }) => !alt)
  return { matches: known, uncertain: new Set(known.size > 0 ? [] : own.map(({ n }) => n)) }
}

type PreparedQuery = {
  readonly timeline: Timeline
  readonly query: CatalogQuery
  /** For each change, the index of its candidate. */
  readonly candidateOf: readonly (number | undefined)[]
}

const prepareQuery = (timeline: Timeline, deparse: Deparse): PreparedQuery => {
  const { object, property, named, on, ofKey, changes } = timeline
  const candidates: Candidate[] = []
  const seen = new Map<Definition, number | undefined>()
  const candidateOf = changes.map(({ value }) => {
    if (value.kind !== 'defined') return undefined
    const { definition, path } = value
    if (seen.has(definition)) return seen.get(definition)
    const fragments = fragmentsOf(definition, object, deparse)
    const at = fragments === undefined ? undefined : candidates.push({ path, fragments }) - 1
    seen.set(definition, at)
    return at
  })
  const query: CatalogQuery = {
    object,
    property,
    named,
    on,
    ofKey,
    candidates,
    accepts: [],
  }
  // What cannot be written as SQL cannot be compared either.
  const comparable = withUnknown(timeline, (change) => candidateOf[change] === undefined)
  return { timeline: comparable, query, candidateOf }
}

const withUnknown = (timeline: Timeline, isUnknown: (change: number) => boolean): Timeline => ({
  ...timeline,
  changes: timeline.changes.map((change, index) =>
    change.value.kind === 'defined' && isUnknown(index) ? { ...change, value: unknown } : change,
  ),
})
