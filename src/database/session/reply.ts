// What became of a message, as a value: rows, the server's error, or a connection that is gone. Errors are expected here.

import { hideSecrets, withoutQuotedSecrets, wordsAbout } from '../../sql/text/secrets.ts'
import { stateOf, type FenceState } from './fence-states.ts'
import { isCondition } from '../../errors/server/sqlstate.ts'

export type Row = Readonly<Record<string, unknown>>

export type ServerError = {
  /** A file may have raised any. */
  readonly sqlstate: string
  /** What our own SQL has raised; `undefined` where it was anything else. */
  readonly raised: FenceState | undefined
  /** The detail that our own SQL has given it, whole: a value for us, never shown as it is. */
  readonly finding: string | undefined
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly context: string | undefined
  /** What a function or DO block was running. */
  readonly internalQuery: string | undefined
  /** In characters from 1, within `internalQuery`. */
  readonly internalPosition?: number | undefined
  /** In characters from 1, within the text that was sent. */
  readonly position: number | undefined
  /** What the error is about, by the names in the catalog; the server says it of broken constraints. */
  readonly subject?: Subject | undefined
}

export type Subject = {
  readonly schema: string
  readonly table: string
  readonly column: string | undefined
  readonly constraint: string | undefined
}

/** Whose connection it is; the server sees it in application_name. */
export type SessionRole =
  | 'run'
  | 'lock'
  | 'watch'
  | 'status'
  | 'plan'
  | 'init'
  | 'validate'
  | 'wait'
  | 'contract'
  | 'schema'
  | 'drift'
  | 'scratch'
  | 'squash'
  | 'doctor'
  | 'backfill'
  | 'indexes'

export type Reply =
  | {
      readonly kind: 'done'
      /** The rows of each statement that returns rows. */
      readonly sets: readonly (readonly Row[])[]
      /** The process id of the protocol's handshake: not pg_backend_pid() behind a pooler (docs/design/facts.md). */
      readonly handshakePid: number
    }
  | { readonly kind: 'server error'; readonly error: ServerError }
  | {
      readonly kind: 'lost'
      /** The connection that was lost first, where one was given up for another. */
      readonly role: SessionRole
      /** In words. */
      readonly reason: string
      /** Node's, postgres.js' or the server's code. */
      readonly code: string
    }

type Result = readonly Row[] & {
  readonly columns?: readonly unknown[]
  readonly state?: { readonly pid?: number }
}

// One statement yields a result, many yield an array of results; anything else is the stream of a COPY.
export const readResult = (result: unknown): Reply | undefined => {
  if (!Array.isArray(result)) return undefined
  const results = (Array.isArray(result[0]) ? result : [result]) as readonly Result[]
  return {
    kind: 'done',
    sets: results.filter(({ columns = [] }) => columns.length > 0),
    handshakePid: results[0]?.state?.pid ?? 0,
  }
}

export const noDetails = {
  raised: undefined,
  finding: undefined,
  detail: undefined,
  hint: undefined,
  context: undefined,
  internalQuery: undefined,
  position: undefined,
} as const

type PostgresError = Error & {
  readonly code: string
  /** Not translated; PgBouncer does not always tell it. */
  readonly severity?: string
  readonly detail?: string
  readonly hint?: string
  readonly where?: string
  readonly internal_query?: string
  readonly internal_position?: string
  readonly position?: string
  readonly schema_name?: string
  readonly table_name?: string
  readonly column_name?: string
  readonly constraint_name?: string
  /** The connection was closed behind it; scripts/last-words.js puts it there. */
  readonly endedSession?: true
}

// By its name: the class itself stays in this module.
const isServerError = (error: unknown): error is PostgresError =>
  error instanceof Error && error.name === 'PostgresError'

/** `sent` is what the server was given. */
export const readError = (error: unknown, role: SessionRole, sent: string): Reply => {
  if (!isServerError(error)) {
    // Node's words for a server that answered the request for TLS and then went away: it has none to offer.
    if (error instanceof Error && error.message.includes('before secure TLS connection'))
      return { kind: 'lost', role, reason: 'it may offer no TLS', code: 'ERR_TLS_NOT_OFFERED' }
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { kind: 'lost', role, reason: reasons[code] ?? code, code }
  }
  const { code, severity, detail, hint, where, position, internal_query: query } = error
  const { endedSession } = error
  const shown = shownWords(sent, query ?? '')
  const message = shown(error.message)
  const raised = stateOf(code, error.message)
  const sqlstate = raised ?? code
  // A mere ERROR ended none of our connections: a file met it on one that the server made for it, as for a subscription or dblink.
  const endsConnection = sqlstate.startsWith('08') || isCondition(sqlstate, 'sessionEnded')
  if (endedSession === true || (endsConnection && severity !== 'ERROR'))
    return { kind: 'lost', role, reason: `SQLSTATE ${sqlstate}: ${message}`, code: sqlstate }
  return {
    kind: 'server error',
    error: {
      sqlstate,
      raised,
      finding: raised && detail,
      message,
      detail: detail && shown(detail),
      hint: hint && shown(hint),
      context: where && shown(where),
      internalQuery: query && shownQuery(query),
      internalPosition: numberOf(error.internal_position),
      position: numberOf(position),
      subject: subjectOf(error),
    },
  }
}

const subjectOf = ({
  schema_name: schema,
  table_name: table,
  column_name: column,
  constraint_name: constraint,
}: PostgresError): Subject | undefined =>
  schema === undefined || table === undefined ? undefined : { schema, table, column, constraint }

/** What a function or DO block ran, as it is shown. */
export const shownQuery = (query: string): string => bounded(hideSecrets(query))

/** For the server's words about what it was given, and what that ran. */
const shownWords = (sent: string, query: string): ((words: string) => string) => {
  const [aboutSent, aboutQuery] = [wordsAbout(sent), wordsAbout(query)]
  return (words) => bounded(aboutQuery(aboutSent(words)))
}

/** A notice's: which of the messages it is about, the protocol does not say. */
export const shownNotice = (words: string): string => bounded(withoutQuotedSecrets(words))

// More than anybody reads, and no more than a log can bear: RAISE takes a message of 300 MB.
const mostShown = 4_000

const bounded = (words: string): string =>
  words.length <= mostShown
    ? words
    : `${copied(words.slice(0, mostShown).replace(/[\ud800-\udbff]$/, ''))}… (${words.length - mostShown} more characters)`

// V8 keeps the whole of a string in memory for as long as a slice of it lives.
const copied = (words: string): string => Buffer.from(words, 'utf16le').toString('utf16le')

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)

// A code alone would not help at 3 a.m.
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up yet',
  ENOENT: 'the socket is not there',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  CONNECT_TIMEOUT: 'no answer within 5 s',
  CONNECTION_DESTROYED: 'no answer, or none that PostgreSQL would give',
  CONNECTION_CLOSED: 'the other side closed the connection',
  EPIPE: 'the other side closed the connection',
}
