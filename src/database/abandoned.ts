// What makes the server end a statement by itself when its runner is gone: killed, or cut off by a network that has gone
// silent. Without it the statement goes on, holds its locks, and keeps the re-run waiting.

import type { Server } from './server.ts'

/** For the transaction of a statement that may take long. Behind a pooler, they are about the pooler. */
export const endWhenAbandoned = ({ connectionCheck }: Server): readonly string[] =>
  connectionCheck === 'none'
    ? []
    : [
        // Looks whether the socket is closed, while a statement runs …
        "SET LOCAL client_connection_check_interval = '1s'",
        // … which after 5 s + 3 × 5 s without any sign of life from our side it is. The default is two hours.
        'SET LOCAL tcp_keepalives_idle = 5',
        'SET LOCAL tcp_keepalives_interval = 5',
        'SET LOCAL tcp_keepalives_count = 3',
      ]
