// A whole migration as one simple-protocol message: BEGIN, timeouts and a clean session, the fence, the file's
// text, the fence again, the ledger row, COMMIT. Between the parts are markers: the server does not say which
// statement of a message failed, but the last marker row that came back does.

import { randomBytes } from 'node:crypto'
import { ownPath, resetAll } from '../database/own-sql.ts'
import type { Server } from '../database/server/server.ts'
import type { ServerError } from '../database/session/reply.ts'
import type { Place } from '../errors/problem.ts'
import type { Migration } from '../migrations/migration.ts'
import type { PreparedMigration, StatementSpan } from '../migrations/prepare/prepare.ts'
import type { RowsOnDisk } from '../files/rows-on-disk.ts'
import type { LockTimeout, StatementTimeout } from '../sql/duration.ts'
import { indexOfCharacter } from '../sql/text/offsets.ts'
import { messageName } from './blockers/blockers.ts'
import { failedRow, placeIn } from './failure/failed-row.ts'
import {
  dropSessionObjects,
  limitsOf,
  opening,
  setLocalRole,
  settingsOfLogin,
} from './transaction-settings.ts'
import {
  resetSession,
  ledgerUntouched,
  fenceStart,
  roleStays,
  runDeferred,
  sealed,
  transactionLasts,
  type FenceExpectation,
  type Sight,
} from './fence.ts'
import { syntaxError } from '../errors/server/sqlstate.ts'

// Random, so that no result of a file's own can be taken for a marker.
export const markerColumn = `schemagate_${randomBytes(6).toString('hex')}`

/** Where a message got to when it failed. */
export type Phase =
  /** The server could not parse the message, so that nothing of it ran. */
  | { readonly kind: 'parse' }
  | { readonly kind: 'fence' }
  | { readonly kind: 'statement'; readonly number: number }
  | { readonly kind: 'deferred constraints' }
  | { readonly kind: 'verification' }
  | { readonly kind: 'recording' }
  | { readonly kind: 'commit' }

export type MigrationMessage = {
  /** The comment that it begins with. */
  readonly name: string
  readonly text: string
  /** The rows of each of its COPY … FROM stdin. */
  readonly copies: readonly RowsOnDisk[]
  /** How many statements the file holds, as far as the parser could tell. */
  readonly statements: number
  /** `lastMarker` is the last one that came back, if any did. */
  readonly locate: (error: ServerError, lastMarker: number | undefined) => Located
}

type Located = {
  readonly phase: Phase
  readonly place: Place | undefined
  /** Tells more of the file than the server's own message does. */
  readonly message?: string
}

export type MessageParts = {
  readonly prepared: PreparedMigration
  /** Statements that raise when the database does not have what the file promises; may be ''. */
  readonly verification: string
  readonly server: Server
  readonly fence: FenceExpectation
  readonly runId: string
  readonly sight: Sight
  /** The INSERT of the ledger row, and its confirmation. */
  readonly record: string
  /** SQL behind the fence: settings that the file's text has made before. */
  readonly settings?: string
  /** What of the file this message runs; the whole file when not given. */
  readonly part?: StatementSpan
  readonly statementTimeout: StatementTimeout
  readonly lockTimeout: LockTimeout
}

type Piece = { readonly text: string; readonly fileIndex: number }

export const buildMessage = (parts: MessageParts): MigrationMessage => {
  const { prepared, fence } = parts
  const { migration } = prepared
  const part = parts.part ?? { start: 0, end: prepared.body.length }
  const statements = prepared.statements?.filter(
    ({ start, end }) => start >= part.start && end <= part.end,
  )
  const pieces = piecesOf(prepared.body, statements, part)
  const spans: { at: number; piece: Piece }[] = []
  const { role } = parts.server.searchPath
  const name = messageName(migration.file, fence.locked.key, parts.runId)
  let text = `${name} ${opening(parts)};\n${fenceStart(fence)};\n${settingsOfLogin(parts.server)};\n`
  if (role !== undefined) text += `${setLocalRole(role)};\n`
  if (parts.settings !== undefined) text += `${parts.settings}\n;\n`
  pieces.forEach((piece, index) => {
    text += `${marker(index + 1)};\n`
    spans.push({ at: text.length, piece })
    // The newline ends a last comment, the semicolon a last statement that has none.
    text += index === pieces.length - 1 ? `${piece.text}\n;\n` : piece.text
  })
  const fileIndexOf = (position: number): number | undefined => {
    const index = indexOfCharacter(text, position - 1)
    const span = spans.findLast(({ at }) => at <= index)
    if (span === undefined || index > span.at + span.piece.text.length) return undefined
    return span.piece.fileIndex + index - span.at
  }
  text += endOf(parts, pieces.length + 1)
  return {
    name,
    text,
    copies: copiesOf(migration, statements),
    statements: statements?.length ?? 0,
    locate: (error, lastMarker) => {
      const reached = phaseAfter(lastMarker, pieces.length)
      const index = error.position === undefined ? undefined : fileIndexOf(error.position)
      if (index !== undefined) {
        const phase: Phase = reached.kind === 'fence' ? { kind: 'parse' } : reached
        return { phase, place: placeIn(migration, index) }
      }
      // The server met the end of what the file left unfinished in our own text behind it.
      const { unreadable } = prepared
      if (unreadable !== undefined && reached.kind === 'fence' && error.sqlstate === syntaxError) {
        const place = placeIn(migration, unreadable.index)
        return { phase: { kind: 'parse' }, place, message: unreadable.message }
      }
      const number = reached.kind === 'statement' ? reached.number : 0
      const statement = statements?.[number - 1]
      const place =
        statement && (failedRow(error, statement, migration) ?? placeIn(migration, statement.start))
      return { phase: reached, place }
    },
  }
}

// What the parser could not read goes whole, with all rows of the file.
const copiesOf = (
  { rows = [] }: Migration,
  statements: readonly StatementSpan[] | undefined,
): readonly RowsOnDisk[] =>
  statements === undefined
    ? rows
    : statements.flatMap(({ rows: mark }) => (mark && rows[mark.number]) ?? [])

const endOf = (parts: MessageParts, after: number): string =>
  [
    marker(after),
    // Checked here rather than by COMMIT, where an error leaves nothing that could say what it was about.
    'SET CONSTRAINTS ALL IMMEDIATE',
    marker(after + 1),
    ...closing(parts),
    marker(after + 2),
    // What is left of the file's own goes first: an open cursor would run its query at COMMIT.
    dropSessionObjects(parts.server, parts.part === undefined ? 'file ends' : 'file goes on'),
    ...lastOfFile(parts),
    marker(after + 3),
    ledgerUntouched(parts.fence, parts.sight),
    parts.record,
    sealed,
    marker(after + 4),
    'COMMIT',
  ].join(';\n')

// As the file's own statements run, and not with the rights of the login nor in our path.
const lastOfFile = (parts: MessageParts): readonly string[] => {
  const { role } = parts.server.searchPath
  return [
    ...(role === undefined ? [] : [setLocalRole(role)]),
    settingsOfLogin(parts.server),
    runDeferred,
    resetSession(limitsOf(parts)),
  ]
}

// Compared under the role that the file put on, which may be the only one that sees its schemas. But a file that nobody
// could read may have ended its transaction, and the fence must say that first.
const closing = (parts: MessageParts): readonly string[] => {
  const { prepared, verification, fence, server } = parts
  const { role } = server.searchPath
  const limits = limitsOf(parts)
  const stays = role === undefined ? [] : [roleStays(role)]
  if (prepared.statements !== undefined)
    return [
      ...stays,
      ...(verification === '' ? [] : [resetAll, limits, ownPath, verification]),
      resetSession(limits),
    ]
  const closed = [...stays, resetSession(limits), transactionLasts(fence)]
  if (verification === '') return closed
  return role === undefined
    ? [...closed, verification, resetSession(limits)]
    : [...closed, setLocalRole(role), verification, resetSession(limits)]
}

// One piece for each statement, from its first character to the next one's; what the parser could not read, and
// a file without statements, goes whole.
const piecesOf = (
  body: string,
  statements: readonly StatementSpan[] | undefined,
  part: StatementSpan,
): readonly Piece[] => {
  if (statements === undefined || statements.length === 0)
    return [{ text: body.slice(part.start, part.end), fileIndex: part.start }]
  return statements.map(({ start }, index) => {
    const fileIndex = index === 0 ? part.start : start
    return { text: body.slice(fileIndex, statements[index + 1]?.start ?? part.end), fileIndex }
  })
}

const marker = (number: number): string => `SELECT ${number} AS ${markerColumn}`

const phaseAfter = (last: number | undefined, pieces: number): Phase => {
  if (last === undefined) return { kind: 'fence' }
  if (last <= pieces) return { kind: 'statement', number: last }
  if (last === pieces + 1) return { kind: 'deferred constraints' }
  if (last === pieces + 2) return { kind: 'verification' }
  if (last === pieces + 3) return { kind: 'deferred constraints' }
  return { kind: last === pieces + 4 ? 'recording' : 'commit' }
}
