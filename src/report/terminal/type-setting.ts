// How wide text is on a terminal, and its colours: the only module that knows the packages for it.

import cliTruncate from 'cli-truncate'
import picocolors from 'picocolors'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

// Whether there may be any, others have decided.
export const { bold, cyan, dim, green, red, yellow } = picocolors.createColors(true)

/** Cut off at the width, with a mark. */
export const cut = (text: string, width: number): string =>
  cliTruncate(text, Math.max(1, width), { position: 'end' })

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)))

export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - stringWidth(text))) + text

export const widthOf = (text: string): number => stringWidth(text)

/** In lines of at most this width, words kept whole where they fit; all but the first are indented. */
export const wrap = (text: string, width: number, indent: string): readonly string[] => {
  const inner = Math.max(10, width - indent.length)
  const blanks = /^ */.exec(text)?.[0] ?? ''
  // The first line has its own blanks already.
  if (stringWidth(text) <= width) return [text]
  const lines = wrapAnsi(text.slice(blanks.length), inner, { hard: true, trim: true }).split('\n')
  return lines.map((line, at) => (at === 0 ? blanks : indent) + line)
}
