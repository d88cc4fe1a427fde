// What the catalog says of a timeline: which of the history's values the database has. A value; catalog/ makes it.

import type { Timeline } from '../schema/history/model/timeline.ts'

export type Evidence = {
  readonly timeline: Timeline
  /** The property in the server's words; undefined when it is not there. */
  readonly found: string | undefined
  /** For each change of the timeline: does the database have its definition? Of values other than definitions: false. */
  readonly matches: readonly boolean[]
  /** For each change, its definition in the server's words, where it has one. */
  readonly expected: readonly (string | undefined)[]
}
