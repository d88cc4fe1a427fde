// An item of evidence as both sides of a message.

import type { Difference } from '../errors/run/state-problems.ts'
import { describeObject } from '../schema/effects/effect.ts'
import type { EvidenceItem } from './assessment.ts'

export const differenceOf = ({ object, property, expected, found }: EvidenceItem): Difference => ({
  object: describeObject(object),
  facet: property,
  expected: expected ?? 'nothing',
  found: found ?? 'nothing',
})
