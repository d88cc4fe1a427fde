// What is known of a failed statement or migration, beside what the server said.

import type { Place } from '../../errors/problem.ts'
import type { LockQueue } from '../../events.ts'
import type { ParsedStatement } from '../../sql/tree/parse.ts'
import type { Phase } from '../message.ts'

export type FailedWork =
  | {
      readonly kind: 'transaction'
      readonly phase: Phase
      readonly statements: number
      /** The parser could not read the file, it holds words that end a transaction, and the server came to it. */
      readonly mayHaveCommitted: boolean
    }
  | {
      readonly kind: 'statement'
      /** From 1. */
      readonly number: number
      readonly of: number
      readonly node: ParsedStatement['node'] | undefined
      /** The time limits are those of the gate: no pooler is between it and the server. */
      readonly direct: boolean
    }

export type FailureContext = {
  readonly file: string
  readonly text: string
  readonly work: FailedWork
  readonly place: Place | undefined
  readonly ledgerSchema: string
  readonly lockTimeout: string
  readonly statementTimeout: string
  /** MIGRATION_ROLE. */
  readonly role: string | undefined
  /** How often it was tried, and who was seen in its way. */
  readonly tries: number
  readonly queue: LockQueue | undefined
  /** What a second look found, as advice. */
  readonly why?: string | undefined
}
