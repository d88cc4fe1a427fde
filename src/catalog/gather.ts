// Timelines to evidence: makes the probes, asks the server, and lays the answers beside the changes they are about.

import type { Session } from '../database/session.ts'
import type { Definition } from '../schema/effects/effect.ts'
import { unknown, type Timeline } from '../schema/history/timeline.ts'
import { takingTurns } from '../schema/history/turns.ts'
import type { Evidence } from '../reconcile/evidence.ts'
import type { Deparse } from '../sql/deparse.ts'
import { inspect, type Answer, type Finding } from './inspect.ts'
import { areAlike, partsOf, type Candidate, type Probe } from './probe.ts'

export type EvidenceRequest = {
  readonly timelines: readonly Timeline[]
  /** SQL fingerprints. */
  readonly queries: readonly string[]
  readonly deparse: Deparse
  readonly timeoutMs: number
  /** The role that migrations run under, when it is another than the login role. */
  readonly role: string | undefined
}

export type Gathered = {
  /** One for each timeline. */
  readonly evidence: readonly Evidence[]
  readonly answers: readonly Answer[]
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. Writes nothing. */
export const gatherEvidence = async (
  session: Session,
  { timelines, queries, deparse, timeoutMs, role }: EvidenceRequest,
): Promise<Gathered> => {
  const asked: Asked[] = []
  const takeTurn = takingTurns()
  for (const timeline of timelines) {
    asked.push(ask(timeline, deparse))
    await takeTurn()
  }
  const probes = asked.map(({ probe }) => probe)
  const { findings, answers } = await inspect(session, { probes, queries, timeoutMs, role })
  const evidence = asked.map(({ timeline, probe, candidateOf }, index): Evidence => {
    const finding = findings[index]
    const { matches, untold } = compareByText(finding, probe, deparse)
    return {
      timeline: withUnknown(timeline, (change) => untold.has(candidateOf[change])),
      found: finding?.found,
      matches: candidateOf.map((at) => matches.has(at)),
      expected: candidateOf.map((at) => (at === undefined ? undefined : finding?.expected[at])),
    }
  })
  return { evidence, answers }
}

type ComparedByText = {
  readonly matches: ReadonlySet<number | undefined>
  readonly untold: ReadonlySet<number | undefined>
}

// Of one that is there, the others are not; and a definition that has not got its name is there only for certain.
const compareByText = (
  finding: Finding | undefined,
  { candidates }: Probe,
  deparse: Deparse,
): ComparedByText => {
  const { matches = [], doubts = [] } = finding ?? {}
  const alike = doubts.filter(({ n, parts }) => {
    const candidate = candidates[n]
    return candidate !== undefined && areAlike(candidate, parts, deparse)
  })
  const known = new Set([...matches, ...alike.map(({ n }) => n)])
  const own = doubts.filter(({ alt }) => !alt)
  return { matches: known, untold: new Set(known.size > 0 ? [] : own.map(({ n }) => n)) }
}

type Asked = {
  readonly timeline: Timeline
  readonly probe: Probe
  /** For each change, the index of its candidate. */
  readonly candidateOf: readonly (number | undefined)[]
}

const ask = (timeline: Timeline, deparse: Deparse): Asked => {
  const { object, facet, named, on, ofKey, changes } = timeline
  const candidates: Candidate[] = []
  const seen = new Map<Definition, number | undefined>()
  const candidateOf = changes.map(({ value }) => {
    if (value.kind !== 'defined') return undefined
    const { definition, path } = value
    if (seen.has(definition)) return seen.get(definition)
    const parts = partsOf(definition, object, deparse)
    const at = parts === undefined ? undefined : candidates.push({ path, parts }) - 1
    seen.set(definition, at)
    return at
  })
  const probe: Probe = {
    object,
    facet,
    named,
    on,
    ofKey,
    candidates,
    accepts: [],
  }
  // What cannot be written as SQL cannot be compared either.
  const comparable = withUnknown(timeline, (change) => candidateOf[change] === undefined)
  return { timeline: comparable, probe, candidateOf }
}

const withUnknown = (timeline: Timeline, isUnknown: (change: number) => boolean): Timeline => ({
  ...timeline,
  changes: timeline.changes.map((change, index) =>
    change.value.kind === 'defined' && isUnknown(index) ? { ...change, value: unknown } : change,
  ),
})
