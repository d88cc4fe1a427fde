// Hasura: 1700000000000_name/up.sql with a down.sql beside it, in the order of the numbers.
// https://hasura.io/docs/latest/migrations-metadata-seeds/migration-file-format/

import type { Dialect } from '../../dialect.ts'
import { byNumber, numeric } from '../../listing.ts'
import { holding, listFolders } from '../../subfolders.ts'

export const hasura: Dialect = {
  name: 'hasura',
  tool: 'Hasura',
  signs: (folder) => {
    const found = holding(folder, 'up.sql')
    if (found.length === 0 || found.some((name) => !/^\d+_/.test(name) || /^\d{14}_/.test(name)))
      return undefined
    return found.every((name) => /^\d{13}_/.test(name))
      ? 'its folders are named by the millisecond and hold an up.sql'
      : 'its folders hold an up.sql'
  },
  list: (folder) => {
    const { files, code, ...rest } = listFolders(folder, {
      ...{ file: 'up.sql', beside: [], order: byNumber },
      versionOf: (name) => {
        const digits = /^(\d+)_/.exec(name)?.[1]
        return digits === undefined ? undefined : numeric(digits)
      },
    })
    // What changes its metadata.
    const steps = files.flatMap(({ name }) =>
      folder.inside(name).includes('up.yaml') ? [`${name}/up.yaml`] : [],
    )
    return { ...rest, files, code: [...code, ...steps] }
  },
  create: ({ name, now, body }) => ({ entry: `${now.getTime()}_${name}/up.sql`, text: body }),
}
