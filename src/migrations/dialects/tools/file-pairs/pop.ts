// pop: 20240101000000_name.up.sql, or .postgres.up.sql for this database only; .fizz is a language of its own.
// https://gobuffalo.io/documentation/database/migrations/

import type { Dialect } from '../../dialect.ts'
import { ofPop } from './golang-migrate.ts'
import { byName, listNames, stray, up, type Kind } from '../../listing.ts'
import { withoutTemplate } from '../../syntax/template-marks.ts'

const form =
  /^(\d+)_[^.]+(?:\.(?!autocommit\b)([a-z0-9]+))?(?:\.autocommit)?\.(up|down)\.(sql|fizz)$/

export const pop: Dialect = {
  name: 'pop',
  tool: 'pop',
  signs: ({ names }) =>
    names.some((name) => ofPop.test(name))
      ? 'its files end in .fizz or .postgres.up.sql'
      : undefined,
  list: ({ names }) =>
    listNames(
      names,
      (name): Kind => {
        const [, version, database = 'postgres', direction, language] = form.exec(name) ?? []
        if (version === undefined) return stray('is not named like 20240101000000_name.up.sql')
        if (!/^(?:postgres|postgresql|all)$/.test(database)) return { kind: 'beside' }
        if (direction === 'down') return { kind: 'down' }
        if (language === 'fizz') return { kind: 'code' }
        const transaction = name.includes('.autocommit.') ? 'off' : undefined
        return up(version, { name: name.replace(/\.up\.sql$/, ''), transaction })
      },
      byName,
    ),
  up: (file) => withoutTemplate('pop', file, { text: file.text, down: 'none', misfits: [] }),
  create: ({ number, name, body }) => ({ entry: `${number}_${name}.up.sql`, text: body }),
}
