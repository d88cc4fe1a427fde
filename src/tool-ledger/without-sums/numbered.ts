// Tools whose table has one row: the number of the last migration.

import { crc32 } from 'node:zlib'
import { literal } from '../../database/literal.ts'
import { claimsUpTo, type LockedTable, type ToolLedger } from '../tool-ledger.ts'

const salt = 1_486_364_155n

// https://github.com/golang-migrate/migrate/blob/master/database/util.go
const lockOf = ({ schema, table, database }: LockedTable): bigint =>
  BigInt.asUintN(32, BigInt(crc32([schema, table, database].join('\0'))) * salt)

/** With `dirty`, by which it is not that of dbmate. */
export const golangMigrate: ToolLedger = {
  dialect: 'golang-migrate',
  table: 'schema_migrations',
  columns: { version: 'text', dirty: 'text' },
  orderBy: 'version',
  keeps: 'a number',
  claims: ([row], files) =>
    row?.['version'] === undefined
      ? []
      : row['dirty'] === 'true'
        ? claimsUpTo(files, row['version'], 'unfinished', 'dirty')
        : claimsUpTo(files, row['version'], 'applied', ''),
  lock: lockOf,
  // One of a lower number, which was merged late, leaves the row as it is.
  write: (table, { version }) => [
    `DELETE FROM ${table} WHERE version < ${version} OR version = ${version} AND dirty`,
    `INSERT INTO ${table} (version, dirty) SELECT ${version}, false WHERE NOT EXISTS (SELECT FROM ${table})`,
  ],
}

export const tern: ToolLedger = {
  dialect: 'tern',
  table: 'schema_version',
  columns: { version: 'text' },
  orderBy: 'version',
  keeps: 'a number',
  claims: ([row], files) =>
    row?.['version'] === undefined || row['version'] === '0'
      ? []
      : claimsUpTo(files, row['version'], 'applied', ''),
  lock: () => 9_628_173_550_095_224n,
  write: (table, { version }) => [
    `UPDATE ${table} SET version = ${version} WHERE version < ${version}`,
  ],
}

/** Its state of all databases is one JSON in the metadata; one that is not Hasura's own has a table as golang-migrate's. */
export const hasura: readonly ToolLedger[] = [
  {
    dialect: 'hasura',
    schema: 'hdb_catalog',
    table: 'hdb_version',
    columns: { cli_state: 'text' },
    orderBy: 'cli_state',
    claims: ([row]) =>
      Object.entries(migrationsIn(row?.['cli_state'])).map(([version, isDirty]) =>
        isDirty
          ? { version, state: 'unfinished', because: 'dirty' }
          : { version, state: 'applied' },
      ),
    write: (table, { version }) => [
      `UPDATE ${table} SET cli_state = pg_catalog.jsonb_set(cli_state,
        ARRAY['migrations', (SELECT d FROM pg_catalog.jsonb_object_keys(cli_state -> 'migrations') d LIMIT 1), ${literal(version)}], 'false')
      WHERE (SELECT cli_state -> 'migrations' -> d ->> ${literal(version)} FROM pg_catalog.jsonb_object_keys(cli_state -> 'migrations') d LIMIT 1)
        IS DISTINCT FROM 'false'`,
    ],
  },
  {
    dialect: 'hasura',
    schema: 'hdb_catalog',
    table: 'schema_migrations',
    columns: { version: 'text', dirty: 'text' },
    orderBy: 'version',
    claims: (rows) =>
      rows.map(({ version = '', dirty }) =>
        dirty === 'true'
          ? { version, state: 'unfinished', because: 'dirty' }
          : { version, state: 'applied' },
      ),
    write: (table, { version }) => [
      `DELETE FROM ${table} WHERE version = ${version} AND dirty`,
      `INSERT INTO ${table} (version, dirty) SELECT ${version}, false WHERE NOT EXISTS (SELECT FROM ${table} WHERE version = ${version})`,
    ],
  },
]

/** Of the only database that it has any of. */
const migrationsIn = (state: string | undefined): Readonly<Record<string, boolean>> => {
  const { migrations = {} } = JSON.parse(state ?? '{}') as {
    migrations?: Record<string, Record<string, boolean>>
  }
  const [first = {}, ...others] = Object.values(migrations)
  return others.length > 0 ? {} : first
}
