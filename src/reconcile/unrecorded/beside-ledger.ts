// In a database that the gate manages, what is there and nobody recorded comes from somebody else: they ran the file by other
// means, or made by hand what it makes. The objects are the same; the data changes are not.

import { doubted, isAnchor, isGap, hasUnprovenData, isRiskyToRerun } from './doubt.ts'
import type { Intent, MigrationAssessment } from '../assessment.ts'

export const doubtBesideLedger = (
  all: readonly MigrationAssessment[],
  intent: Intent,
): readonly MigrationAssessment[] => {
  const lastAnchor = all.findLastIndex(isAnchor)
  if (lastAnchor === -1) return all
  const firstGap = all.findIndex(isGap)
  return all.map((each, at) => {
    if (hasUnprovenData(each)) return doubted(each, 'ran or by hand', intent)
    // Files that somebody ran, they ran in their order: behind what is missing none has run.
    const isBehindGap = firstGap !== -1 && firstGap < at
    if (each.state !== 'opaque' || isBehindGap || !isRiskyToRerun(each)) return each
    if (at > lastAnchor) return doubted(each, 'last or next', intent)
    const inferredFrom = all.find((later, place) => place > at && isAnchor(later))?.migration
    return intent === 'adopt'
      ? { ...each, state: 'inferred', action: 'mark', inferredFrom }
      : doubted(each, 'ran or by hand', intent)
  })
}
