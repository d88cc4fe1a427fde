// A dump in a file against the one of now, as a short unified diff.

import { createTwoFilesPatch } from 'diff'

export type Differences = {
  /** Unified, '' where there is none; of many lines only the first. */
  readonly patch: string
  /** How many paragraphs are not the same. */
  readonly changed: number
}

const mostLines = 200

export const findDifferences = (file: string, before: string, now: string): Differences => {
  if (before === now) return { patch: '', changed: 0 }
  const patch = createTwoFilesPatch(file, 'database', before, now, undefined, undefined, {
    context: 3,
    timeout: 10_000,
  })
  // Too different for a comparison line by line to end.
  const lines = (patch ?? `--- ${file}\n+++ database\nAll of it differs.\n`)
    .replace(/^=+\n/, '')
    .trimEnd()
    .split('\n')
  const rest = lines.length - mostLines
  const shown = rest <= 0 ? lines : [...lines.slice(0, mostLines), `… and ${rest} more lines`]
  return { patch: `${shown.join('\n')}\n`, changed: Math.max(1, countChanged(before, now)) }
}

// By their first lines, which name them.
const countChanged = (before: string, now: string): number => {
  const [old, current] = [paragraphsOf(before), paragraphsOf(now)]
  const names = new Set([...old.keys(), ...current.keys()])
  return [...names].filter((name) => old.get(name) !== current.get(name)).length
}

const paragraphsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trimEnd()
      .split('\n\n')
      .map((paragraph) => [paragraph.split('\n', 1)[0] ?? '', paragraph]),
  )
