// Supabase: 20240101000000_name.sql in supabase/migrations, in the order of the names. There are no parts that undo.
// https://supabase.com/docs/guides/deployment/database-migrations

import { basename, dirname, resolve } from 'node:path'
import type { Dialect } from '../../dialect.ts'
import { byName, numberedFiles } from '../../listing.ts'
import { secondsOf } from '../../subfolders.ts'

export const supabase: Dialect = {
  name: 'supabase',
  tool: 'Supabase',
  signs: ({ path, names }) =>
    basename(dirname(resolve(path))) === 'supabase' &&
    names.some((name) => /^\d{14}_.+\.sql$/.test(name))
      ? 'it is in a folder named supabase'
      : undefined,
  list: ({ names }) => numberedFiles(names, { version: (digits) => digits, order: byName }),
  create: ({ name, now, body }) => ({ entry: `${secondsOf(now)}_${name}.sql`, text: body }),
}
