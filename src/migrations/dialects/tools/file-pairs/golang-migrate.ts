// golang-migrate: 0001_name.up.sql, in the order of its numbers. It sends each file whole, without a transaction of its own.
// https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md

import type { Dialect } from '../../dialect.ts'
import { byNumber, listNames, numeric, stray, up } from '../../listing.ts'

/** Names that only pop gives. */
export const ofPop = /\.(?:up|down)\.fizz$|\.postgres(?:ql)?\.(?:up|down)\.sql$/

export const golangMigrate: Dialect = {
  name: 'golang-migrate',
  tool: 'golang-migrate',
  signs: ({ names }) =>
    names.some((name) => /^\d+_.*\.(?:up|down)\.sql$/.test(name)) &&
    !names.some((name) => ofPop.test(name))
      ? 'its files end in .up.sql and .down.sql'
      : undefined,
  list: ({ names }) =>
    listNames(
      names,
      (name) => {
        const [, digits, direction] = /^(\d+)_.*\.(up|down)\.sql$/.exec(name) ?? []
        if (digits === undefined)
          return stray('is not named 0001_name.up.sql or 0001_name.down.sql')
        return direction === 'down'
          ? { kind: 'down' }
          : up(numeric(digits), { name: name.slice(0, -'.up.sql'.length) })
      },
      byNumber,
    ),
  create: ({ number, name, body }) => ({ entry: `${number}_${name}.up.sql`, text: body }),
}
