// The markers of other tools in a text. Every start asks this of every file, so one look at the text tells for most of them.

import { lineComments, type LineComment } from '../../sql/text/line-comments.ts'
import { markers, type Marker } from './markers.ts'

export type FoundMarker = {
  readonly marker: Marker
  readonly start: number
  /** From 1. */
  readonly line: number
  /** The comment, without blanks at its end. */
  readonly text: string
}

/** In the order of the text. */
export const findMarkers = (text: string): readonly FoundMarker[] => {
  if (!mayHoldMarker(text)) return []
  const comments = lineComments(text)
  const heads = statementHeads(comments, text)
  const begins = startOfStatements(text)
  const lineOf = lineNumbers(text)
  return comments.flatMap((comment, at): readonly FoundMarker[] => {
    const body = bodyOf(comment.text)
    const fits = ({ pattern, where }: Marker): boolean => {
      if (!pattern.test(body)) return false
      if (where === 'first') return text.slice(0, comment.start).trim() === ''
      if (where !== 'heading') return true
      // With nothing above it that would run, it only says what the whole file is for: '-- Rollback'.
      if (comment.start < begins || heads[at] !== true) return false
      return !endsProse(comments[at - 1], comment, text)
    }
    const marker = markers.find(fits)
    if (marker === undefined) return []
    const { start } = comment
    return [{ marker, start, line: lineOf(start), text: comment.text.trimEnd() }]
  })
}

// Before anything is looked at closely: most comments say nothing of the kind, and most texts have no literal that looks like one.
const mayHoldMarker = (text: string): boolean => {
  for (const [comment] of text.matchAll(/--[^\n\r]*/g))
    if (anyMarker.test(bodyOf(comment))) return true
  return false
}

const anyMarker = new RegExp(markers.map(({ pattern }) => `(?:${pattern.source})`).join('|'), 'i')

const bodyOf = (comment: string): string => comment.replace(/^--[-\s]*/, '').trimEnd()

const startOfStatements = (text: string): number => {
  const nothing = /[\s;]+|--[^\n\r]*|\/\*[\s\S]*?\*\//y
  let start = 0
  while (nothing.test(text)) start = nothing.lastIndex
  return start
}

/** Does a statement follow a comment? What is commented out below it ('-- DROP TABLE x;') says that none is intended. */
const statementHeads = (comments: readonly LineComment[], text: string): readonly boolean[] => {
  const heads: boolean[] = []
  let [next, follows] = [text.length, false]
  for (let at = comments.length - 1; at >= 0; at--) {
    const { start, text: own } = comments[at] ?? { start: 0, text: '' }
    if (text.slice(start + own.length, next).trim() !== '') follows = true
    heads[at] = follows
    if (own.trimEnd().endsWith(';')) follows = false
    next = start
  }
  return heads
}

/** A bare word below another comment is the end of a sentence, not a heading. */
const endsProse = (above: LineComment | undefined, comment: LineComment, text: string): boolean =>
  /^--\s*\w+\s*$/.test(comment.text) &&
  above !== undefined &&
  /\w/.test(above.text) &&
  /^[^\S\n]*\n[^\S\n]*$/.test(text.slice(above.start + above.text.length, comment.start))

/** For places that rise from call to call: one walk through the text. */
const lineNumbers = (text: string): ((index: number) => number) => {
  let [line, next] = [1, text.indexOf('\n')]
  return (index) => {
    for (; next !== -1 && next < index; next = text.indexOf('\n', next + 1)) line++
    return line
  }
}
