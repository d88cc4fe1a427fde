// node-pg-migrate: 1700000000000_name.sql with '-- Up Migration' and '-- Down Migration', in the order of the times that the names
// begin with; migrations in JavaScript among them. https://salsita.github.io/node-pg-migrate/migrations/

import { cutUp } from '../../syntax/cut.ts'
import type { Dialect, ListedFile } from '../../dialect.ts'
import { byName, numberedFiles } from '../../listing.ts'

export const nodePgMigrate: Dialect = {
  name: 'node-pg-migrate',
  tool: 'node-pg-migrate',
  marked: 'most',
  list: ({ names }) => {
    const { files, ...rest } = numberedFiles(names, {
      ...{ code: /^\d+_.*\.[cm]?[jt]s$/, version: (digits) => digits, order: byName },
    })
    // It knows a migration by its whole name.
    const named = files.map((file) => ({ ...file, version: file.name }))
    return { ...rest, files: named.sort((a, b) => timeOf(a) - timeOf(b) || byName(a, b)) }
  },
  up: cutUp({ off: 'where it goes up' }),
  create: ({ name, now, body }) => ({
    entry: `${now.getTime()}_${name}.sql`,
    text: `-- Up Migration\n${body}\n-- Down Migration\n`,
  }),
}

// 17 digits are a date in UTC, down to the millisecond.
const timeOf = ({ name }: ListedFile): number => {
  const digits = /^\d+/.exec(name)?.[0] ?? ''
  const [, date, hour, minute, second, rest] =
    /^(\d{8})(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(digits) ?? []
  if (date === undefined) return Number(digits)
  const day = date.replace(/^(....)(..)(..)$/, '$1-$2-$3')
  return Date.parse(`${day}T${hour}:${minute}:${second}.${rest}Z`)
}
