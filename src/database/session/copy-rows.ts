// Rows for COPY … FROM stdin within a message. The server asks for them where it meets the statement, and goes on with the rest
// of the message behind them. postgres.js answers the message with a stream then, and loses what comes after; so its answer is
// held back until the server has ended the message.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY

import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { Announce } from '../../events.ts'
import { streamRows, type RowsOnDisk } from '../../files/rows-on-disk.ts'
import { fenceStates, givingUp } from './fence-states.ts'

export type Feeding = {
  /** The rows of each COPY, in the order of the message. One without rows answers with its stream, as always. */
  readonly copies: readonly RowsOnDisk[]
  /** Hears from time to time how far they are. */
  readonly announce: Announce
}

export const feedingCopies = <Query extends Promise<unknown>>(
  query: Query,
  { copies, announce }: Feeding,
): Query => {
  if (copies.length === 0) return query
  const onSent = tellingProgress(copies, announce)
  // Not among its types: the two by which postgres.js settles what it has answered.
  const answering = query as unknown as { resolve: (answer: unknown) => void }
  const answer = answering.resolve
  const ended = new AbortController()
  const end = (): void => {
    ended.abort()
  }
  void query.then(end, end)
  let next = 0
  answering.resolve = (value) => {
    const rows = copies[next++]
    if (value instanceof Writable && rows !== undefined)
      void feed(value, rows, { onSent, ended: ended.signal })
    else answer(value)
  }
  return query
}

type Fed = { readonly onSent: (bytes: number) => void; readonly ended: AbortSignal }

const feed = async (stream: Writable, rows: RowsOnDisk, { onSent, ended }: Fed): Promise<void> => {
  const giveUp = stream.destroy.bind(stream)
  // It would tell the server that this COPY failed when it is over, and fail the next one of the message.
  stream.destroy = () => stream
  const send = async (piece: Buffer): Promise<void> => {
    // The server may have ended it, and asks for no more.
    if (!stream.write(piece)) await once(stream, 'drain', { signal: ended }).catch(nothing)
    onSent(piece.length)
  }
  const sent = await streamRows(rows, send, ended)
  if (sent === 'the same') stream.end()
  if (sent === 'changed') {
    stream.on('error', nothing)
    giveUp(new Error(givingUp(fenceStates.rowsChanged)))
  }
}

const nothing = (): void => undefined

const reportEveryMs = 5_000

const tellingProgress = (
  copies: readonly RowsOnDisk[],
  announce: Announce,
): ((bytes: number) => void) => {
  const of = copies.reduce((sum, { start, end }) => sum + end - start, 0)
  let done = 0
  let reportedAt = Date.now()
  return (bytes) => {
    done += bytes
    if (Date.now() - reportedAt < reportEveryMs) return
    reportedAt = Date.now()
    announce({ kind: 'rows sent', file: copies[0]?.file ?? '', done, of })
  }
}
