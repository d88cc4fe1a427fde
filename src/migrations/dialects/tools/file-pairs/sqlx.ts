// sqlx: 0001_name.sql, or 0001_name.up.sql with a .down.sql beside it; '-- no-transaction' as the first line.
// https://docs.rs/sqlx/latest/sqlx/migrate/trait.MigrationSource.html

import { createHash } from 'node:crypto'
import { cutUp } from '../../syntax/cut.ts'
import type { Dialect } from '../../dialect.ts'
import { byNumber, listNames, numeric, stray, up } from '../../listing.ts'

export const sqlx: Dialect = {
  name: 'sqlx',
  tool: 'sqlx',
  list: ({ names }) =>
    listNames(
      names,
      (name) => {
        const digits = /^(\d+)_.+\.sql$/.exec(name)?.[1]
        if (digits === undefined) return stray('is not named 0001_name.sql')
        return name.endsWith('.down.sql')
          ? { kind: 'down' }
          : up(numeric(digits), { name: name.replace(/(?:\.up)?\.sql$/, '') })
      },
      byNumber,
    ),
  up: cutUp({ off: 'where it goes up' }),
  sum: (bytes) => createHash('sha384').update(bytes).digest('hex'),
  create: ({ number, name, body }) => ({ entry: `${number}_${name}.sql`, text: body }),
}
