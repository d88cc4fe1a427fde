// From what one property is to which migrations have made it so. Each value that the history gives it holds for a range of
// versions: the database has it, so the database is within that range.

import { objectKey } from '../schema/effects/effect.ts'
import type { Change, Value } from '../schema/history/model/timeline.ts'
import type { Evidence } from './evidence.ts'

/** `none`: it is not evidence, because it fits a database with the migration and one without. */
export type Verdict = 'done' | 'not done' | 'conflict' | 'none'

/** Positions count migrations: at position 3 the fourth has just run; -1 is before all. Both ends belong to it. */
export type VersionRange = { readonly from: number; readonly to: number }

type Interval = VersionRange & {
  readonly value: Value
  readonly fits: boolean
  /** Undefined before the first change. */
  readonly how: Change['how'] | undefined
}

/** The last change of each migration is what it leaves behind. */
export const changesLeft = (changes: readonly Change[]): readonly Change[] =>
  changes.filter((change, index) => changes[index + 1]?.at !== change.at)

const intervalsOf = ({ timeline, found, matches }: Evidence): readonly Interval[] => {
  const { before, changes } = timeline
  const left = changesLeft(changes)
  const fits = (value: Value, index: number): boolean => {
    switch (value.kind) {
      case 'absent':
        return found === undefined
      case 'present':
        return found !== undefined
      case 'defined':
        return matches[index] === true
      case 'unknown':
        return false
    }
  }
  return [
    {
      from: -1,
      to: (left[0]?.at ?? 0) - 1,
      value: before,
      fits: fits(before, -1),
      how: undefined,
    },
    ...left.map((change, at) => ({
      from: change.at,
      to: (left[at + 1]?.at ?? Number.POSITIVE_INFINITY) - 1,
      value: change.value,
      fits: fits(change.value, changes.indexOf(change)),
      how: change.how,
    })),
  ]
}

/** How far the database can be by this property alone; `recorded` are the positions that the ledger has. */
export const rangesOf = (
  evidence: Evidence,
  recorded: ReadonlySet<number>,
): readonly VersionRange[] => {
  const floor = Math.max(
    -1,
    ...evidence.timeline.changes.map(({ at }) => at).filter((at) => recorded.has(at)),
  )
  const possible = intervalsOf(evidence).filter(({ to }) => to >= floor)
  const fitting = possible.filter(({ fits }) => fits)
  const unknown = possible.filter(({ value }) => value.kind === 'unknown')
  // What is absent was perhaps never there.
  if (evidence.found === undefined || fitting.length === 0) return [...fitting, ...unknown]
  // What is there and known is not explained by the unknown; but what changed only along with something else, or
  // went on under another name, may be what it was.
  return [...fitting, ...unknown.filter(({ how }) => how !== undefined && how !== 'alter')]
}

const verdictOf = (ranges: readonly VersionRange[], at: number): Verdict | undefined => {
  if (ranges.length === 0) return undefined
  if (ranges.every(({ from }) => from >= at)) return 'done'
  return ranges.every(({ to }) => to < at) ? 'not done' : 'none'
}

const intersect = (
  a: readonly VersionRange[],
  b: readonly VersionRange[],
): readonly VersionRange[] =>
  a
    .flatMap((one) =>
      b.map((two) => ({ from: Math.max(one.from, two.from), to: Math.min(one.to, two.to) })),
    )
    .filter(({ from, to }) => from <= to)

export type Evaluator = {
  readonly byItself: (evidence: Evidence, at: number) => Verdict
  /** What does not tell by itself, in a database that is within this range. */
  readonly within: (evidence: Evidence, at: number, range: VersionRange) => Verdict
  /** Did it look like this before as well, with something else in between? A view that was renamed there and back. */
  readonly recurs: (evidence: Evidence, at: number, range: VersionRange) => boolean
  /** Does the history give it the value that the database has? */
  readonly explains: (evidence: Evidence) => boolean
}

/** Facets of one object are looked at together where one of them alone does not tell. */
export const makeEvaluator = (
  evidence: readonly Evidence[],
  recorded: ReadonlySet<number>,
): Evaluator => {
  const own = new Map(evidence.map((each) => [each, rangesOf(each, recorded)]))
  const together = new Map<string, readonly VersionRange[]>()
  for (const each of evidence) {
    const key = objectKey(each.timeline.object)
    const ranges = own.get(each) ?? []
    const others = together.get(key)
    together.set(key, others === undefined ? ranges : intersect(others, ranges))
  }
  const allOf = ({ timeline }: Evidence): readonly VersionRange[] =>
    together.get(objectKey(timeline.object)) ?? []
  const byItself: Evaluator['byItself'] = (each, at) => {
    const { changes } = each.timeline
    // What a later migration changed and the ledger has, says nothing of this one.
    if (changes.some((change) => change.at > at && recorded.has(change.at))) return 'none'
    const verdict = verdictOf(own.get(each) ?? [], at)
    if (verdict === undefined) {
      const made = changes.findLast((change) => change.at === at)
      return made?.how === 'create' && each.found !== undefined ? 'conflict' : 'not done'
    }
    return verdict === 'none' ? (verdictOf(allOf(each), at) ?? 'none') : verdict
  }
  const narrowed = (each: Evidence, at: number, range: VersionRange): Verdict => {
    const verdict = byItself(each, at)
    if (verdict !== 'none') return verdict
    return verdictOf(intersect(allOf(each), [range]), at) ?? 'none'
  }
  const recurs: Evaluator['recurs'] = (each, at, range) =>
    each.found !== undefined &&
    narrowed(each, at, range) === 'none' &&
    isInterrupted(intersect(allOf(each), [range]))
  return {
    byItself,
    recurs,
    explains: (each) => (own.get(each) ?? []).length > 0,
    // There, changed in between, and there again alike: to do that once more could only lose what is in it.
    within: (each, at, range) => (recurs(each, at, range) ? 'done' : narrowed(each, at, range)),
  }
}

const isInterrupted = (ranges: readonly VersionRange[]): boolean =>
  ranges.some(({ from }) => {
    const earlier = ranges.filter((each) => each.from < from)
    return earlier.length > 0 && earlier.every(({ to }) => to < from - 1)
  })
