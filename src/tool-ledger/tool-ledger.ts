// What is known of the table in which another tool keeps what it has applied: where it is, what its rows claim, which lock the tool
// holds meanwhile, and how it would have written a row. Each tool has one record. Nothing here is believed: claims are checked.

import type { Migration } from '../migrations/migration.ts'

export type ToolLedger = {
  readonly dialect: string
  readonly table: string
  /** Of its own; undefined where the login's search path decides. */
  readonly schema?: string
  /** Those that tell it from others of its name, and what the tool keeps in each. */
  readonly columns: Readonly<Record<string, Kept>>
  /** A column by which it would be another tool's. */
  readonly lacks?: string
  readonly orderBy: string
  /** Of the last file, and nothing of those before. */
  readonly keeps?: 'a number'
  readonly claims: (rows: readonly ToolRow[], files: readonly Migration[]) => readonly Claim[]
  /** Other checksums than that of the file as it is by which the tool takes it for the one that it ran. */
  readonly twins?: (migration: Migration) => readonly string[]
  /** Undefined of a tool that takes none. */
  readonly lock?: (table: LockedTable) => bigint
  /** Tables beside it into which write() writes too. */
  readonly beside?: readonly string[]
  /** A table beside it whose row the tool marks as `locked` while it is at work. */
  readonly lockTable?: string
  /** What the names of files in its rows begin with; undefined where no row shows it. */
  readonly baseOf?: (rows: readonly ToolRow[], files: readonly Migration[]) => string | undefined
  /** Statements that leave the table as the tool would after it had run the file. `table` is quoted; `base` is that of baseOf(). */
  readonly write: (
    table: string,
    migration: Migration,
    base: string | undefined,
  ) => readonly string[]
}

/** `text if there`: a column that only some versions of the tool have. */
export type Kept = 'text' | 'number' | 'yes or no' | 'time' | 'bytes' | 'JSON' | 'text if there'

/** The text of each column; undefined for NULL. */
export type ToolRow = Readonly<Record<string, string | undefined>>

export type LockedTable = {
  readonly schema: string
  readonly table: string
  readonly database: string
}

/** What a row says of one migration. */
export type Claim = {
  /** As the files' versions are written; of a file that is not there too. */
  readonly version: string
  /** `unfinished`: it was begun, and how it ended the table does not know. */
  readonly state: 'applied' | 'unfinished'
  /** The tool's own, of the file that it ran; undefined where it keeps none. */
  readonly checksum?: string | undefined
  /** What the row has of an unfinished one: 'dirty', 'success = false'. */
  readonly because?: string
  /** It has no row of its own: the table says how far the database is, and not which files it has. */
  readonly isImplied?: true
}

/** Where a table says how far the database is and not which files it has: all up to there. */
export const claimsUpTo = (
  files: readonly Migration[],
  last: string,
  state: Claim['state'],
  because: string,
): readonly Claim[] => {
  const before = files.filter(({ version }) => BigInt(version) < BigInt(last))
  const at: Claim =
    state === 'applied' ? { version: last, state } : { version: last, state, because }
  return [...before.map(implied), at]
}

export const implied = ({ version }: Migration): Claim => ({
  ...{ version, state: 'applied', isImplied: true },
})

/** The words behind the number in a name: '0001_add_note' is 'add note' to those who keep a description. */
export const descriptionOf = ({ name }: Migration): string =>
  name.replace(/^[^_]*_+/, '').replaceAll('_', ' ')
