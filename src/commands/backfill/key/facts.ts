// What is known of the table that a backfill scans, and of its key. Values; table-facts.ts reads them.

export type TableFacts = {
  /** Quoted, with its schema: nothing after this depends on a search path. */
  readonly quoted: string
  readonly columns: readonly ColumnFacts[]
  readonly indexes: readonly IndexFacts[]
  /** By the last ANALYZE; undefined when there was none. */
  readonly estimatedRows: number | undefined
}

export type ColumnFacts = {
  readonly name: string
  /** Quoted, with its schema, without its modifiers: a value of the column fits it. */
  readonly type: string
  /** Quoted, with its schema; null for a type that has none. */
  readonly collation: string | null
  readonly nullable: boolean
  /** Quoted: the schema of the operators that an index of the column is ordered by; null where it has none. */
  readonly operators: string | null
}

export type IndexFacts = {
  readonly name: string
  readonly valid: boolean
  readonly unique: boolean
  readonly partial: boolean
  /** btree, with the operators and the collation that comparing the column uses, and one direction throughout. */
  readonly ordered: boolean
  /** Names of the columns that it is over; '' for an expression. */
  readonly columns: readonly string[]
}

/** The columns of a key that can be scanned, in its order. */
export type Key = readonly ColumnFacts[]
