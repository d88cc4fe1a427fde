// Bytes of a file to the text that is checked, sent and summed: one text, so that equal checksums mean
// equal effects, whatever editor or checkout touched the file.

import { isUtf8 } from 'node:buffer'
import { piecesOf, type TextBytes } from '../files/text-bytes.ts'

type Bad = {
  readonly kind: 'bad'
  readonly reason: string
  readonly cure: string
  /** The text before the place. */
  readonly before: string
}

export type Decoded = { readonly kind: 'text'; readonly text: string } | Bad

const saveFrom = (encoding: string): string =>
  `Save the file as UTF-8, for example: iconv -f ${encoding} -t UTF-8 old.sql > new.sql`

// One for all files: making one takes longer than reading a file with it.
const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * As decode(), of what somebody has decoded who puts U+FFFD in the place of what is not UTF-8, as Node.js does when it reads a file
 * as text. Undefined where one is in it: then only the bytes tell.
 */
export const decodeLenient = (text: string): Decoded | undefined =>
  text.includes('\uFFFD') ? undefined : asSent(text)

/**
 * Drops a BOM, and reads CRLF as LF where every line ends so, as a checkout on Windows has it. Among lines of both kinds a CR may
 * occur in a literal: it is data. What is not UTF-8 yields the reason and the text before the place.
 */
export const decode = (bytes: Uint8Array): Decoded => {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return {
      kind: 'bad',
      reason: 'it starts with a UTF-16 byte order mark',
      cure: saveFrom('UTF-16'),
      before: '',
    }
  try {
    return asSent(strictly.decode(bytes))
  } catch {
    const at = firstInvalidByte(bytes)
    const before = withLineFeeds(new TextDecoder('utf-8').decode(bytes.subarray(0, at)))
    const hex = (bytes[at] ?? 0).toString(16).padStart(2, '0')
    const reason = `the byte 0x${hex} does not belong there`
    return { kind: 'bad', reason, cure: saveFrom('WINDOWS-1252'), before }
  }
}

export type BadBytes = Pick<Bad, 'reason' | 'cure'> & {
  readonly line: number
  readonly column: number
}

/** What decode() would have against a text that is too large for memory, and where. */
export const badBytesIn = (bytes: TextBytes): BadBytes | undefined => {
  let lines = 0
  // Of the line that goes on.
  let characters = 0
  let cut = Buffer.alloc(0)
  for (const each of piecesOf(bytes, { start: 0, end: bytes.size })) {
    const piece = cut.length === 0 ? each : Buffer.concat([cut, each])
    const end = charactersEnd(piece)
    const whole = piece.subarray(0, end)
    cut = Buffer.from(piece.subarray(end))
    if (!isUtf8(whole) || whole.includes(0)) return badPlace(whole, lines, characters)
    const lastLine = whole.lastIndexOf(10) + 1
    for (let at = whole.indexOf(10); at !== -1; at = whole.indexOf(10, at + 1)) lines += 1
    const going = Array.from(whole.toString('utf8', lastLine)).length
    characters = lastLine === 0 ? characters + going : going
  }
  return cut.length === 0 ? undefined : badPlace(cut, lines, characters)
}

const badPlace = (piece: Buffer, lines: number, characters: number): BadBytes | undefined => {
  const decoded = decode(piece)
  if (decoded.kind === 'text') return undefined
  const { reason, cure, before } = decoded
  const [last = '', ...behind] = before.split('\n').reverse()
  const column = Array.from(last).length + (behind.length === 0 ? characters : 0) + 1
  return { reason, cure, line: lines + behind.length + 1, column }
}

/** Where the last character ends that is not cut in two: at most three bytes before the end. */
export const charactersEnd = (piece: Buffer): number => {
  for (let back = 1; back <= Math.min(3, piece.length); back++) {
    const byte = piece[piece.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? piece.length - back : piece.length
  }
  return piece.length
}

const asSent = (whole: string): Decoded => {
  const text = withLineFeeds(whole.startsWith('\uFEFF') ? whole.slice(1) : whole)
  // PostgreSQL's protocol ends a message at a NUL: the rest of the file would be cut off unseen.
  const nul = text.indexOf('\0')
  if (nul === -1) return { kind: 'text', text }
  const cure = 'Remove that character; if there is one after every letter, the file is UTF-16.'
  return { kind: 'bad', reason: 'it holds a NUL character', cure, before: text.slice(0, nul) }
}

const withLineFeeds = (text: string): string =>
  /(?<!\r)\n/.test(text) ? text : text.replaceAll('\r\n', '\n')

// The longest prefix that decodes, by halving; a sequence cut off by the prefix's end is not an error there. What is
// wrong then starts where that sequence does: a lone 0xe9 of WINDOWS-1252 is recognised only by the byte after it.
const firstInvalidByte = (bytes: Uint8Array): number => {
  const decodes = (length: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true })
      return true
    } catch {
      return false
    }
  }
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodes(middle)) good = middle
    else bad = middle
  }
  const whole = new TextDecoder('utf-8', { ignoreBOM: true })
  return Buffer.byteLength(whole.decode(bytes.subarray(0, good), { stream: true }))
}
