// sql-migrate: name.sql with '-- +migrate Up' and '-- +migrate Down'; names that begin with a number come first, by value.
// https://github.com/rubenv/sql-migrate#writing-migrations

import { cutUp } from '../../syntax/cut.ts'
import type { Dialect, ListedFile } from '../../dialect.ts'
import { byName, byText, listNames, numeric, stray, up } from '../../listing.ts'

const numberOf = ({ version }: ListedFile): string | undefined => {
  const digits = /^\d+/.exec(version)?.[0]
  return digits === undefined ? undefined : numeric(digits)
}

const inOrder = (a: ListedFile, b: ListedFile): number => {
  const [one, other] = [numberOf(a), numberOf(b)]
  if (one !== undefined && other !== undefined)
    return one.length - other.length || byText(one, other) || byName(a, b)
  if (one === other) return byName(a, b)
  return one === undefined ? 1 : -1
}

export const sqlMigrate: Dialect = {
  name: 'sql-migrate',
  tool: 'sql-migrate',
  marked: 'each',
  list: ({ names }) =>
    listNames(
      names,
      (name) => (name.endsWith('.sql') ? up(name) : stray("does not end in '.sql'")),
      inOrder,
    ),
  up: cutUp({ needs: '-- +migrate Up', off: 'where it goes up' }),
  create: ({ number, name, body }) => ({
    entry: `${number}_${name}.sql`,
    text: `-- +migrate Up\n${body}\n-- +migrate Down\n`,
  }),
}
