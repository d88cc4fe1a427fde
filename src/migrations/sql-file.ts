// A file of SQL as its text, for migrations, backfills and declared indexes alike: read, decoded, and written for us and for no
// other tool.

import { problem, type Problem } from '../errors/problem.ts'
import { mostOfSource, readRegularFile } from '../regular-file.ts'
import { placeAt } from '../sql/offsets.ts'
import { decode, decodeLenient } from './decode.ts'
import { foreignText } from './foreign/foreign-text.ts'
import { isUnfilledTemplate } from './template.ts'

export type SqlFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'folder' }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** `file` is the name in messages. */
export const readSqlFile = (path: string, file: string): SqlFile => {
  const read = readRegularFile(path, mostOfSource)
  switch (read.kind) {
    case 'folder':
      return read
    case 'unreadable':
      return {
        kind: 'problem',
        problem: problem('unreadable-file', { file, reason: read.reason }),
      }
    case 'bytes':
      return readText(read.bytes, file)
  }
}

const readText = (bytes: Buffer, file: string): SqlFile => {
  // As text first: it is the fastest way that Node.js has.
  const decoded = decodeLenient(bytes.toString('utf8')) ?? decode(bytes)
  if (decoded.kind === 'bad') {
    const { reason, cure, before } = decoded
    const place = { ...placeAt(file, before, before.length), excerpt: '' }
    return { kind: 'problem', problem: problem('not-utf8', { file, reason, cure }, place) }
  }
  const { text } = decoded
  const found = isUnfilledTemplate(text)
    ? problem('unfilled-template', { file }, placeAt(file, text, 0))
    : foreignText(file, text)
  return found === undefined ? { kind: 'text', text } : { kind: 'problem', problem: found }
}
