// What helps against an error of the server, whichever way the migration runs.

import type { ParsedStatement } from '../sql/parse.ts'
import { asksForLastNumber } from '../sql/session-objects.ts'

/** Undefined where nothing of the kind is known. */
export const adviceOn = (
  sqlstate: string,
  node: ParsedStatement['node'] | undefined,
): string | undefined => {
  switch (sqlstate) {
    // object_not_in_prerequisite_state.
    case '55000':
      return node !== undefined && asksForLastNumber(node)
        ? 'The session that drew the number has ended: ask for it by what its row holds, (SELECT id FROM … WHERE …), in place of currval() or lastval().'
        : undefined
    default:
      return undefined
  }
}
