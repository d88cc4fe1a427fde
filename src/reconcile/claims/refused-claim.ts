// Why another tool's word for a migration is not taken.

import { problem, type Problem } from '../../errors/problem.ts'
import { describeObject } from '../../schema/effects/effect.ts'
import type { CheckedClaim, EvidenceItem, MigrationAssessment } from '../assessment.ts'
import { differenceOf } from '../difference.ts'

export const refusedClaim = (
  { migration, items, fingerprintResults }: MigrationAssessment,
  { tool, table, verdict, recordedChecksum }: CheckedClaim,
): Problem => {
  const { file, version, source } = migration
  const facts = { file, version, tool, table }
  if (verdict === 'edited')
    return problem('claim-edited', {
      ...facts,
      recordedChecksum: recordedChecksum ?? '',
      foundChecksum: source?.checksum ?? '',
    })
  const nameOf = ({ object }: EvidenceItem): string => describeObject(object)
  const wrong = items.filter((each) => each.verdict !== 'done')
  const differing = new Set(wrong.map(nameOf))
  return problem('claim-disagrees', {
    ...facts,
    present: [...new Set(items.map(nameOf))].filter((name) => !differing.has(name)),
    differences: [
      ...wrong.map(differenceOf),
      ...fingerprintResults.flatMap(({ fingerprint, value }) =>
        value ? [] : [{ object: fingerprint.text, facet: '', expected: 'true', found: 'false' }],
      ),
    ],
  })
}
