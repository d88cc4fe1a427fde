// The bytes of a text that may be larger than memory: read by their places, and summed piece by piece just as a text that is
// read whole (migrations/decode.ts, and the checksum of migrations/migration.ts).

import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import type { RegularFile } from './regular-file.ts'

export type TextBytes = {
  readonly size: number
  /** Those from one place up to another, fewer where the text ends. Valid until the next call. */
  readonly at: (start: number, end: number) => Buffer
}

export const pieceLength = 1_048_576

export const bytesOfFile = ({ descriptor, size }: RegularFile): TextBytes => {
  let buffer = Buffer.allocUnsafe(pieceLength)
  return {
    size,
    at: (start, end) => {
      const length = Math.max(0, Math.min(end, size) - start)
      if (length > buffer.length) buffer = Buffer.allocUnsafe(length)
      let filled = 0
      for (let count = 1; count > 0 && filled < length; filled += count)
        count = readSync(descriptor, buffer, filled, length - filled, start + filled)
      return buffer.subarray(0, filled)
    },
  }
}

export const bytesInMemory = (buffer: Buffer): TextBytes => ({
  size: buffer.length,
  at: (start, end) => buffer.subarray(start, end),
})

/** One after the other, each valid until the next. */
export function* piecesOf(
  bytes: TextBytes,
  { start, end }: { readonly start: number; readonly end: number },
): Generator<Buffer> {
  for (let at = start; at < end;) {
    const piece = bytes.at(at, Math.min(end, at + pieceLength))
    // Somebody has cut it off meanwhile.
    if (piece.length === 0) return
    at += piece.length
    yield piece
  }
}

/** `CRLF`: every line ends so, and is read as if it ended in LF. */
export type LineEnds = 'CRLF' | 'LF'

export const lineEndsOf = (bytes: TextBytes): LineEnds => {
  let last: number | undefined
  let ends: LineEnds = 'LF'
  for (const piece of piecesOf(bytes, { start: 0, end: bytes.size })) {
    for (let at = piece.indexOf(lf); at !== -1; at = piece.indexOf(lf, at + 1)) {
      if ((at === 0 ? last : piece[at - 1]) !== cr) return 'LF'
      ends = 'CRLF'
    }
    last = piece.at(-1)
  }
  return ends
}

const cr = 13
const lf = 10

export type Summing = {
  /** The piece as it is sent. */
  readonly take: (piece: Buffer) => Buffer
  /** What is left to be sent behind the last piece. */
  readonly rest: () => Buffer
  /** In hex; of everything that was taken, behind rest(). */
  readonly checksum: () => string
}

export const summing = (lineEnds: LineEnds): Summing => {
  const sum = createHash('sha256')
  const sent = lineEnds === 'CRLF' ? withLineFeeds() : asItIs
  const summed = withLineFeeds()
  const add = (piece: Buffer): Buffer => {
    sum.update(summed.take(piece))
    return piece
  }
  return {
    take: (piece) => add(sent.take(piece)),
    rest: () => add(sent.rest()),
    checksum: () => sum.update(summed.rest()).digest('hex'),
  }
}

/** In hex, of a stretch of it. */
export const checksumOfBytes = (
  bytes: TextBytes,
  lineEnds: LineEnds,
  span: { readonly start: number; readonly end: number },
): string => {
  const sum = summing(lineEnds)
  for (const piece of piecesOf(bytes, span)) sum.take(piece)
  sum.rest()
  return sum.checksum()
}

type Rewriting = Pick<Summing, 'take' | 'rest'>

const nothing = Buffer.alloc(0)

const asItIs: Rewriting = { take: (piece) => piece, rest: () => nothing }

// A CR at the end of a piece is held back until it shows what follows it.
const withLineFeeds = (): Rewriting => {
  let held = nothing
  return {
    take: (piece) => {
      const whole = held.length === 0 ? piece : Buffer.concat([held, piece])
      const end = whole.at(-1) === cr ? whole.length - 1 : whole.length
      held = end === whole.length ? nothing : Buffer.of(cr)
      const taken = whole.subarray(0, end)
      // Latin-1 has a character for each byte, and a string is rewritten faster than a buffer.
      return taken.includes(cr)
        ? Buffer.from(taken.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
        : taken
    },
    rest: () => held,
  }
}
