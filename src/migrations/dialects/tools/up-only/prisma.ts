// Prisma Migrate: 20240101000000_name/migration.sql, in the order of the names, with migration_lock.toml beside them.
// https://www.prisma.io/docs/orm/prisma-migrate

import type { Dialect } from '../../dialect.ts'
import { holding, listFolders, secondsOf, sha256 } from '../../subfolders.ts'

export const prisma: Dialect = {
  name: 'prisma',
  tool: 'Prisma',
  signs: (folder) => {
    if (folder.names.includes('migration_lock.toml')) return 'migration_lock.toml is in it'
    const found = holding(folder, 'migration.sql')
    return found.length > 0 && !found.some((name) => folder.inside(name).includes('snapshot.json'))
      ? 'its folders hold a migration.sql'
      : undefined
  },
  list: (folder) =>
    listFolders(folder, {
      ...{ file: 'migration.sql', beside: ['migration_lock.toml'], versionOf: (name) => name },
    }),
  sum: sha256,
  create: ({ name, now, body }) => ({
    entry: `${secondsOf(now)}_${name}/migration.sql`,
    text: body,
  }),
}
