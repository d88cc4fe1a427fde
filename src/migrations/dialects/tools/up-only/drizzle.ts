// Drizzle: 0000_name.sql in the order of meta/_journal.json; from 1.0 on 20240101000000_name/migration.sql, without a journal.
// '--> statement-breakpoint' is a comment to PostgreSQL: the statements are the same. https://orm.drizzle.team/docs/migrations

import type { Dialect, Folder, ListedFile, Listing, Stray } from '../../dialect.ts'
import { listNames, up } from '../../listing.ts'
import { holding, listFolders, sha256 } from '../../subfolders.ts'

const journal = 'meta/_journal.json'

export const drizzle: Dialect = {
  name: 'drizzle',
  tool: 'Drizzle',
  signs: (folder) => {
    if (folder.inside('meta').includes('_journal.json')) return `${journal} is in it`
    const found = holding(folder, 'migration.sql')
    return found.some((name) => folder.inside(name).includes('snapshot.json'))
      ? 'its folders hold a migration.sql and a snapshot.json'
      : undefined
  },
  list: (folder) =>
    folder.inside('meta').includes('_journal.json')
      ? listByJournal(folder)
      : listFolders(folder, {
          ...{ file: 'migration.sql', beside: [], versionOf: (name) => name, stampOf: timeIn },
        }),
  sum: sha256,
  create: () => ({
    refused:
      "Drizzle keeps a journal of its files: 'drizzle-kit generate --custom' makes an empty one",
  }),
}

const listByJournal = (folder: Folder): Listing => {
  const stamps = stampsOf(folder.text(journal))
  if ('reason' in stamps)
    return { ...{ files: [], downs: 0, code: [] }, strays: [{ entry: journal, ...stamps }] }
  const tags = [...stamps.keys()]
  const place = (file: ListedFile): number => tags.indexOf(file.version)
  const listing = listNames(
    folder.names.filter((name) => name !== 'meta'),
    (name) => {
      const tag = name.replace(/\.sql$/, '')
      return tags.includes(tag) && tag !== name
        ? up(tag, { stamp: stamps.get(tag) })
        : { kind: 'stray', reason: `is not in ${journal}` }
    },
    (a, b) => place(a) - place(b),
  )
  const missing = tags
    .filter((tag) => !folder.names.includes(`${tag}.sql`))
    .map((tag): Stray => ({ entry: `${tag}.sql`, reason: `is in ${journal}, and does not exist` }))
  return { ...listing, strays: [...listing.strays, ...missing] }
}

/** Each file's time, in the order of the journal. */
const stampsOf = (
  text: string | undefined,
): ReadonlyMap<string, string> | { readonly reason: string } => {
  try {
    const { entries } = JSON.parse(text ?? '') as {
      entries: readonly { tag: unknown; when: unknown }[]
    }
    // They are written into Drizzle's ledger as numbers.
    const other = entries.find(({ when }) => !Number.isSafeInteger(when))
    return other === undefined
      ? new Map(entries.map(({ tag, when }) => [String(tag), String(when)]))
      : { reason: `has an entry whose 'when' is not in milliseconds: ${String(other.tag)}` }
  } catch {
    return { reason: 'is not a journal that schemagate can read' }
  }
}

const timeIn = (name: string): string | undefined => {
  const [, date = '', time = ''] = /^(\d{8})(\d{6})/.exec(name) ?? []
  const day = date.replace(/^(....)(..)(..)$/, '$1-$2-$3')
  const ms = Date.parse(`${day}T${time.replace(/^(..)(..)(..)$/, '$1:$2:$3')}Z`)
  return Number.isNaN(ms) ? undefined : String(ms)
}
