// Where a migration is one of thousands in its file, its text has no empty line for each that is above it: all of them together
// would be the square of the file. One line of blanks says how many there are, so that places stay those of the file, and the
// parser and the server skip it as they do any blanks. Pure.

/** For `lines` lines of the file, from 1; is a line of its own. */
export const markOfLines = (lines: number): string =>
  `\f${lines.toString(2).replaceAll('0', ' ').replaceAll('1', '\t')}\f\n`

const mark = /^\f([ \t]{1,32})\f\n/

/** How many lines of the file are above the text, beside those that it has. */
export const linesAbove = (text: string): number => {
  const digits = mark.exec(text)?.[1]
  return digits === undefined
    ? 0
    : parseInt(digits.replaceAll(' ', '0').replaceAll('\t', '1'), 2) - 1
}
