// Liquibase's checksums of a changeset of SQL: of version 9 (since 4.22), and of version 8 before that. Each is over the sum of its
// one change, which leaves out the layout.

import { hash } from 'node:crypto'
import { attribute, isFalse, type Changeset } from './changesets.ts'

export const sumOfNine = ({ sql }: Pick<Changeset, 'sql'>): string =>
  over('9', sql.replace(/[ \n\r\t]/g, ''))

/** With how it is cut into statements. */
export const sumOfEight = ({ sql, header, isLast }: Changeset): string => {
  const given = attribute(header, 'endDelimiter')
  const end = given ?? (isLast && sql.endsWith('\n/') ? '\n/$' : 'null')
  const splits = !isFalse(header, 'splitStatements')
  const strips = !isFalse(header, 'stripComments')
  return over('8', `${end}:${splits}:${strips}:${sql.replace(/[ \n\r\t]+/g, ' ').trim()}`)
}

const over = (version: string, change: string): string =>
  `${version}:${hash('md5', `${version}:${hash('md5', change)}:`)}`
