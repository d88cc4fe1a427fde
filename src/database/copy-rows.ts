// Rows for COPY … FROM stdin within a message. The server asks for them where it meets the statement, and goes on with the rest
// of the message behind them. postgres.js answers the message with a stream then, and loses what comes after; so its answer is
// held back until the server has ended the message.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY

import { once } from 'node:events'
import { Writable } from 'node:stream'

const chunkLength = 65_536

/** `copies` has the rows of each COPY, in the order of the message. One without rows answers with its stream, as always. */
export const feedingCopies = <Query extends Promise<unknown>>(
  query: Query,
  copies: readonly string[],
): Query => {
  if (copies.length === 0) return query
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
    if (value instanceof Writable && rows !== undefined) void feed(value, rows, ended.signal)
    else answer(value)
  }
  return query
}

const feed = async (stream: Writable, rows: string, ended: AbortSignal): Promise<void> => {
  // It would tell the server that this COPY failed when it is over, and fail the next one of the message.
  stream.destroy = () => stream
  for (let at = 0; at < rows.length && !ended.aborted;) {
    const end = endOfChunk(rows, at)
    const isTaken = stream.write(rows.slice(at, end))
    // The server may have ended it, and asks for no more.
    if (!isTaken) await once(stream, 'drain', { signal: ended }).catch(nothing)
    at = end
  }
  if (!ended.aborted) stream.end()
}

// At the end of a row, so that no character is cut in two.
const endOfChunk = (rows: string, at: number): number => {
  const newline = rows.indexOf('\n', at + chunkLength)
  return newline === -1 ? rows.length : newline + 1
}

const nothing = (): void => undefined
