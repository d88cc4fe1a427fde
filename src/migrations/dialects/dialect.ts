// What is known of another tool's folder: how it is recognised, which of its files are migrations, in which order, and which part
// of a file goes up. Each tool has one record, in a file of its own. Nothing of a folder is ever written.

import type { Place, Problem } from '../../errors/problem.ts'
import type { FoundMarker } from '../foreign/find-markers.ts'
import type { DialectName } from './dialect-names.ts'

export type Dialect = {
  readonly name: DialectName
  /** As its makers write it, and as markers name it. */
  readonly tool: string
  /** Why the names in the folder can only be this tool's; undefined where they may be somebody else's. */
  readonly signs?: (folder: Folder) => string | undefined
  /** By its markers: each file must have one, or most of them have. */
  readonly marked?: 'each' | 'most'
  readonly list: (folder: Folder) => Listing
  /** The part that goes up; the whole file where it is left out. */
  readonly up?: (file: ForeignFile, variables: Variables) => Up
  /** The tool's own checksum of a file. */
  readonly sum?: (bytes: Buffer) => string
  /** A new, empty migration; in words why there is none, where the tool has to make it. */
  readonly create: Create
}

/** A folder as far as it was looked at. Names are those that count: no hidden files, no notes, no folders of schemagate's other work. */
export type Folder = {
  readonly path: string
  readonly shown: string
  readonly names: readonly string[]
  /** The names in a folder of it; none where it is not a folder. */
  readonly inside: (name: string) => readonly string[]
  /** Where a folder of it really is, '.' for itself; undefined outside of it, where a link may lead. */
  readonly realOf: (entry: string) => string | undefined
  /** A small file beside the migrations; undefined where it cannot be read. */
  readonly text: (entry: string) => string | undefined
  /** Values by which a tool decides which of its files it takes. */
  readonly variables: Variables
}

export type ListedFile = {
  /** Its path within the folder: '0001_a.sql', '0001_a/up.sql'. */
  readonly entry: string
  /** What the tool calls it. */
  readonly version: string
  /** The name without its ending, or that of its folder. */
  readonly name: string
  /** A file beside it says that it is to run outside of a transaction. */
  readonly transaction?: 'off' | undefined
  /** A file beside it says that its placeholders are to stay. */
  readonly placeholders?: 'kept' | undefined
  /** Why the file beside it cannot be followed. */
  readonly misfit?: string | undefined
  /** The tool's checksum of it, where that is in a file beside it. */
  readonly sum?: string | undefined
  /** The time by which the tool's ledger knows it, in milliseconds. */
  readonly stamp?: string | undefined
  /** In a language that only the tool runs. */
  readonly isCode?: true
  /** As of a migration. */
  readonly runs?: 'when changed'
  /** What the tool's ledger has of it besides. */
  readonly row?: Readonly<Record<string, string>>
  /** The part that goes up, where it is one of several migrations in a file. */
  readonly up?: (file: ForeignFile) => Up
}

export type Listing = {
  /** In the tool's order. */
  readonly files: readonly ListedFile[]
  /** How many files there are that only undo. */
  readonly downs: number
  /** Migrations in a language that only the tool runs, whose place among the others is not known. */
  readonly code: readonly string[]
  /** What the tool would not take for a migration, or not take at all. */
  readonly strays: readonly Stray[]
  /** Where its settings say that the tool keeps its ledger. */
  readonly ledger?: LedgerName
}

/** What differs from the tool's own names. */
export type LedgerName = {
  readonly schema?: string
  readonly table?: string
  readonly lockTable?: string
}

export type Stray = {
  readonly entry: string
  /** What the sentence 'it …' goes on with. */
  readonly reason: string
  /** From 0. */
  readonly line?: number
}

export type ForeignFile = {
  readonly listed: ListedFile
  /** As messages show it. */
  readonly file: string
  readonly text: string
  /** The tool's own markers in it. */
  readonly found: readonly FoundMarker[]
}

export type Up = {
  /** Places in it are those of the file: what does not go up are blanks, or a mark of the lines above (sql/text/lines-above.ts). */
  readonly text: string
  /** What counts as an edit when it changes; undefined for the whole text. */
  readonly kept?: string
  /** The tool's own checksum, where it is not that of the file. */
  readonly sum?: string
  readonly transaction?: 'off' | undefined
  readonly down: 'has down part' | 'none'
  readonly misfits: readonly Misfit[]
  readonly problems?: readonly Problem[]
  /** As of a migration. */
  readonly refused?: Problem
}

/** Why the tool itself would not take the file. */
export type Misfit = { readonly reason: string; readonly place?: Place }

/** Values for what a file leaves open, by name. */
export type Variables = Readonly<Record<string, string | undefined>>

type NewFile = { readonly entry: string; readonly text: string }

/** `number`: the next one, in the style of the folder. `body` is what a person is to fill in. */
type Create = (asked: {
  readonly number: string
  readonly name: string
  readonly now: Date
  readonly body: string
}) => NewFile | { readonly refused: string }
