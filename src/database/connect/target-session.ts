// libpq's target_session_attrs: which of several servers will do. Own code: postgres.js takes a standby for read-write
// (from PostgreSQL 14 on, which does not report it as read-only), and tries for ever when no server will do.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS

import type { TargetSession } from '../../config/endpoint.ts'
import type { Server } from '../server/server.ts'

export type Wanted = Exclude<TargetSession, 'prefer-standby'>

/** What is asked of the hosts, round by round: prefer-standby takes any when there is no standby. */
export const roundsOf = (target: TargetSession): readonly Wanted[] =>
  target === 'prefer-standby' ? ['standby', 'any'] : [target]

/** Why this server will not do, in words; undefined when it does. */
export const unsuited = (
  wanted: Wanted,
  { role, writes }: Pick<Server, 'role' | 'writes'>,
): string | undefined => {
  const writable = role === 'primary' && writes === 'allowed'
  const suits: Readonly<Record<Wanted, boolean>> = {
    any: true,
    'read-write': writable,
    'read-only': !writable,
    primary: role === 'primary',
    standby: role === 'standby',
  }
  if (suits[wanted]) return undefined
  const is =
    role === 'standby' ? 'a standby' : writable ? 'a primary that takes writes' : 'read-only'
  return `it is ${is}, not what target_session_attrs=${wanted} asks for`
}
