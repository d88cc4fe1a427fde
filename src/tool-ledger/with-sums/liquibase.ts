// Liquibase: a row for each changeset, by its id, its author and the path of its file, which begins where the search path of the tool
// does. https://docs.liquibase.com/concepts/tracking-tables/databasechangelog-table.html

import { literal } from '../../database/literal.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Claim, ToolLedger, ToolRow } from '../tool-ledger.ts'

export const liquibase: ToolLedger = {
  dialect: 'liquibase',
  table: 'databasechangelog',
  columns: {
    ...{ id: 'text', author: 'text', filename: 'text', dateexecuted: 'time' },
    ...{ orderexecuted: 'number', exectype: 'text', md5sum: 'text', deployment_id: 'text' },
  },
  orderBy: 'dateexecuted, orderexecuted',
  claims: (rows, files) => rows.map((row) => claimOf(row, fileOf(row, files))),
  twins: ({ source }) => [source?.row?.['eight'] ?? '', ...sumsOf(source)],
  lockTable: 'databasechangeloglock',
  baseOf: (rows, files) => {
    for (const row of rows.toReversed()) {
      const { entry = '', row: own } = fileOf(row, files)?.source ?? {}
      const path = pathOf(row)
      if (own?.['path'] === '' && path.endsWith(entry)) return path.slice(0, -entry.length)
    }
    return undefined
  },
  write: (table, migration, base) => {
    const { id, author, path, base: ofRoot, comment, eight, contexts, labels } = texts(migration)
    const { entry = '', checksum } = migration.source ?? {}
    const filename = path === '' ? `${base ?? ofRoot ?? ''}${entry}` : path
    const of = `id = ${literal(id ?? '')} AND author = ${literal(author ?? '')} AND filename = ${literal(filename ?? '')}`
    const now = 'pg_catalog.clock_timestamp()::pg_catalog.timestamp'
    const values = {
      dateexecuted: now,
      orderexecuted: `coalesce((SELECT pg_catalog.max(orderexecuted) FROM ${table}), 0) + 1`,
      // An older version of the tool knows only its own checksum.
      md5sum:
        checksum === undefined
          ? 'NULL'
          : `CASE WHEN (SELECT md5sum FROM ${table} ORDER BY orderexecuted DESC LIMIT 1) LIKE '8:%' THEN ${literal(eight ?? '')} ELSE ${literal(checksum)} END`,
      comments: literal((comment ?? '').slice(0, 250)),
      contexts: contexts === '' ? 'NULL' : literal(contexts ?? ''),
      labels: labels === '' ? 'NULL' : literal(labels ?? ''),
      liquibase: "'schemagate'",
      deployment_id:
        'pg_catalog.right((extract(epoch FROM pg_catalog.transaction_timestamp()) * 1000)::pg_catalog.int8::pg_catalog.text, 10)',
    }
    const sets = Object.entries(values).map(([name, value]) => `${name} = ${value}`)
    return [
      ...(migration.runs === undefined
        ? []
        : [`UPDATE ${table} SET exectype = 'RERAN', ${sets.join(', ')} WHERE ${of}`]),
      `INSERT INTO ${table} (id, author, filename, exectype, description, ${Object.keys(values).join(', ')})
      SELECT ${literal(id ?? '')}, ${literal(author ?? '')}, ${literal(filename ?? '')}, 'EXECUTED', 'sql', ${Object.values(values).join(', ')}
      WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${of})`,
    ]
  },
}

const texts = ({ source }: Migration): Readonly<Record<string, string>> => source?.row ?? {}

const sumsOf = (source: Migration['source']): readonly string[] =>
  source?.row?.['valid']?.split(' ') ?? []

const claimOf = (row: ToolRow, file: Migration | undefined): Claim => {
  const { id = '', author = '', exectype = '', md5sum = '' } = row
  const version = file?.version ?? `${pathOf(row)}::${id}::${author}`
  if (!['EXECUTED', 'RERAN', 'MARK_RAN'].includes(exectype))
    return { version, state: 'unfinished', because: `exectype = ${exectype}` }
  // Those of other versions of the tool, and of what it has filled in, cannot be computed again.
  const isKnown =
    /^[89]:/.test(md5sum) &&
    file?.source?.checksum !== undefined &&
    !sumsOf(file.source).some((each) => /^(?:\d:)?any$/i.test(each))
  return { version, state: 'applied', ...(isKnown ? { checksum: md5sum } : {}) }
}

/** As Liquibase compares it. */
const pathOf = ({ filename = '' }: ToolRow): string =>
  filename
    .replace(/^classpath\*?:/, '')
    .replaceAll('\\', '/')
    .replace(/^\.?\/+/, '')

/** The file whose path is the end of the row's, or has it as its end; of several, the longest. */
const fileOf = (row: ToolRow, files: readonly Migration[]): Migration | undefined => {
  const path = pathOf(row)
  const named = files.filter(
    ({ source }) => source?.row?.['id'] === row['id'] && source?.row?.['author'] === row['author'],
  )
  const exact = named.find(({ source }) => source?.row?.['path'] === path)
  if (exact !== undefined) return exact
  const ends = (text: string, end: string): boolean => text === end || text.endsWith(`/${end}`)
  const [first] = named
    .filter(({ source }) => source?.row?.['path'] === '')
    .filter(({ source }) => ends(path, source?.entry ?? '') || ends(source?.entry ?? '', path))
    .sort((a, b) => (b.source?.entry.length ?? 0) - (a.source?.entry.length ?? 0))
  return first
}
