// A file that holds one secret, and what about a secret makes a refused login likely. Neither ever repeats the secret.

import { decode } from '../migrations/decode.ts'
import { mostOfSecret, readRegularFile } from '../files/regular-file.ts'

export type SecretFile =
  | { readonly kind: 'text'; readonly text: string }
  /** The reason goes on from "cannot be read:". */
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Without a BOM, and without the line end that editors and `echo` put at the end: one of them, LF or CRLF. */
export const readSecretFile = (path: string): SecretFile => {
  const read = readRegularFile(path, mostOfSecret)
  if (read.kind === 'folder') return { kind: 'unreadable', reason: 'it is a folder' }
  if (read.kind === 'unreadable') return read
  const decoded = decode(read.bytes)
  if (decoded.kind === 'bad')
    return { kind: 'unreadable', reason: `it is not UTF-8: ${decoded.reason}` }
  const text = decoded.text.replace(/\n$/, '')
  return text === '' ? { kind: 'unreadable', reason: 'it is empty' } : { kind: 'text', text }
}

/** What hardly anybody means to be part of a secret; undefined where nothing stands out. */
export const suspiciousPart = (secret: string): string | undefined =>
  suspiciousParts.find(([pattern]) => pattern.test(secret))?.[1]

const suspiciousParts: readonly (readonly [RegExp, string])[] = [
  [/[\r\n]$/, 'ends with a line break'],
  [/\s$/, 'ends with a blank'],
  [/^\uFEFF/, 'begins with a byte order mark'],
  [/^\s/, 'begins with a blank or a line break'],
  [/[\r\n]/, 'has more than one line'],
  [/[\u0000-\u001f\u007f]/, 'holds a control character'],
  [/^(['"]).*\1$/, 'is in quotes'],
]
