// "Did you mean …?" for names that people mistype: variables, flags, commands, directives.

import leven from 'leven'

/** The candidate closest to `name`, if it is at most `most` single-character edits away. */
export const nearest = (
  name: string,
  candidates: readonly string[],
  most = 2,
): string | undefined => {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: leven(name, candidate) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits)
  return ranked[0]?.candidate
}
