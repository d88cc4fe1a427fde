// The files that run: every reason why they cannot be sent, or what an operator should know of them first.

import { reading } from '../../database/own-sql.ts'
import type { Session } from '../../database/session/session.ts'
import { rowsOf } from '../../database/session/session.ts'
import type { Server } from '../../database/server/server.ts'
import { SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { Preparation, PreparedMigration } from '../../migrations/prepare/prepare.ts'

/** Throws what makes a file impossible to run; tells what an operator should know of the others. */
export const preparedOrRefuse = (
  { prepared, problems }: Preparation,
  announce: Announce,
): readonly PreparedMigration[] => {
  if (problems.length > 0) throw new SchemagateError(problems)
  for (const { migration, statements, unreadable, statementMode } of prepared) {
    const { file } = migration
    if (unreadable !== undefined)
      announce({ kind: 'parser gave up', file, reason: unreadable.message })
    if (statements?.length === 0) announce({ kind: 'no statement', file })
    if (statementMode !== undefined)
      announce({ kind: 'statement by statement', file, because: statementMode.because })
  }
  return prepared
}

/** Behind a pooler the login's timeouts hold for a statement without a transaction: said before one strikes. */
export const warnOfTimeouts = async (
  session: Session,
  { connectionKind }: Server,
  prepared: readonly PreparedMigration[],
  announce: Announce,
): Promise<void> => {
  const concerned = prepared.filter(({ statementMode }) =>
    statementMode?.units.some(({ kind }) => kind === 'non-transactional'),
  )
  if (connectionKind === 'DIRECT' || concerned.length === 0) return
  const timeouts = await loginTimeouts(session)
  if (timeouts === undefined) return
  for (const { migration } of concerned)
    announce({ kind: 'settings of the pooler', file: migration.file, timeouts })
}

/** 'statement_timeout 50000 ms': those that the login starts with; undefined when it has none. */
export const loginTimeouts = async (session: Session): Promise<string | undefined> => {
  const reply = await session.send(
    reading(`SELECT pg_catalog.string_agg(name || ' ' || reset_val || ' ms', ', ' ORDER BY name) AS timeouts FROM pg_catalog.pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout') AND reset_val <> '0'`),
  )
  const timeouts = rowsOf(session, reply)[0]?.['timeouts']
  return typeof timeouts === 'string' ? timeouts : undefined
}
