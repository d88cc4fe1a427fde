// A text that another tool would not run as it is, as the problem that a person gets. Offline, at every load of a file.

import { problem, type Problem } from '../../errors/problem.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { findMarkers, type FoundMarker } from './find-markers.ts'
import { cutOf } from './keep-up.ts'

/** One for a file, about the marker that does the most harm; undefined for a text without any. */
export const foreignText = (
  file: string,
  text: string,
  found: readonly FoundMarker[] = findMarkers(text),
): Problem | undefined => {
  const gravest = found.find(({ marker }) => marker.roles.includes('down')) ?? found[0]
  if (gravest === undefined) return undefined
  const { tool, means } = gravest.marker
  const { undoing, cure } = cutOf(file, text, found)
  const facts = { file, tool, sign: `'${gravest.text}'`, means, undoing, others: [], cure }
  return problem('foreign-dialect', facts, placeAt(file, text, gravest.start))
}
