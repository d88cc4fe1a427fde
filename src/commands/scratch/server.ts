// The server of SCRATCH_URL: may databases be made there, and is it another one than that of the database?

import { describeEndpoint, type Endpoint } from '../../config/endpoint.ts'
import type { Connected } from '../../database/connect/connect.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { fail } from '../../errors/problem.ts'
import { quoteName } from '../../errors/define.ts'

export type ServerIdentity = {
  /** Of the cluster; undefined where the login may not read it. */
  readonly system: string | undefined
  readonly database: string
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readIdentity = async (session: Session): Promise<ServerIdentity> => {
  const [row] = rowsOf(
    session,
    await session.send(
      reading('SELECT pg_catalog.current_database()::pg_catalog.text AS database'),
    ),
  )
  // By itself: a provider may have taken the right to call it.
  const reply = await session.send(
    reading(
      'SELECT system_identifier::pg_catalog.text AS system FROM pg_catalog.pg_control_system()',
    ),
  )
  const system = reply.kind === 'done' ? reply.sets.at(-1)?.[0]?.['system'] : undefined
  return {
    database: String(row?.['database']),
    system: typeof system === 'string' ? system : undefined,
  }
}

/** By their addresses alone: before anything is asked. */
export const isSameAddress = (one: Endpoint, other: Endpoint): boolean =>
  one.database === other.database &&
  one.hosts.some((host, at) =>
    other.hosts.some(
      (each, index) => each === host && (one.ports[at] ?? 5432) === (other.ports[index] ?? 5432),
    ),
  )

const rightQuery = `SELECT session_user::pg_catalog.text AS "user", (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles
  WHERE rolname = session_user) AS may`

/** Throws `scratch-not-usable`, and what a question may throw. */
export const requireScratchServer = async ({
  session,
  server,
}: Connected<unknown>): Promise<void> => {
  const endpoint = describeEndpoint(session.endpoint)
  if (server.connectionKind === 'POOLER')
    fail('scratch-not-usable', {
      ...{ endpoint, reason: 'it is a pooler' },
      cure: 'Name the server itself in SCRATCH_URL: a pooler does not know a database that was just made.',
    })
  if (server.role === 'standby' || server.writes !== 'allowed')
    fail('scratch-not-usable', {
      ...{ endpoint, reason: 'it takes no writes' },
      cure: 'Name a primary that takes writes in SCRATCH_URL.',
    })
  const [row] = rowsOf(session, await session.send(reading(rightQuery)))
  const user = String(row?.['user'])
  if (row?.['may'] !== true)
    fail('scratch-not-usable', {
      ...{ endpoint, reason: `the role ${user} may not create databases` },
      cure: `As a superuser of that server: ALTER ROLE ${quoteName(user)} CREATEDB;`,
    })
}
