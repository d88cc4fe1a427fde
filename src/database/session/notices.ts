// Whose notice it is, of several messages that are on their way: the server's are in the order of its answers, and so they
// belong to the message that a row came from last. The protocol does not say it otherwise.

import type { Announce, RunEvent } from '../../events.ts'
import type { Row } from './reply.ts'

type ServerNotice = Extract<RunEvent, { kind: 'server notice' }>
export type Notice = ServerNotice | Extract<RunEvent, { kind: 'server notices left out' }>
export type OnNotice = (notice: Notice) => void
/** Where it returns a listener, what the server tells from here on is for that one, until the message is answered. */
export type OnRow = (row: Row) => OnNotice | undefined

export type Attribution = {
  readonly take: (notice: ServerNotice) => void
  /** To be called with the rows of a message whose notices are for `onNotice`. */
  readonly listening: (
    onRow: OnRow | undefined,
    onNotice: OnNotice | undefined,
  ) => OnRow | undefined
  /** That message is answered. */
  readonly answered: (onNotice: OnNotice | undefined) => void
}

/** What belongs to no message that listens is announced. Of each message, no more than is read by anybody. */
export const attributeNotices = (announce: Announce): Attribution => {
  let heardFor: OnNotice | undefined
  let some = someOfEach(announce)
  const turnTo = (message: OnNotice | undefined, listener = message): void => {
    some.end()
    heardFor = message
    some = someOfEach(listener ?? announce)
  }
  return {
    take: (notice) => {
      some.take(notice)
    },
    listening: (onRow, onNotice) =>
      onRow &&
      ((row) => {
        if (heardFor !== onNotice) turnTo(onNotice)
        const next = onRow(row)
        if (next !== undefined) turnTo(onNotice, next)
      }),
    answered: (onNotice) => {
      if (heardFor === onNotice) turnTo(undefined)
    },
  }
}

// Whoever listens may have to hold them until many other messages are answered, and a log takes them more slowly than a server
// sends them: a loop of a file raises millions.
const mostShown = 100
const mostCharacters = 65_536

type Some = { readonly take: (notice: ServerNotice) => void; readonly end: () => void }

// A warning is not lost among any number of notices.
const someOfEach = (hear: OnNotice): Some => {
  const [warnings, notices] = [firstOf('warnings', hear), firstOf('notices', hear)]
  return {
    take: (notice) => {
      const kind = notice.severity === 'WARNING' ? warnings : notices
      kind.take(notice)
    },
    end: () => {
      notices.end()
      warnings.end()
    },
  }
}

const firstOf = (of: 'warnings' | 'notices', hear: OnNotice): Some => {
  let [shown, characters, leftOut] = [0, 0, 0]
  return {
    take: (notice) => {
      if (leftOut > 0 || shown === mostShown || characters > mostCharacters) {
        leftOut += 1
        return
      }
      shown += 1
      characters += notice.notice.length
      hear(notice)
    },
    end: () => {
      if (leftOut > 0) hear({ kind: 'server notices left out', of, shown, leftOut })
    },
  }
}
