// What became of one declared index, as a value.

import type { Problem } from '../../errors/problem.ts'

export type DeclaredIndex = {
  readonly file: string
  /** 'call_log_sid_idx', with its schema when that is not public. */
  readonly index: string
  readonly table: string
  readonly state:
    /** It was there, valid, with the declared definition. */
    | 'there'
    | 'built'
    /** An INVALID one was there. */
    | 'rebuilt'
    /** Another definition is there under its name; it was left alone. */
    | 'differs'
    | 'failed'
    /** The connection was lost before the server answered: the next run finds out. */
    | 'in doubt'
    /** The connection was lost, or could not be made, before its turn. */
    | 'not attempted'
  /** Why it differs or failed. */
  readonly problem: Problem | undefined
}
