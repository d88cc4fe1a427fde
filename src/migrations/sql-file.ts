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
import { placeAt } from '../sql/offsets.ts'
import { bytesInMemory, bytesOfFile } from '../files/text-bytes.ts'
import { badBytesIn, decode, decodeLenient } from './decode.ts'
import { foreignText } from './foreign/foreign-text.ts'
import { checksumOf, type Checksum } from './migration.ts'
import { rowsApart } from './rows-apart.ts'
import { isUnfilledTemplate } from './template.ts'

type SqlText = {
  /** With a mark for each of the rows. */
  readonly text: string
  readonly rows: readonly RowsOnDisk[]
  readonly checksum: Checksum
}

export type SqlFile =
  | ({ readonly kind: 'text' } & SqlText)
  | { readonly kind: 'folder' }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** `file` is the name in messages. */
export const readSqlFile = (path: string, file: string): SqlFile => {
  const named = { path, file }
  const read = withRegularFile(path, (opened) =>
    opened.size > mostOfSource ? readLarge(opened, named) : readSmall(opened, named),
  )
  return read.kind === 'unreadable' ? unreadable(file, read.reason) : read
}

type Named = Pick<RowsOnDisk, 'path' | 'file'>

const readSmall = (opened: RegularFile, named: Named): SqlFile => {
  const read = readWhole(opened, mostOfSource)
  if (read.kind === 'unreadable') return unreadable(named.file, read.reason)
  if (read.kind === 'folder') return read
  return readSqlBytes(read.bytes, named)
}

const readSqlBytes = (bytes: Buffer, named: Named): SqlFile => {
  const { file } = named
  // As text first: it is the fastest way that Node.js has.
  const decoded = decodeLenient(bytes.toString('utf8')) ?? decode(bytes)
  if (decoded.kind === 'bad') {
    const { reason, cure, before } = decoded
    const place = { ...placeAt(file, before, before.length), excerpt: '' }
    return notUtf8(file, { reason, cure }, place)
  }
  const { text } = decoded
  const apart = mayHaveRows(text) ? rowsApart(bytesInMemory(bytes), named, mostOfSource) : undefined
  return judged(file, apart ?? { text, rows: [], checksum: checksumOf(text) })
}

const readLarge = (opened: RegularFile, named: Named): SqlFile => {
  const { file } = named
  const bytes = bytesOfFile(opened)
  const apart = rowsApart(bytes, named, mostOfSource)
  if (apart === undefined)
    return unreadable(file, 'it has more than 32 MiB beside the rows of COPY … FROM stdin')
  const bad = badBytesIn(bytes)
  return bad === undefined
    ? judged(file, apart)
    : notUtf8(file, bad, { file, line: bad.line, column: bad.column, excerpt: '' })
}

// Asked of every file at every start.
const mayHaveRows = (text: string): boolean => /\bstdin\b/i.test(text)

const judged = (file: string, read: Omit<SqlText, 'checksum'> & { checksum: string }): SqlFile => {
  const { text, rows } = read
  const found = isUnfilledTemplate(text)
    ? problem('unfilled-template', { file }, placeAt(file, text, 0))
    : foreignText(file, text)
  return found === undefined
    ? { kind: 'text', text, rows, checksum: read.checksum as Checksum }
    : { kind: 'problem', problem: found }
}

const unreadable = (file: string, reason: string): SqlFile => ({
  kind: 'problem',
  problem: problem('unreadable-file', { file, reason }),
})

const notUtf8 = (
  file: string,
  { reason, cure }: { readonly reason: string; readonly cure: string },
  place: Place,
): SqlFile => ({ kind: 'problem', problem: problem('not-utf8', { file, reason, cure }, place) })
