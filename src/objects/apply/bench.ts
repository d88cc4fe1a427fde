// The open transaction in which objects are compared and made: our own questions, and statements of files as the role and on the path
// of migrations. What the server refuses is thrown, and ends the transaction.

import type { Node } from 'libpg-query'
import type { Attempt } from '../../apply/attempt.ts'
import { explainFailure } from '../../apply/failure/explain.ts'
import { noAnswer, stoppedBySignal } from '../../apply/failure/lost.ts'
import { whoMayMake } from '../../apply/failure/superuser.ts'
import type { Timeouts } from '../../apply/send.ts'
import { setLocalRole, settingsOfLogin } from '../../apply/transaction-settings.ts'
import { ownPath } from '../../database/own-sql.ts'
import type { LockedSession } from '../../database/lock/locked-session.ts'
import type { Server } from '../../database/server/server.ts'
import type { Reply, Row, ServerError } from '../../database/session/reply.ts'
import type { Problem } from '../../errors/problem.ts'
import { insufficientPrivilege, isCollision } from '../../errors/server/sqlstate.ts'
import { indexOfCharacter, placeAt } from '../../sql/text/offsets.ts'
import type { ObjectText } from '../load.ts'
import type { ObjectStatement } from '../object-file.ts'
import {
  definitionsQuery,
  readDefinitions,
  wording,
  wordingOfLogin,
  type Found,
} from '../state/definitions.ts'
import { keyOf, type Identity } from '../object-file.ts'

export type BenchContext = Timeouts & {
  readonly locked: LockedSession
  readonly server: Server
  readonly ledgerSchema: string
  readonly interruption: AbortSignal
}

/** Ends the transaction. */
export class ObjectsStopped extends Error {
  override readonly name = 'ObjectsStopped'
  readonly attempt: Exclude<Attempt, { kind: 'applied' }>

  constructor(attempt: Exclude<Attempt, { kind: 'applied' }>) {
    super(attempt.kind)
    this.attempt = attempt
  }
}

export const stopWith = (found: Problem): never => {
  throw new ObjectsStopped({ kind: 'failed', problem: found })
}

export type Bench = {
  /** Our own SQL. Rows of its last statement. */
  readonly ask: (
    about: Pick<ObjectText, 'file' | 'text'>,
    ...statements: string[]
  ) => Promise<readonly Row[]>
  /** The same with the role and the path of files, on which all that it says is qualified. */
  readonly askAsFile: Bench['ask']
  readonly definitions: (
    about: Pick<ObjectText, 'file' | 'text'>,
    of: readonly Identity[],
  ) => Promise<ReadonlyMap<string, Found>>
  /** SQL as the files'; an error is answered where `expected` says so, and its savepoint is then rolled back. */
  readonly run: (
    about: ObjectText,
    sql: string,
    from?: { readonly statement: ObjectStatement; readonly shift: number },
    expected?: (error: ServerError) => boolean,
  ) => Promise<ServerError | undefined>
  readonly savepoint: (name: 'object' | 'try') => Promise<void>
  readonly rollBackTo: (name: 'object' | 'try') => Promise<void>
  readonly release: (name: 'object' | 'try') => Promise<void>
}

export const openBench = (context: BenchContext): Bench => {
  const { locked, server } = context
  const { role } = server.searchPath
  const asOurselves = `SET LOCAL ROLE NONE; ${wording}; ${ownPath}`
  const asFile = [
    'SET LOCAL ROLE NONE',
    wordingOfLogin,
    ownPath,
    settingsOfLogin(server),
    ...(role === undefined ? [] : [setLocalRole(role)]),
  ].join('; ')
  let mode: 'ours' | 'file' | undefined
  const send = async (sql: string, next: 'ours' | 'file'): Promise<Reply> => {
    if (mode !== next) {
      const put = await locked.work.send(next === 'ours' ? asOurselves : asFile)
      if (put.kind !== 'done') return put
      mode = next
    }
    return locked.work.send(sql)
  }
  const asking =
    (as: 'ours' | 'file'): Bench['ask'] =>
    async (about, ...statements) => {
      const reply = await send(statements.join(';\n'), as)
      if (reply.kind === 'done') return reply.sets.at(-1) ?? []
      throw stopped(reply, { about, place: undefined, context })
    }
  const ask = asking('ours')
  const point = async (sql: string): Promise<void> => {
    const reply = await locked.work.send(sql)
    // It takes back the settings that were made since.
    if (sql.startsWith('ROLLBACK')) mode = undefined
    if (reply.kind !== 'done') throw stopped(reply, { about: nothing, place: undefined, context })
  }
  return {
    ask,
    askAsFile: asking('file'),
    definitions: async (about, of) => readDefinitions(await ask(about, definitionsQuery(of))),
    run: async (about, sql, from, expected) => {
      const reply = await send(sql, 'file')
      if (reply.kind === 'done') return undefined
      if (reply.kind === 'server error' && expected?.(reply.error) === true) return reply.error
      const index = indexIn(sql, reply, from)
      const place = index === undefined ? undefined : placeAt(about.file, about.text, index)
      throw stopped(reply, { about, place, context, node: from?.statement.node })
    },
    savepoint: (name) => point(`SAVEPOINT schemagate_${name}`),
    rollBackTo: (name) =>
      point(`ROLLBACK TO SAVEPOINT schemagate_${name}; RELEASE SAVEPOINT schemagate_${name}`),
    release: (name) => point(`RELEASE SAVEPOINT schemagate_${name}`),
  }
}

const nothing = { file: 'migrations/objects', text: '' }

/** `shift` is how many characters schemagate has put before the position, as in CREATE OR REPLACE. */
const indexIn = (
  sql: string,
  reply: Reply,
  from: { readonly statement: ObjectStatement; readonly shift: number } | undefined,
): number | undefined => {
  if (from === undefined) return undefined
  const { statement, shift } = from
  const position = reply.kind === 'server error' ? reply.error.position : undefined
  if (position === undefined) return statement.start
  return statement.start + Math.max(0, indexOfCharacter(sql, position - 1) - shift)
}

type Failed = {
  readonly about: Pick<ObjectText, 'file' | 'text'>
  readonly place: ReturnType<typeof placeAt> | undefined
  readonly context: BenchContext
  /** Of the file's statement that the server refused. */
  readonly node?: Node | undefined
}

const stopped = (
  reply: Exclude<Reply, { kind: 'done' }>,
  { about, place, context, node }: Failed,
): ObjectsStopped => {
  const { file, text } = about
  const { interruption, lockTimeout, statementTimeout, ledgerSchema, server } = context
  const sent = { migration: { file, text }, interruption, during: `in ${file}` }
  if (reply.kind === 'lost')
    return new ObjectsStopped({ kind: 'lost', problem: noAnswer(reply, sent) })
  const { error } = reply
  const bySignal = stoppedBySignal(error, sent)
  if (bySignal !== undefined) return new ObjectsStopped({ kind: 'failed', problem: bySignal })
  const giveUp = (tries: number): Problem =>
    explainFailure(error, {
      ...{ file, text, place, ledgerSchema, tries, queue: undefined, role: server.searchPath.role },
      work: {
        kind: 'transaction',
        phase: { kind: 'statement', number: 1 },
        ...{ statements: 1, mayHaveCommitted: false },
      },
      ...{ lockTimeout: lockTimeout.text, statementTimeout: statementTimeout.text },
      why: error.sqlstate === insufficientPrivilege && node ? whoMayMake(node) : undefined,
    })
  return new ObjectsStopped(
    isCollision(error)
      ? { kind: 'blocked', sqlstate: error.sqlstate, queue: undefined, giveUp }
      : { kind: 'failed', problem: giveUp(1) },
  )
}

/** Those among them that are there no more, or not there yet, are left out. */
export const foundOne = async (
  bench: Bench,
  about: Pick<ObjectText, 'file' | 'text'>,
  identity: Identity,
): Promise<Found | undefined> => (await bench.definitions(about, [identity])).get(keyOf(identity))
