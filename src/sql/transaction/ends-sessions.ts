// Whether a text calls what ends other sessions of the server, in a statement or in the body of a block or function.

import { tokensOf } from '../text/tokens.ts'

export const endsSessions = (sql: string): boolean =>
  ender.test(sql) &&
  tokensOf(sql).some(
    ({ kind, start, end }) => kind !== 'comment' && ender.test(sql.slice(start, end)),
  )

const ender = /\bpg_terminate_backend\b/i
