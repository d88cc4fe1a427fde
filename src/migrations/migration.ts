// The values that everything else speaks of: a migration file, and its version.

import { hash } from 'node:crypto'
import type { Place, Problem } from '../errors/problem.ts'
import type { RowsOnDisk } from '../files/rows-on-disk.ts'
import type { Fingerprint, SqlCheck } from './fingerprint.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'

/** Of our own files digits without leading zeros: '0109' and '109' are one version. Of others what their tool calls it: '1.2'. */
export type MigrationVersion = string & { readonly brand: 'MigrationVersion' }

/** SHA-256 in hex over the file's text as it is sent: no BOM, CRLF read as LF. */
export type Checksum = string & { readonly brand: 'Checksum' }

export type Directives = {
  readonly lockTimeout?: LockTimeout
  readonly statementTimeout?: StatementTimeout
  readonly transaction?: 'off'
  /** Of a base file: the history that it replaces. */
  readonly replaces?: Replaces
  /** Evidence that replaces what is derived from the SQL. */
  readonly fingerprints?: readonly Fingerprint[]
  /** Queries that must yield true after the file ran, in its transaction. */
  readonly verify?: readonly SqlCheck[]
  /** Findings of lint that are accepted, in the order of the file. */
  readonly allow?: readonly Allowance[]
}

/** `@replaces 0001-0109 sha256:…` */
export type Replaces = {
  /** As they are written: '0001', '0109'. */
  readonly from: string
  readonly to: string
  /** Over the checksums of the files that it replaces: replacedDigest(). */
  readonly digest: string
}

/** `@allow rule reason` */
export type Allowance = {
  readonly rule: string
  readonly reason: string
  readonly place: Place
}

export type Migration = {
  readonly version: MigrationVersion
  /** The file's name without '.sql'. */
  readonly name: string
  /** The file as messages show it: relative, never an absolute path. */
  readonly file: string
  /** With a mark (sql/text/dump-parts.ts) for each of the rows. */
  readonly text: string
  /** Those of each COPY … FROM stdin, in their order. */
  readonly rows?: readonly RowsOnDisk[]
  readonly checksum: Checksum
  readonly directives: Directives
  /** Of a file that was written for another tool. */
  readonly source?: Source
  /** Behind all that run once, whenever its text is not the one that it was recorded with. */
  readonly runs?: 'when changed'
  /** Why only the tool that it was written for can run it. Where it has run, it is like any other. */
  readonly refused?: Problem
}

type Source = {
  /** 'flyway' */
  readonly dialect: string
  /** The file's path within the folder: 'release/V1_1__touch.sql'. */
  readonly entry: string
  /** The tool's own, where it has one. */
  readonly checksum: string | undefined
  /** The time by which the tool's ledger knows it, in milliseconds: Drizzle's. */
  readonly stamp: string | undefined
  /** Where its settings say that the tool keeps its ledger, in other names than its own. */
  readonly ledger?: Readonly<Partial<Record<'schema' | 'table' | 'lockTable', string>>>
  /** What else the tool's ledger has of it. */
  readonly row?: Readonly<Record<string, string>>
}

/** Of what runs when changed, which has none: no file that runs once has such a one. */
export const versionOfRepeatable = (name: string): MigrationVersion =>
  `${repeatable}${name}` as MigrationVersion

export const isRepeatable = (version: MigrationVersion): boolean => version.startsWith(repeatable)

const repeatable = 'R__'

/** Of our own; as PostgreSQL's bigint, which the ledger had once. */
export const maxVersionDigits = 18

export const versionOf = (digits: string): MigrationVersion =>
  digits.replace(/^0+(?=\d)/, '') as MigrationVersion

/** Of our own files, a base behind the number that it ends with. What has its place in a list is compared by that. */
export const compareVersions = (a: MigrationVersion, b: MigrationVersion): number => {
  const [one, other] = [digitsOf(a), digitsOf(b)]
  if (one === other) return a.length - b.length
  return one.length - other.length || (one < other ? -1 : 1)
}

const digitsOf = (version: MigrationVersion): string =>
  version.startsWith('B') ? version.slice(1) : version

/** Of the text with LF for CRLF: whoever edits a file of LF on Windows has not edited what was applied. */
export const checksumOf = (text: string): Checksum =>
  hash('sha256', text.replaceAll('\r\n', '\n')) as Checksum
