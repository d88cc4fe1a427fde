// The part of a file that goes up, by the tool's own markers: what undoes becomes blanks, line by line, so that the places of what
// is left stay those of the file on the disk. Markers are looked for where PostgreSQL sees a comment, not within literals.

import { placeAt } from '../../../sql/text/offsets.ts'
import { hasStatement } from '../../../sql/text/has-statement.ts'
import { partsOf, type Part } from '../../foreign/keep-up.ts'
import type { Dialect, ForeignFile, Misfit, Up } from '../dialect.ts'

export type CutRule = {
  /** The marker that a file must have. */
  readonly needs?: string
  /** Where the marker counts that takes the file out of its transaction. */
  readonly off: 'anywhere' | 'where it goes up'
}

export const cutUp =
  ({ needs, off }: CutRule): NonNullable<Dialect['up']> =>
  ({ file, text, found }) => {
    const lines = text.split('\n')
    const parts = partsOf(lines, found)
    const undoing = parts.filter(({ kind }) => kind === 'undoing')
    const kept = lines.filter((_, at) => !undoing.some((part) => isIn(part, at))).join('\n')
    const isOff =
      off === 'anywhere'
        ? found.some(({ marker }) => marker.roles.includes('no transaction'))
        : parts.some(({ kind }) => kind === 'no transaction')
    return {
      text: undoing.length === 0 ? text : blankLines(lines, undoing),
      ...(undoing.length === 0 ? {} : { kept }),
      transaction: isOff ? 'off' : undefined,
      down: undoing.length === 0 ? 'none' : 'has down part',
      misfits: misfitsOf({ file, text, found }, parts, needs),
    }
  }

const isIn = ({ from, to }: Part, at: number): boolean => from <= at + 1 && at + 1 <= to

const blankLines = (lines: readonly string[], undoing: readonly Part[]): string =>
  lines
    .map((line, at) => (undoing.some((part) => isIn(part, at)) ? ' '.repeat(line.length) : line))
    .join('\n')

const misfitsOf = (
  { file, text, found }: Omit<ForeignFile, 'listed'>,
  parts: readonly Part[],
  needs: string | undefined,
): Up['misfits'] => {
  const at = (index: number): Pick<Misfit, 'place'> => ({ place: placeAt(file, text, index) })
  const first = found.find(({ marker }) => marker.roles.includes('up'))
  if (needs !== undefined && first === undefined) return [{ reason: `has no '${needs}'` }]
  const shared = parts.find(({ isShared }) => isShared)
  const marker = found.find(({ line }) => line === shared?.from)
  if (marker !== undefined)
    return [{ reason: `has '${marker.text}' behind something else`, ...at(marker.start) }]
  if (first === undefined || !hasStatement(text.slice(0, first.start))) return []
  const before = found.find(({ start }) => start < first.start)
  // A part that undoes may come first.
  if (before?.marker.roles.includes('down') === true) {
    return hasStatement(text.slice(0, before.start)) ? [early(first.text, at(0))] : []
  }
  return [early(first.text, at(0))]
}

const early = (marker: string, place: Pick<Misfit, 'place'>): Misfit => ({
  reason: `has statements before '${marker}'`,
  ...place,
})
