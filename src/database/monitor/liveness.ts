// While a message takes long, the monitor asks the server what becomes of it. A statement may rightly take hours; but a server that
// waits for us while we wait for it has lost the message or the answer on the way, and says nothing.

import type { Monitor } from './monitor.ts'
import { runsForUs } from './our-statements.ts'
import { ownPath, reading } from '../own-sql.ts'
import type { Reply } from '../session/reply.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../session/session.ts'
import { silenceMs } from '../session/silence.ts'

export type Watching = {
  readonly server: Server
  readonly monitor: Monitor
  /** After how many seconds without any answer the server counts as gone; Infinity where something else tells. */
  readonly silentSeconds: number
}

/** A message takes long after so many seconds. */
const longSeconds = 3

/** The session, given up when the server is seen to wait for us, or gives no answer to anybody. */
export const watched = (session: Session, watching: Watching): Session => {
  const out: string[] = []
  let watch: { readonly stop: () => void } | undefined
  const watchNext = (): void => {
    watch?.stop()
    watch = out[0] === undefined ? undefined : watchMessage(out[0], session, watching)
  }
  return {
    ...session,
    send: async (text, ...hearing) => {
      if (out.push(text) === 1) watchNext()
      try {
        return await session.send(text, ...hearing)
      } finally {
        out.shift()
        watchNext()
      }
    },
  }
}

const watchMessage = (
  text: string,
  session: Session,
  { server, monitor, silentSeconds }: Watching,
): { readonly stop: () => void } => {
  let seen: Seen = { atAll: false, waitsForUs: 0, silent: 0 }
  let copied: unknown
  const hear = (answer: Reply | 'no answer'): void => {
    const now =
      answer !== 'no answer' && answer.kind === 'done' ? answer.sets[0]?.[0]?.['copied'] : copied
    // While it takes the rows of a COPY it waits for each of them.
    const goesOn = typeof now === 'string' && now !== copied
    copied = now
    seen = updated(seen, goesOn ? 'works' : sightOf(answer))
    if (seen.waitsForUs * 1_000 >= silenceMs)
      session.drop(`the server has waited for us for ${seen.waitsForUs} s: the answer never came`)
    if (seen.silent >= silentSeconds)
      session.drop(`no answer within ${silentSeconds + longSeconds} s, nor to a new connection`)
  }
  return monitor.watch({
    query: livenessQuery(text, server),
    firstAfterMs: (longSeconds + 1) * 1_000,
    everyMs: 1_000,
    hear,
  })
}

export type Sight = 'works' | 'waits for us' | 'not there' | 'no answer' | 'cannot tell'

export type Seen = {
  /** Before that, one that is not there may be on another server: a URL can name several. */
  readonly atAll: boolean
  /** Both in seconds on end. */
  readonly waitsForUs: number
  readonly silent: number
}

/** One look more. */
export const updated = ({ atAll, waitsForUs, silent }: Seen, sight: Sight): Seen => {
  switch (sight) {
    case 'works':
      return { atAll: true, waitsForUs: 0, silent: 0 }
    case 'waits for us':
      return { atAll: true, waitsForUs: waitsForUs + 1, silent: 0 }
    case 'not there':
      return { atAll, waitsForUs: atAll ? waitsForUs + 1 : 0, silent: 0 }
    case 'no answer':
      return { atAll, waitsForUs, silent: silent + 1 }
    case 'cannot tell':
      return { atAll, waitsForUs: 0, silent: 0 }
  }
}

// Directly, it is the process that we know. Behind a pooler any may have our message: it is known by how the message begins,
// which for a migration is the comment with the name of its file and the key of its lock.
const livenessQuery = (text: string, { connectionKind, pid }: Server): string =>
  reading(
    `SELECT coalesce(a.wait_event IN ('ClientRead', 'ClientWrite'), false) AS waits,
        (SELECT p.bytes_processed::pg_catalog.text FROM pg_catalog.pg_stat_progress_copy p WHERE p.pid = a.pid) AS copied
      FROM pg_catalog.pg_stat_activity a WHERE ${
        connectionKind === 'DIRECT'
          ? `a.pid = ${pid} AND a.datname = pg_catalog.current_database()`
          : runsForUs(beginningOf(text))
      } ORDER BY waits LIMIT 1`,
  )

// Our queries begin alike, up to where they set their path.
const beginningOf = (text: string): string =>
  /^(?:\/\*[^*]*\*\/ )+/.exec(text)?.[0] ??
  text.slice(0, text.indexOf(ownPath) + ownPath.length + 60)

const sightOf = (reply: Reply | 'no answer'): Sight => {
  if (reply === 'no answer') return reply
  if (reply.kind === 'lost')
    return reply.code === 'CONNECTION_DESTROYED' ? 'no answer' : 'cannot tell'
  if (reply.kind === 'server error') return 'cannot tell'
  const [row] = reply.sets[0] ?? []
  if (row === undefined) return 'not there'
  return row['waits'] === true ? 'waits for us' : 'works'
}
