// Which errors of the server are its own state and not the fault of a file, by SQLSTATE.

import type { serverStateProblems } from './server-state-problems.ts'
import { diskFull, insufficientResources, ioError, outOfMemory, systemError } from './sqlstate.ts'

/** Undefined where the file has to do with it. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const serverStateOf = (sqlstate: string): keyof typeof serverStateProblems | undefined => {
  switch (sqlstate) {
    case diskFull:
      return 'server-out-of-disk'
    case outOfMemory:
      return 'server-out-of-memory'
    // Not undefined_file, which is an extension that is not installed.
    case systemError:
    case ioError:
      return 'server-io-error'
    default:
      // Too many connections, or a limit of the configuration.
      return sqlstate.startsWith(insufficientResources) ? 'server-limit' : undefined
  }
}
