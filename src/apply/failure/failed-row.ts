// Where in a file something failed: at a character of its text, or at a row of a COPY, which is not among them.

import type { ServerError } from '../../database/session/reply.ts'
import type { Place } from '../../errors/problem.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { StatementSpan } from '../../migrations/prepare/prepare.ts'
import { lineOfRows } from '../../files/rows-on-disk.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { hideSecrets } from '../../sql/text/secrets.ts'

/** Of a string index of its text. */
export const placeIn = ({ file, text }: Migration, index: number): Place =>
  placeAt(file, text, index)

/** Of the row that the server names in an error; undefined where it names none. */
export const failedRow = (
  { context }: ServerError,
  { rows: mark }: StatementSpan,
  migration: Migration,
): Place | undefined => {
  // It counts their lines from 1; its words around the number are those of its own language.
  const number = Number(/^COPY [^,\n]*, [^\d\n]*(\d+)/.exec(context ?? '')?.[1] ?? 0)
  const rows = mark && migration.rows?.[mark.number]
  if (mark === undefined || rows === undefined || number < 1 || number > mark.lines)
    return undefined
  const { file, line } = placeIn(migration, mark.at)
  const excerpt = hideSecrets(lineOfRows(rows, number))
  return { file, line: line + number - 1, column: 1, excerpt }
}
