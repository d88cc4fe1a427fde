// The last step before anything is printed: characters that steer a terminal, hide or turn text around are shown as what they
// are, and nothing that others wrote is taken for a command by the service that reads our output line by line.

import { shortList } from '../errors/define.ts'

/** What the text is read as: by people, by a machine as JSON, or by GitHub, whose commands we write ourselves. */
export type PrintedAs = 'text' | 'json' | 'commands'

export const visible = (text: string, as: PrintedAs): string => {
  if (as === 'json')
    return text
      .replace(hiddenInJson, (each) => each.split('').map(jsonEscape).join(''))
      .replace(commandAnywhere, '\\u0023')
  const shown = text.replace(hidden, escape).replace(commandAnywhere, '\\x23')
  // GitHub takes a line for a command even when blanks precede it.
  return as === 'commands' ? shown : shown.replace(/^([ \t]*):(?=:)/gm, '$1\\x3a')
}

/** On one line: for what others wrote, where a line break would begin one of our lines. */
export const oneLine = (text: string): string => text.replace(/\s*[\n\r]\s*/g, ' ')

const mostOfName = 80

/** The first few of the names that somebody else has given, each on one line: they may be empty, or as long as a file. */
export const shownNames = (names: readonly string[]): string =>
  shortList(
    names.map((name) => {
      const line = oneLine(name)
      return line === '' ? "''" : line.length > mostOfName ? `${line.slice(0, mostOfName)}…` : line
    }),
  )

/** With its lines, each of which shows that it goes on: the server's words may have many, and none may look like ours. */
export const continued = (text: string): string => text.replace(/\n/g, '\n    | ')

// C0 except tab and line feed, DEL, C1, what has no width or a direction, line ends that are none to us, half characters.
const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
// JSON.stringify() has escaped the others.
const hiddenInJson = /(?!\n)[\u007f-\u009f\p{Cf}\p{Cs}\u2028\u2029]/gu

// Azure Pipelines (##vso[…]), TeamCity and the older form of GitHub are found within a line, too.
const commandAnywhere = /(?<=#)#(?=\[|vso\[|teamcity\[)/gi

const escape = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (character === '\r') return '\\r'
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u{${code.toString(16).padStart(4, '0')}}`
}

const jsonEscape = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
