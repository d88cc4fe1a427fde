// A server that takes no writes: a standby, or one where transactions are read-only by default, and where that is set.

import { describeEndpoint } from '../../config/endpoint.ts'
import type { ReadOnlySource } from '../../errors/server/database-problems.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import type { Connected } from './attempt.ts'
import { reading } from '../own-sql.ts'
import type { Session } from '../session/session.ts'

/** None where a run with something pending may write. */
export const readOnlyProblems = async (
  { server, session }: Pick<Connected<unknown>, 'server' | 'session'>,
  pending: number,
): Promise<readonly Problem[]> => {
  const endpoint = describeEndpoint(session.endpoint)
  if (server.role === 'standby') return [problem('standby-server', { endpoint, pending })]
  if (server.writes === 'allowed') return []
  return [
    problem('read-only-database', { endpoint, pending, source: await readOnlySource(session) }),
  ]
}

// Of what a new session starts with: on a pooled connection somebody may have set it since.
const readOnlyQuery = `SELECT session_user::pg_catalog.text AS "user", pg_catalog.current_database()::pg_catalog.text AS database,
    CASE WHEN s.source = 'session' THEN '' ELSE s.source END AS source
  FROM pg_catalog.pg_settings s WHERE s.name = 'default_transaction_read_only'`

const readOnlySource = async (session: Session): Promise<ReadOnlySource | undefined> => {
  const reply = await session.send(reading(readOnlyQuery))
  const [row] = reply.kind === 'done' ? (reply.sets.at(-1) ?? []) : []
  if (row === undefined || row['source'] === '') return undefined
  return {
    source: String(row['source']),
    user: String(row['user']),
    database: String(row['database']),
  }
}
