// A report as a terminal shows it: in lines that fit, with colours. What it says is what it says elsewhere.

import { bold, cyan, dim, green, red, widthOf, wrap, yellow } from './type-setting.ts'

/** `text` is clean: no line of it steers the terminal. */
export const paint = (text: string, columns: number): string => {
  const width = columns >= leastColumns ? columns : leastColumns
  return withFittingExcerpts(text.split('\n'), width)
    .flatMap((line) => (isExcerpt(line) ? [line] : wrap(line, width, indentOf(line))))
    .map(coloured)
    .join('\n')
}

const leastColumns = 40

// Under the words that follow a label; else two blanks deeper.
const indentOf = (line: string): string => {
  const { 0: blanks = '' } = /^ */.exec(line) ?? []
  return `${blanks}  `
}

const isExcerpt = (line: string): boolean => /^ +\d* \|/.test(line)

/** The line of a file and the caret below it, cut around the caret together. */
const withFittingExcerpts = (lines: readonly string[], width: number): readonly string[] => {
  const fitting = [...lines]
  for (const [at, below] of lines.entries()) {
    const line = lines[at - 1] ?? ''
    const caret = /^( +\| +)\^$/.exec(below)?.[1]?.length
    if (caret === undefined || !isExcerpt(line) || widthOf(line) <= width) continue
    const margin = line.indexOf('|') + 2
    const room = width - margin - 2
    const characters = Array.from(line.slice(margin))
    const from = Math.max(
      0,
      Math.min(caret - margin - Math.floor(room / 2), characters.length - room),
    )
    const mark = from > 0 ? '…' : ''
    const end = from + room < characters.length ? '…' : ''
    fitting[at - 1] =
      line.slice(0, margin) + mark + characters.slice(from, from + room).join('') + end
    fitting[at] = below.slice(0, margin) + ' '.repeat(caret - margin - from + mark.length) + '^'
  }
  return fitting
}

const coloured = (line: string): string =>
  painters.reduce((shown, [pattern, painter]) => shown.replace(pattern, painter), line)

const painters: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/^error\[[\w-]+\]:/, (found) => bold(red(found))],
  [/^warning\[[\w-]+\]:/, (found) => bold(yellow(found))],
  [/^ +-->.*/, cyan],
  [/^ +\d* \|(?= |$)/, dim],
  [/(?<=\|.*)\^$/, (found) => bold(red(found))],
  [/^ {2}(?:database|fix|effect):/, bold],
  [/^(?:MIGRATION FAILED|CONTRACT VIOLATED)\b.*/, (found) => bold(red(found))],
  [/^(?:Migration|Adoption) completed\b.*/, green],
]
