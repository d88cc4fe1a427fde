// What a second look is given, and its questions to the catalog: without an answer there is no advice.

import { reading } from '../../../database/own-sql.ts'
import type { Row } from '../../../database/session/reply.ts'
import type { Server } from '../../../database/server/server.ts'
import type { Session } from '../../../database/session/session.ts'
import type { ReadStatement } from '../../../schema/history/history.ts'

export type Failed = {
  /** Of the file, as far as the one that failed, which is the last. */
  readonly statements: readonly ReadStatement[]
  readonly session: Session
  readonly server: Server
  readonly ledgerSchema: string
}

const withinMs = 5_000

/** The rows of each query; none where the server refuses them, or does not answer in time. */
export const lookUp = async (
  session: Session,
  ...queries: readonly string[]
): Promise<readonly (readonly Row[])[]> => {
  const limits = `SET LOCAL statement_timeout = ${withinMs}; SET LOCAL lock_timeout = ${withinMs}`
  // The policies of a table are its owner's code: where they would apply, an error is the answer.
  const reply = await session.send(reading(limits, 'SET LOCAL row_security = off', ...queries))
  return reply.kind === 'done' ? reply.sets : []
}
