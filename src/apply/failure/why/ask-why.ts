// A second look at a statement that failed: what the catalog knows of the cause, as advice with the real names in it. The door
// of this folder. Asked when the failed transaction has ended; changes nothing.

import type { ServerError } from '../../../database/session/reply.ts'
import { breaksRule, brokenRule } from './broken-rule.ts'
import type { Failed } from './look-up.ts'
import { missingExtension, namesNothing } from './missing-extension.ts'
import { missingRight } from './missing-right.ts'
import { neededBy } from './needed-by.ts'
import { insufficientPrivilege } from '../../../errors/server/sqlstate.ts'

/** Undefined where nothing more is known. Never throws. */
export const askWhy = async (error: ServerError, failed: Failed): Promise<string | undefined> => {
  const statement = failed.statements.at(-1)
  if (statement === undefined || error.raised !== undefined) return undefined
  const { sqlstate } = error
  if (sqlstate === insufficientPrivilege) return missingRight(statement, failed)
  if (breaksRule(sqlstate)) return brokenRule(error, failed)
  const needed = await neededBy(error, statement, failed)
  if (needed !== undefined) return needed
  return namesNothing(sqlstate) ? missingExtension(statement, failed) : undefined
}
