// A server that goes by a script: it answers each message as PostgreSQL does, keeps the ledger's rows that a commit has made, and
// lets one message go wrong. Its replies are made by what reads those of the real one (database/session/reply.ts), so that they have its
// shape. What SQL does beside the ledger, it knows only of what the tests send.

import { markerColumn } from '../../../src/apply/message.ts'
import { makeEndpoint } from '../../../src/config/endpoint.ts'
import { quotedLedger } from '../../../src/database/ledger/ledger.ts'
import { readError, readResult, type Reply, type Row } from '../../../src/database/session/reply.ts'
import type { Session } from '../../../src/database/session/session.ts'
import {
  givingUp,
  fenceStates,
  type FenceState,
} from '../../../src/database/session/fence-states.ts'

export const ledgerSchema = 'ops'

/** Where in a message it goes wrong: before anything, behind half of its statements, at its COMMIT, behind it. */
const points = ['start', 'middle', 'commit', 'behind'] as const
type Point = (typeof points)[number]

export type Fault =
  /** The server never got it, nor what was sent behind it. */
  | { readonly kind: 'lost before' }
  /** The server ran it, and what was sent behind it; no answer came back. */
  | { readonly kind: 'lost after' }
  | { readonly kind: 'error'; readonly at: Point; readonly sqlstate: string }
  /** A signal cancels it. */
  | { readonly kind: 'cancelled'; readonly at: Point }
  /** A signal comes, and the cancel too late. */
  | { readonly kind: 'signal' }

export type LedgerState = {
  readonly state: 'applied' | 'reconciled' | 'running'
  readonly ordinal: number
  readonly done: number
  /** More than `done`: a statement without a transaction has begun, and nobody has written down that it ended. */
  readonly started: number
}

export type ScriptedServer = {
  readonly work: Session
  /** What it was sent, in order. */
  readonly sent: readonly string[]
  readonly ledger: ReadonlyMap<string, LedgerState>
  /** The statements without a transaction that ran to their end. */
  readonly ran: readonly string[]
  readonly isInFailedTransaction: () => boolean
}

/** Never connected. */
export const endpoint = makeEndpoint(
  {
    name: 'DIRECT',
    hosts: ['localhost'],
    ports: [1],
    user: 'u',
    database: 'd',
    sslMode: 'disable',
    rootCertificate: undefined,
    options: undefined,
  },
  undefined,
)

const ledgerName = quotedLedger(ledgerSchema)

/** `fault` strikes the message of that number, from 0. `rows` are in the ledger already. */
export const scriptedServer = (
  fault: { readonly message: number; readonly is: Fault } | undefined,
  interrupt: AbortController,
  rows: ReadonlyMap<string, LedgerState> = new Map(),
): ScriptedServer => {
  const sent: string[] = []
  const ran: string[] = []
  const indexes = new Set<string>()
  const lost = new AbortController()
  let ledger = new Map(rows)
  let failed = false
  let server: 'there' | 'deaf' | 'gone' = 'there'

  const run = (text: string): Ran => {
    if (text === 'ROLLBACK') {
      failed = false
      return done([])
    }
    if (failed) return serverError('25P02', 'current transaction is aborted', text)
    const refusal = refusedBy(ledger, text)
    if (refusal !== undefined) {
      failed = isTransaction(text)
      return raised(refusal, text)
    }
    ledger = after(ledger, text)
    const [, alone] =
      /^(?:\/\*[^*]*\*\/ )+((?:CREATE|DROP|VACUUM|CALL|REINDEX)\b.*)/s.exec(text) ?? []
    if (alone !== undefined) {
      ran.push(alone)
      const [, change, index = ''] =
        /^(CREATE|DROP) .*INDEX CONCURRENTLY (?:IF (?:NOT )?EXISTS )?(\S+)/.exec(alone) ?? []
      if (change === 'CREATE') indexes.add(index)
      if (change === 'DROP') indexes.delete(index.replace(/^"public"\."|"/g, ''))
    }
    return { ...done(answerTo(text, indexes, ran)), markers: markersIn(text) }
  }

  const strike = (is: Fault, text: string): Ran => {
    switch (is.kind) {
      case 'lost before':
        server = 'gone'
        return gone()
      case 'lost after':
        run(text)
        server = 'deaf'
        return gone()
      case 'signal':
        interrupt.abort('SIGTERM')
        return run(text)
      case 'cancelled':
        interrupt.abort('SIGTERM')
        return fail('57014', is.at, text)
      case 'error':
        return fail(is.sqlstate, is.at, text)
    }
  }

  const fail = (sqlstate: string, at: Point, text: string): Ran => {
    // What cannot fail there goes through.
    if (failed || text === 'ROLLBACK' || !pointsIn(text).includes(at)) return run(text)
    if (at === 'behind') ledger = after(ledger, text)
    failed = isTransaction(text) && (at === 'start' || at === 'middle')
    const markers = markersIn(text)
    const passed = {
      start: 0,
      middle: Math.ceil(markers.length / 2),
      commit: undefined,
      behind: undefined,
    }
    return {
      ...serverError(sqlstate, 'as the script has it', text),
      markers: markers.slice(0, passed[at]),
    }
  }

  const send: Session['send'] = async (text, onRow) => {
    const number = sent.push(text) - 1
    if (server === 'deaf') run(text)
    const { reply, markers = [] } =
      server !== 'there' ? gone() : number === fault?.message ? strike(fault.is, text) : run(text)
    if (reply.kind === 'lost') lost.abort(reply.reason)
    await Promise.resolve()
    for (const marker of markers) onRow?.({ [markerColumn]: marker })
    return reply
  }

  return {
    work: {
      role: 'run',
      endpoint,
      send,
      cancel: () => undefined,
      drop: () => undefined,
      lost: lost.signal,
      close: () => Promise.resolve(),
    },
    sent,
    get ledger() {
      return ledger
    },
    ran,
    isInFailedTransaction: () => failed,
  }
}

type Ran = { readonly reply: Reply; readonly markers?: readonly number[] }

/** Where a message can go wrong. */
export const pointsIn = (text: string): readonly Point[] => {
  if (text === 'ROLLBACK') return []
  if (!isTransaction(text)) return ['start']
  return behindCommit(text) === '' ? ['start', 'middle', 'commit'] : points
}

const behindCommit = (text: string): string => {
  const end = text.lastIndexOf('\nCOMMIT')
  return text
    .slice(end + '\nCOMMIT'.length)
    .replace(/^;\s*/, '')
    .trim()
}

const isTransaction = (text: string): boolean => /^(?:\/\*[^*]*\*\/ )*BEGIN\b/.test(text)

const markersIn = (text: string): readonly number[] =>
  [...text.matchAll(new RegExp(`SELECT (\\d+) AS ${markerColumn}`, 'g'))].map(([, n]) => Number(n))

/** As postgres.js yields it: an array of rows that knows its columns. */
const done = (rows: readonly Row[]): Ran => {
  const columns = Object.keys(rows[0] ?? {}).map((name) => ({ name }))
  const reply = readResult(Object.assign([...rows], { columns, state: { pid: 4710 } }))
  if (reply === undefined) throw new Error('no result')
  return { reply }
}

const serverError = (code: string, message: string, text: string): Ran => {
  const error = Object.assign(new Error(message), {
    name: 'PostgresError',
    code,
    severity: 'ERROR',
  })
  return { reply: readError(error, 'run', text) }
}

// What a cast of our own words to a number says.
const raised = (state: FenceState, text: string): Ran =>
  serverError('22P02', `invalid input syntax for type integer: "${givingUp(state)}"`, text)

const gone = (): Ran => ({
  reply: readError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'run', ''),
})

/** What the fence of the message says, where the ledger is not as it expects. */
const refusedBy = (
  ledger: ReadonlyMap<string, LedgerState>,
  text: string,
): FenceState | undefined => {
  const [, last] = /coalesce\(max\(ordinal\), 0\) FROM [^)]*\)\s*=\s*(\d+)/.exec(text) ?? []
  const ordinals = [...ledger.values()].map(({ ordinal }) => ordinal)
  if (last !== undefined && Number(last) !== Math.max(0, ...ordinals))
    return fenceStates.ledgerMoved
  const [, version = '', expected] =
    /EXISTS \(SELECT FROM [^)]*WHERE version::pg_catalog\.text = '(\d+)' AND state = 'running' AND statements_done = (\d+)\)/.exec(
      text,
    ) ?? []
  const row = ledger.get(version)
  if (expected !== undefined && (row?.state !== 'running' || row.done !== Number(expected)))
    return fenceStates.ledgerMoved
  return undefined
}

/** The ledger when a message has committed. */
const after = (
  before: ReadonlyMap<string, LedgerState>,
  text: string,
): Map<string, LedgerState> => {
  const ledger = new Map(before)
  const inserted = new RegExp(
    `INSERT INTO ${ledgerName} [^;]*?VALUES \\('(\\d+)', '[^']*', '[^']*', '(applied|running)', (\\d+)`,
  ).exec(text)
  if (inserted !== null) {
    const [, version = '', state, ordinal] = inserted
    ledger.set(version, {
      state: state as LedgerState['state'],
      ordinal: Number(ordinal),
      done: 0,
      started: 0,
    })
  }
  for (const [, list = ''] of text.matchAll(/FROM \(VALUES ((?:\(.*\),?\n?)+)\) AS marked/g))
    for (const [, version = '', ordinal] of list.matchAll(/^\('(\d+)', '[^']*', '[^']*', (\d+),/gm))
      ledger.set(version, { state: 'reconciled', ordinal: Number(ordinal), done: 0, started: 0 })
  const [, lastOrdinal = '0', files = ''] =
    /, 'applied', (\d+) \+ at,[\s\S]*?FROM \(VALUES ((?:\(.*\),?\n?)+)\) AS files/.exec(text) ?? []
  for (const [, at, version = ''] of files.matchAll(/^\((\d+), '(\d+)',/gm)) {
    const ordinal = Number(lastOrdinal) + Number(at)
    ledger.set(version, { state: 'applied', ordinal, done: 0, started: 0 })
  }
  const [, settings = '', updated = ''] =
    new RegExp(
      `UPDATE ${ledgerName} SET ([^;]*) WHERE version::pg_catalog\\.text = '(\\d+)' AND state = 'running'`,
    ).exec(text) ?? []
  const row = ledger.get(updated)
  if (row?.state === 'running') ledger.set(updated, changed(row, settings))
  return ledger
}

const changed = (row: LedgerState, settings: string): LedgerState => {
  const [, more = '0'] = /statements_done = statements_done \+ (\d+)/.exec(settings) ?? []
  const [, ahead] = /statement_started = statements_done(?: \+ (\d+))?/.exec(settings) ?? []
  return {
    ...row,
    state: settings.includes("state = 'applied'") ? 'applied' : 'running',
    done: row.done + Number(more),
    started: settings.includes('statement_started') ? row.done + Number(ahead ?? 0) : row.started,
  }
}

/** The row that our own queries read. */
const answerTo = (
  text: string,
  indexes: ReadonlySet<string>,
  ran: readonly string[],
): readonly Row[] => {
  if (text.includes(' AS table_kind')) {
    const isThere = [...indexes].some((name) => text.includes(`'${name}'`))
    return [
      {
        table_kind: 'r',
        valid: isThere ? true : null,
        orphan: null,
        stranger: null,
        neighbour: null,
      },
    ]
  }
  if (text.includes(' AS neighbour')) return [{ neighbour: null }]
  if (text.includes('to_regclass') && text.includes(' AS oid')) return [{ oid: '16384' }]
  if (text.includes(' AS pending')) return [{ pending: false }]
  if (text.includes(' AS stored')) return [{ stored: '0' }]
  if (text.includes('::text AS facts')) return [{ facts: JSON.stringify(facts) }]
  const [, database] = /pg_database WHERE datname = '(\w+)'\) AS there/.exec(text) ?? []
  return database === undefined
    ? []
    : [{ there: ran.some((each) => each.startsWith(`CREATE DATABASE ${database}`)) }]
}

const facts = {
  path: ['public'],
  relations: [],
  near: [],
  enums: [],
  extensions: ['plpgsql'],
  functions: [],
}
