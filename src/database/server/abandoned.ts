// What makes the server end a statement by itself when its runner is gone: killed, or cut off by a network that has gone
// silent. Without it the statement goes on, holds its locks, and keeps the re-run waiting.

import type { Server } from './server.ts'

const settings = [
  // Looks whether the socket is closed, while a statement runs …
  "client_connection_check_interval = '1s'",
  // … which after 5 s + 3 × 5 s without any sign of life from our side it is. The default is two hours.
  'tcp_keepalives_idle = 5',
  'tcp_keepalives_interval = 5',
  'tcp_keepalives_count = 3',
  // While something of the server's is on its way and not acknowledged, as a notice, no keepalive is sent; the default is what
  // the system takes to give up, a quarter of an hour.
  "tcp_user_timeout = '20s'",
]

/**
 * For the transaction of a statement that may take long; behind a pooler, they are about the pooler. `SET` is for statements that
 * cannot be in a transaction, and only for a session of our own: a pooler would give the settings to other clients.
 */
export const endWhenAbandoned = (
  { connectionCheck }: Server,
  set: 'SET LOCAL' | 'SET' = 'SET LOCAL',
): readonly string[] => (connectionCheck === 'none' ? [] : settings.map((each) => `${set} ${each}`))
