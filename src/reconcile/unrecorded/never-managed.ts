// A database that was never managed was brought to one state by other means, in the order of the files as far as anybody
// can tell. What shows nothing of itself, but precedes what is there, was part of that; what follows it is read in
// the light of how far the database is.

import type { Migration } from '../../migrations/migration.ts'
import {
  doubted,
  isAnchor,
  isGap,
  isHalf,
  isSure,
  hasUnprovenData,
  isRiskyToRerun,
} from './doubt.ts'
import type { Intent, MigrationAssessment, AssessAt } from '../assessment.ts'
import type { RerunRisk } from '../repeat.ts'
import type { VersionRange } from '../verdict.ts'

export const inferFromState = (
  found: readonly MigrationAssessment[],
  assessAt: AssessAt,
  intent: Intent,
): readonly MigrationAssessment[] => inferred(untilStable(found, assessAt), intent)

// What is known of one file says how far the database is, which says something about others.
const untilStable = (
  found: readonly MigrationAssessment[],
  assessAt: AssessAt,
): readonly MigrationAssessment[] => {
  const range = rangeOf(found)
  if (range === undefined) return found
  const next = found.map((each, at) =>
    each.state === 'opaque' && at > range.from ? (assessAt(at, range) ?? each) : each,
  )
  return next.every(({ state }, at) => state === found[at]?.state)
    ? next
    : untilStable(next, assessAt)
}

/** From the last file that is there to the first after it that is not; undefined when none is there. */
const rangeOf = (all: readonly MigrationAssessment[]): VersionRange | undefined => {
  const from = all.findLastIndex(({ state }) => state === 'present')
  const missing = all.findIndex(({ state }, at) => at > from && state === 'absent')
  return from === -1
    ? undefined
    : { from, to: missing === -1 ? Number.POSITIVE_INFINITY : missing - 1 }
}

const inferred = (
  all: readonly MigrationAssessment[],
  intent: Intent,
): readonly MigrationAssessment[] => {
  const lastAnchor = all.findLastIndex(isAnchor)
  if (lastAnchor === -1) return all
  const lastSure = all.findLastIndex((each) => isAnchor(each) && isSure(each))
  const firstGap = all.findIndex(isGap)
  const onlyAt = onlyBehind(firstGap, all)
  const firstHalf = all.findIndex(isHalf)
  const nextAbsent = all.findIndex(({ state }, at) => at > lastAnchor && state === 'absent')
  // The next one that is there, from the back: a history has thousands.
  const anchors: (Migration | undefined)[] = []
  for (let at = all.length - 1, next: Migration | undefined; at >= 0; at--) {
    anchors[at] = next
    const each = all[at]
    if (each !== undefined && isAnchor(each)) next = each.migration
  }
  return all.map((each, at): MigrationAssessment => {
    const refused: MigrationAssessment = { ...each, action: 'refuse' }
    // In a history that ran in its order, more would be there: somebody may have made it by hand, without its data changes.
    if (at === onlyAt && hasUnprovenData(each)) return doubted(each, 'ran or by hand', intent)
    const isRisky = isRiskyToRerun(each)
    const inferredFrom = anchors[at]
    // It looked like this before as well: what lies between may have run, or not yet.
    const isBetween =
      each.state === 'opaque'
        ? inferredFrom !== undefined
        : each.state === 'present' && !isSure(each)
    if (at > lastSure && isBetween && isRisky) return doubted(each, 'ran or by hand', intent)
    if (each.state !== 'opaque')
      // Later files were brought there: it may have been as well, and something of it removed since.
      return isGap(each) && isRisky && inferredFrom !== undefined ? refused : each
    if (inferredFrom !== undefined)
      // Where one before it is missing, nothing was brought there in its order.
      return firstGap === -1 || firstGap > at
        ? { ...each, state: 'inferred', action: 'mark', inferredFrom }
        : isRisky
          ? refused
          : each
    // It would drop what it would have made itself.
    if (each.rerunRisks.some(isLoss)) return refused
    // What follows a file that is surely missing has not run.
    if (!isRisky || (nextAbsent !== -1 && nextAbsent < at)) return each
    // It may be what took the other half of a file before it away.
    if (firstHalf !== -1 && firstHalf < at) return refused
    return doubted(each, 'last or next', intent)
  })
}

// The one file that is there behind what is missing.
const onlyBehind = (gap: number, all: readonly MigrationAssessment[]): number => {
  if (gap === -1) return -1
  const first = all.findIndex((each, at) => at > gap && isAnchor(each))
  return all.findLastIndex(isAnchor) === first ? first : -1
}

const isLoss = ({ what }: RerunRisk): boolean =>
  what.startsWith('drop ') || what === 'repeat TRUNCATE'
