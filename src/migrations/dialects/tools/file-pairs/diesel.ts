// diesel: 2024-01-01-000000_name/up.sql with a down.sql beside it, and metadata.toml where it is not to run in a transaction.
// https://docs.rs/diesel_migrations/latest/diesel_migrations/

import type { Dialect } from '../../dialect.ts'
import { byText } from '../../listing.ts'
import { holding, listFolders } from '../../subfolders.ts'

export const diesel: Dialect = {
  name: 'diesel',
  tool: 'diesel',
  signs: (folder) => {
    const found = holding(folder, 'up.sql')
    if (found.some((name) => /^\d{4}-\d\d-\d\d-|^\d{14}_/.test(name)))
      return 'its folders are named by the date and hold an up.sql'
    return found.every((name) => /^\d{13}_/.test(name)) ? undefined : 'its folders hold an up.sql'
  },
  list: (folder) =>
    listFolders(folder, {
      ...{ file: 'up.sql', beside: [] },
      versionOf: (name) => /^([\d-]+)(?:_|$)/.exec(name)?.[1]?.replaceAll('-', ''),
      transactionOf: (name) =>
        /^\s*run_in_transaction\s*=\s*false\b/m.test(folder.text(`${name}/metadata.toml`) ?? '')
          ? 'off'
          : undefined,
      order: (a, b) => byText(a.version, b.version),
    }),
  create: ({ name, now, body }) => ({
    entry: `${now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')}_${name}/up.sql`,
    text: body,
  }),
}
