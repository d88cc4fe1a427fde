// The rows behind a COPY … FROM stdin, which stay in their file until their turn comes: there may be more of them than memory.

import { createReadStream } from 'node:fs'
import { openRegularFile, withRegularFile } from './regular-file.ts'
import { bytesOfFile, piecesOf, summing, type LineEnds, type TextBytes } from './text-bytes.ts'

export type RowsOnDisk = {
  /** Not to be shown. */
  readonly path: string
  /** The file as messages show it. */
  readonly file: string
  /** The first byte of the first row. */
  readonly start: number
  /** Behind the newline of the last row. */
  readonly end: number
  readonly lineEnds: LineEnds
  /** SHA-256 in hex, as that of the whole file is taken. */
  readonly checksum: string
}

const sentAtOnce = 65_536

/** Hands them over, piece by piece. Are they still those that were read with the file? Then there is nothing to report. */
export const streamRows = async (
  rows: RowsOnDisk,
  take: (piece: Buffer) => Promise<void>,
  ended: AbortSignal,
): Promise<'the same' | 'changed' | 'ended'> => {
  const sum = summing(rows.lineEnds)
  if (rows.end > rows.start) {
    const opened = openRegularFile(rows.path)
    if ('kind' in opened) return 'changed'
    const stream = createReadStream('', {
      ...{ fd: opened.descriptor, start: rows.start, end: rows.end - 1 },
      highWaterMark: sentAtOnce,
    })
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        if (ended.aborted) return 'ended'
        await take(sum.take(piece))
      }
    } catch {
      return 'changed'
    }
  }
  await take(sum.rest())
  if (ended.aborted) return 'ended'
  return sum.checksum() === rows.checksum ? 'the same' : 'changed'
}

const mostShown = 4_096

/** The line of that number, from 1, or its beginning; '' where it is not there any more. */
export const lineOfRows = ({ path, start, end }: RowsOnDisk, number: number): string => {
  const found = withRegularFile(path, (file) => {
    const bytes = bytesOfFile(file)
    const line = startOfLine(bytes, { start, end }, number)
    return bytes.at(line, Math.min(end, line + mostShown)).toString('utf8')
  })
  return typeof found === 'string' ? (found.split('\n', 1)[0] ?? '').replace(/\r$/, '') : ''
}

const startOfLine = (
  bytes: TextBytes,
  { start, end }: { readonly start: number; readonly end: number },
  number: number,
): number => {
  let newlines = 0
  let at = start
  for (const piece of piecesOf(bytes, { start, end })) {
    for (let newline = -1; newlines < number - 1; newlines++) {
      newline = piece.indexOf('\n', newline + 1)
      if (newline === -1) break
      if (newlines === number - 2) return at + newline + 1
    }
    at += piece.length
  }
  return number === 1 ? start : end
}
