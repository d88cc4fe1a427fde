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

/**
 * The candidate that somebody probably wanted, for a name that may as well be somebody else's: one that differs by a few letters for its length, by two
 * that changed places, by '-', '_' and capitals, or that is a word of it.
 */
export const meantBy = (name: string, candidates: readonly string[]): string | undefined => {
  const bare = lettersOf(name)
  if (bare === '') return undefined
  return (
    nearest(name, candidates, Math.floor(bare.length / 3)) ??
    candidates.find((candidate) => {
      const theirs = lettersOf(candidate)
      const isTurned = sorted(bare) === sorted(theirs) && leven(bare, theirs) <= 2
      return isTurned || leven(bare, theirs) <= bare.length / 3 || sharesWord(name, candidate)
    })
  )
}

const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '')

const sorted = (letters: string): string => Array.from(letters).sort().join('')

// 'timeout' for 'lock-timeout', 'no-transaction' for 'transaction'.
const sharesWord = (name: string, candidate: string): boolean => {
  const words = candidate.split('-').filter((word) => word.length > 3)
  return name
    .toLowerCase()
    .split(/[-_]/)
    .some((word) => words.includes(word))
}
