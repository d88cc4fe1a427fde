// Which errors of the server are its own state and not the fault of a file, by SQLSTATE.

import type { serverStateProblems } from './server-state-problems.ts'

/** Undefined where the file has to do with it. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const serverStateOf = (sqlstate: string): keyof typeof serverStateProblems | undefined => {
  switch (sqlstate) {
    case '53100':
      return 'server-out-of-disk'
    case '53200':
      return 'server-out-of-memory'
    // system_error, io_error. Not undefined_file, which is an extension that is not installed.
    case '58000':
    case '58030':
      return 'server-io-error'
    default:
      // insufficient_resources: too_many_connections, configuration_limit_exceeded.
      return sqlstate.startsWith('53') ? 'server-limit' : undefined
  }
}
