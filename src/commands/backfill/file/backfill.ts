// A backfill file as a value: which table is scanned by which key, the statement that one batch runs, and at what pace.

import type { SqlCheck } from '../../../migrations/fingerprint.ts'
import type { Checksum } from '../../../migrations/migration.ts'
import type { Duration, LockTimeout } from '../../../sql/duration.ts'

export type Backfill = {
  /** The file's name without '.sql'. */
  readonly name: string
  /** The file as messages show it: relative, never an absolute path. */
  readonly file: string
  readonly text: string
  readonly table: TableName
  /** Column names, in the order of the key. */
  readonly key: readonly string[]
  readonly statement: BatchStatement
  readonly pace: Pace
  /** Rows that somebody else has locked: waited for, or left out and visited again at the end. */
  readonly lockedRows: 'wait' | 'skip'
  /** A query that yields true when nothing is left to do. */
  readonly done: SqlCheck | undefined
  /** Over what decides which rows get what: table, key and statement. The pace may change in mid-way. */
  readonly checksum: Checksum
}

/** As it is written, folded as PostgreSQL folds names; without a schema it is found along the search path. */
export type TableName = { readonly schema: string | undefined; readonly name: string }

export type BatchStatement = {
  /** From its first character to its last, with the placeholders. */
  readonly text: string
  /** Where it starts in the file. */
  readonly start: number
  readonly verb: 'UPDATE' | 'DELETE' | 'INSERT' | 'MERGE'
  /** In the order of the text. */
  readonly placeholders: readonly Placeholder[]
}

export type Placeholder = {
  /** Where it starts in the statement's text. */
  readonly index: number
  /** By which name the query around it knows the table. */
  readonly qualifier: string
}

export type Pace = {
  /** At most so many rows in a batch. */
  readonly batchSize: number
  /** A batch is made smaller or larger until it takes so long. */
  readonly targetDuration: Duration
  /** Between two batches. */
  readonly pause: Duration
  /** Of the slowest standby, beyond which we wait. */
  readonly maxReplicationLag: Duration
  readonly lockTimeout: LockTimeout
  /** For one run; undefined is without bound. */
  readonly timeBudget: Duration | undefined
  /** So many batches are done at the same time. More than 1 is the author's word that they do each other no harm. */
  readonly workers: number
}

/** What is in a file for the rows of one batch. */
export const placeholder = ':batch'
