// Whose notice it is, of several messages that are on their way: the server's are in the order of its answers, and so they
// belong to the message that a row came from last. The protocol does not say it otherwise.

import type { Announce, RunEvent } from '../events.ts'
import type { Row } from './reply.ts'

export type Notice = Omit<Extract<RunEvent, { kind: 'server notice' }>, 'kind'>
export type OnNotice = (notice: Notice) => void
export type OnRow = (row: Row) => void

export type Attribution = {
  readonly take: OnNotice
  /** To be called with the rows of a message whose notices are for `onNotice`. */
  readonly listening: (
    onRow: OnRow | undefined,
    onNotice: OnNotice | undefined,
  ) => OnRow | undefined
  /** That message is answered. */
  readonly answered: (onNotice: OnNotice | undefined) => void
}

/** What belongs to no message that listens is announced. */
export const attributeNotices = (announce: Announce): Attribution => {
  let listener: OnNotice | undefined
  const tell: OnNotice = (notice) => {
    announce({ kind: 'server notice', ...notice })
  }
  return {
    take: (notice) => {
      const hear = listener ?? tell
      hear(notice)
    },
    listening: (onRow, onNotice) =>
      onRow &&
      ((row) => {
        listener = onNotice
        onRow(row)
      }),
    answered: (onNotice) => {
      if (listener === onNotice) listener = undefined
    },
  }
}
