// dbmate: 20240101000000_name.sql with '-- migrate:up' and '-- migrate:down', in the order of the names.
// https://github.com/amacneil/dbmate#creating-migrations

import { cutUp } from '../../syntax/cut.ts'
import type { Dialect } from '../../dialect.ts'
import { ledgerNameIn } from '../../ledger-name.ts'
import { byName, listNames, stray, up } from '../../listing.ts'

export const dbmate: Dialect = {
  name: 'dbmate',
  tool: 'dbmate',
  marked: 'each',
  list: (folder) => ({
    ...listNames(
      folder.names,
      (name) => {
        const digits = /^(\d+).*\.sql$/.exec(name)?.[1]
        return digits === undefined
          ? stray('is not named like a migration of dbmate: a number, a name, .sql')
          : up(digits)
      },
      byName,
    ),
    ledger: ledgerNameIn(folder, { environment: { table: 'DBMATE_MIGRATIONS_TABLE' } }),
  }),
  up: cutUp({ needs: '-- migrate:up', off: 'where it goes up' }),
  create: ({ number, name, body }) => ({
    entry: `${number}_${name}.sql`,
    text: `-- migrate:up\n${body}\n-- migrate:down\n`,
  }),
}
