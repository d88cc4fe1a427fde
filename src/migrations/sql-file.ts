// A file of SQL as its text, for migrations, backfills and declared indexes alike: read, decoded, and written for us and for no
// other tool. Rows behind a COPY … FROM stdin stay on the disk, however many they are.

import { problem, type Place, type Problem } from '../errors/problem.ts'
import {
  mostOfSource,
  readWhole,
  withRegularFile,
  type RegularFile,
} from '../files/regular-file.ts'
import type { RowsOnDisk } from '../files/rows-on-disk.ts'
import { placeAt } from '../sql/text/offsets.ts'
import { bytesInMemory, bytesOfFile } from '../files/text-bytes.ts'
import { badBytesIn, decode, decodeLenient } from './decode.ts'
import type { FoundMarker } from './foreign/find-markers.ts'
import { foreignText } from './foreign/foreign-text.ts'
import { checksumOf, type Checksum } from './migration.ts'
import { rowsApart } from './rows-apart.ts'
import { isUnfilledTemplate } from './template.ts'

type SqlText = {
  /** With a mark for each of the rows. */
  readonly text: string
  readonly rows: readonly RowsOnDisk[]
  readonly checksum: Checksum
  /** Another tool's, where it was asked for; undefined for a file that is too large for memory. */
  readonly sourceChecksum?: string
}

export type SqlFile =
  | ({ readonly kind: 'text' } & SqlText)
  | { readonly kind: 'folder' }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** `file` is the name in messages. */
export const readSqlFile = (path: string, file: string): SqlFile =>
  ours(file, readSqlText(path, file))

/** Another tool's checksum of the bytes on the disk. */
export type SumOfBytes = (bytes: Buffer) => string

/** Whoever it is written for. */
export const readSqlText = (path: string, file: string, sum?: SumOfBytes): SqlFile => {
  const named = { path, file, sum }
  const read = withRegularFile(path, (opened) =>
    opened.size > mostOfSource ? readLarge(opened, named) : readSmall(opened, named),
  )
  return read.kind === 'unreadable' ? unreadable(file, read.reason) : read
}

type Named = Pick<RowsOnDisk, 'path' | 'file'> & { readonly sum: SumOfBytes | undefined }

const readSmall = (opened: RegularFile, named: Named): SqlFile => {
  const read = readWhole(opened, mostOfSource)
  if (read.kind === 'unreadable') return unreadable(named.file, read.reason)
  if (read.kind === 'folder') return read
  const text = readSqlBytes(read.bytes, named)
  return named.sum === undefined || text.kind !== 'text'
    ? text
    : { ...text, sourceChecksum: named.sum(read.bytes) }
}

const readSqlBytes = (bytes: Buffer, { path, file }: Named): SqlFile => {
  // As text first: it is the fastest way that Node.js has.
  const decoded = decodeLenient(bytes.toString('utf8')) ?? decode(bytes)
  if (decoded.kind === 'bad') {
    const { reason, cure, before } = decoded
    const place = { ...placeAt(file, before, before.length), excerpt: '' }
    return notUtf8(file, { reason, cure }, place)
  }
  const { text } = decoded
  const apart = mayHaveRows(text)
    ? rowsApart(bytesInMemory(bytes), { path, file }, mostOfSource)
    : undefined
  return textOf(apart ?? { text, rows: [], checksum: checksumOf(text) })
}

const readLarge = (opened: RegularFile, { path, file }: Named): SqlFile => {
  const bytes = bytesOfFile(opened)
  const apart = rowsApart(bytes, { path, file }, mostOfSource)
  if (apart === undefined)
    return unreadable(file, 'it has more than 64 MiB beside the rows of COPY … FROM stdin')
  const bad = badBytesIn(bytes)
  return bad === undefined
    ? textOf(apart)
    : notUtf8(file, bad, { file, line: bad.line, column: bad.column, excerpt: '' })
}

// Asked of every file at every start.
const mayHaveRows = (text: string): boolean => /\bstdin\b/i.test(text)

const textOf = ({
  text,
  rows,
  checksum,
}: Omit<SqlText, 'checksum'> & { checksum: string }): SqlFile => ({
  ...{ kind: 'text', text, rows },
  checksum: checksum as Checksum,
})

/** A problem of whatever is not written for us; `found` are the markers in the text. */
export const ours = (file: string, read: SqlFile, found?: readonly FoundMarker[]): SqlFile => {
  if (read.kind !== 'text') return read
  const bad = unfilled(file, read.text) ?? foreignText(file, read.text, found)
  return bad === undefined ? read : { kind: 'problem', problem: bad }
}

export const unfilled = (file: string, text: string): Problem | undefined =>
  isUnfilledTemplate(text)
    ? problem('unfilled-template', { file }, placeAt(file, text, 0))
    : undefined

const unreadable = (file: string, reason: string): SqlFile => ({
  kind: 'problem',
  problem: problem('unreadable-file', { file, reason }),
})

const notUtf8 = (
  file: string,
  { reason, cure }: { readonly reason: string; readonly cure: string },
  place: Place,
): SqlFile => ({ kind: 'problem', problem: problem('not-utf8', { file, reason, cure }, place) })
