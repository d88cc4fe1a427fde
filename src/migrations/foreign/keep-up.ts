// How to convert a file of another tool: which of its lines undo the migration, and the command that keeps the others.

import { hasStatement } from '../../sql/text/has-statement.ts'
import type { FoundMarker } from './find-markers.ts'
import { shellWord } from '../../errors/define.ts'

export type Cut = {
  /** 'line 5', 'lines 5 to 9': what undoes, below a marker of that and up to the next that goes up. */
  readonly undoing: readonly string[]
  /** What to do, in words and, where one does it, with a command. */
  readonly cure: string
}

export const cutOf = (file: string, text: string, found: readonly FoundMarker[]): Cut => {
  const lines = text.replace(/\n$/, '').split('\n')
  const parts = partsOf(lines, found)
  const undoing = parts.filter(({ kind }) => kind === 'undoing').map(inWords)
  return { undoing, cure: cureOf(file, lines, parts, found) }
}

export type Part = {
  readonly kind: 'undoing' | 'marker' | 'no transaction'
  /** Lines, from 1. */
  readonly from: number
  readonly to: number
  /** Its first line has more than the marker. */
  readonly isShared: boolean
}

/** In the order of the file: `undoing` from the marker of that up to the next that goes up. */
export const partsOf = (
  lines: readonly string[],
  found: readonly FoundMarker[],
): readonly Part[] => {
  const parts: Part[] = []
  let undoing: Omit<Part, 'to'> | undefined
  for (const { marker, line, text } of found) {
    if (undoing !== undefined && !marker.roles.includes('up')) continue
    if (undoing !== undefined) parts.push({ ...undoing, to: line - 1 })
    undoing = undefined
    const isShared = (lines[line - 1] ?? '').trim() !== text
    if (marker.roles.includes('down')) undoing = { kind: 'undoing', from: line, isShared }
    else {
      const kind = marker.roles.includes('no transaction') ? 'no transaction' : 'marker'
      parts.push({ kind, from: line, to: line, isShared })
    }
  }
  return undoing === undefined ? parts : [...parts, { ...undoing, to: lines.length }]
}

const inWords = ({ from, to }: Part): string =>
  from === to ? `line ${from}` : `lines ${from} to ${to}`

const cureOf = (
  file: string,
  lines: readonly string[],
  parts: readonly Part[],
  found: readonly FoundMarker[],
): string => {
  const rewriting = found.find(({ marker }) => marker.roles.includes('rewrites'))
  if (rewriting !== undefined)
    return `Write out what '${rewriting.text}' stands for, and delete that line; then run again.`
  const recorded = `If it is recorded already, the next run says how to accept its new text.`
  if (parts.some(({ isShared }) => isShared))
    return `Keep only the part that goes up: delete by hand ${parts.map(inWords).join(', ')}. ${recorded}`
  if (!hasStatement(kept(lines, parts)))
    return `Nothing in it goes up. Remove it from the folder:\ngit rm ${shellWord(file)}`
  const edits = parts.map((part) => `-e '${editOf(part, lines.length)}'`).join(' ')
  const [path, next] = [shellWord(file), shellWord(`${file}.new`)]
  return `Keep only the part that goes up:\nsed ${edits} ${path} > ${next} && mv ${next} ${path}\n${recorded}`
}

/** What is left of the file. */
const kept = (lines: readonly string[], parts: readonly Part[]): string =>
  lines.filter((_, at) => !parts.some(({ from, to }) => from <= at + 1 && at + 1 <= to)).join('\n')

const editOf = ({ kind, from, to }: Part, last: number): string => {
  if (kind === 'no transaction') return `${from}s/.*/-- @transaction off/`
  return from === to ? `${from}d` : `${from},${to === last ? '$' : to}d`
}
