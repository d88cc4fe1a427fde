// The character of a file that the database's encoding lacks. The server puts a whole message into its encoding before it reads it,
// comments too, and so has no position to name: it names the bytes, in every language alike.

import type { ServerError } from '../../database/session/reply.ts'
import type { Place } from '../../errors/problem.ts'
import type { Migration } from '../../migrations/migration.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { isCondition } from '../../errors/server/sqlstate.ts'

const bytes = /0x[\da-f]{2}(?: 0x[\da-f]{2})*/i

/** Where the file has it first; undefined where it has none of these bytes, or the server came to a statement. */
export const untranslatableAt = (
  { sqlstate, message, position, context }: ServerError,
  { file, text }: Pick<Migration, 'file' | 'text'>,
): Place | undefined => {
  if (!isCondition(sqlstate, 'encoding') || position !== undefined || context !== undefined)
    return undefined
  const hex = bytes.exec(message)?.[0].replace(/0x| /gi, '') ?? ''
  const index = hex === '' ? -1 : text.indexOf(Buffer.from(hex, 'hex').toString())
  return index === -1 ? undefined : placeAt(file, text, index)
}
