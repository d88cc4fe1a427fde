// Tools whose table has a row for each migration, by its name or number, and nothing else that could be checked.

import { literal } from '../../database/literal.ts'
import type { Migration } from '../../migrations/migration.ts'
import { descriptionOf, type Claim, type ToolLedger } from '../tool-ledger.ts'

type Key = { readonly column: string; readonly at?: string }

const listed = (
  { column, at }: Key,
  record: Pick<ToolLedger, 'dialect' | 'table'> & Partial<ToolLedger>,
): ToolLedger => ({
  columns: { [column]: 'text' },
  orderBy: column,
  claims: (rows) => rows.map((row): Claim => ({ version: row[column] ?? '', state: 'applied' })),
  write: (table, { version }) => [unlessThere(table, { column, at, version })],
  ...record,
})

type Row = {
  readonly column: string
  readonly at: string | undefined
  readonly version: string
  readonly more?: Readonly<Record<string, string>>
}

/** `at` is a column for the time. */
const unlessThere = (table: string, { column, at, version, more = {} }: Row): string => {
  const values: Readonly<Record<string, string>> = {
    [column]: literal(version),
    ...(at === undefined ? {} : { [at]: 'pg_catalog.clock_timestamp()' }),
    ...more,
  }
  return `INSERT INTO ${table} (${Object.keys(values).join(', ')}) SELECT ${Object.values(values).join(', ')}
    WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${column} = ${literal(version)})`
}

export const dbmate = listed(
  { column: 'version' },
  { dialect: 'dbmate', table: 'schema_migrations', lacks: 'dirty' },
)

export const diesel = listed(
  { column: 'version', at: 'run_on' },
  { dialect: 'diesel', table: '__diesel_schema_migrations' },
)

export const pop = listed({ column: 'version' }, { dialect: 'pop', table: 'schema_migration' })

export const sqlMigrate = listed(
  { column: 'id', at: 'applied_at' },
  { dialect: 'sql-migrate', table: 'gorp_migrations' },
)

/** It knows a migration by its name. */
export const nodePgMigrate = listed(
  { column: 'name', at: 'run_on' },
  { dialect: 'node-pg-migrate', table: 'pgmigrations', lock: () => 7_241_865_325_823_964n },
)

/** With the text of what it ran. */
export const supabase: ToolLedger = listed(
  { column: 'version' },
  {
    dialect: 'supabase',
    schema: 'supabase_migrations',
    table: 'schema_migrations',
    write: (table, migration: Migration) => [
      unlessThere(table, {
        ...{ column: 'version', at: undefined, version: migration.version },
        more: {
          name: literal(descriptionOf(migration).replaceAll(' ', '_')),
          statements: `ARRAY[${literal(migration.text)}]`,
        },
      }),
    ],
  },
)
