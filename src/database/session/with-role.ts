// A session whose messages run under a role other than the login role. Between them it is the login role's again, which
// sees what its own sessions run on the server; the role may not.

import { identifier } from '../literal.ts'
import type { Session } from './session.ts'
import { inFailedSqlTransaction } from '../../errors/server/sqlstate.ts'

/** Only for a session of one server connection: a pooler would give the role to other clients. */
export const withRole = (session: Session, role: string | undefined): Session =>
  role === undefined
    ? session
    : {
        ...session,
        send: async (text, ...hearing) => {
          const put = await session.send(`SET ROLE ${identifier(role)}`)
          if (put.kind === 'lost') return put
          // A transaction that failed takes nothing but its end.
          if (put.kind === 'server error' && put.error.sqlstate !== inFailedSqlTransaction)
            return put
          const reply = await session.send(text, ...hearing)
          await session.send('RESET ROLE')
          return reply
        },
      }
