// What somebody has done to an object, from what was recorded and what is there. Pure.

import type { ByHand } from '../../events/objects.ts'
import type { Found } from './definitions.ts'
import type { RecordedObject } from './table.ts'

/** Since it was recorded. */
export const byHandOf = (
  recorded: RecordedObject | undefined,
  before: Found | undefined,
): ByHand | undefined => {
  if (recorded === undefined) return undefined
  if (before === undefined) return { what: 'dropped' }
  if (before.definition === recorded.definition) return undefined
  return {
    what: 'changed',
    recorded: linesWithout(recorded.definition, before.definition),
    found: linesWithout(before.definition, recorded.definition),
  }
}

/** Of one that was not recorded: somebody made it, or a migration, and the report is the only place where it still is. */
export const linesGone = (
  before: Found | undefined,
  after: Found | undefined,
): readonly string[] | undefined => {
  const gone = linesWithout(before?.definition ?? '', after?.definition ?? '')
  return before === undefined || gone.length === 0 ? undefined : gone
}

const linesWithout = (text: string, other: string): readonly string[] => {
  const known = new Set(other.split('\n'))
  return text.split('\n').filter((line) => !known.has(line))
}
