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
  columns: { version: 'number', dirty: 'yes or no' },
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
  columns: { version: 'number' },
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

// What is there of it: before its CLI has applied anything, there is nothing.
const objectAt = (state: string): string =>
  `CASE pg_catalog.jsonb_typeof(${state}) WHEN 'object' THEN ${state} ELSE '{}' END`
const all = `(${objectAt("(cli_state -> 'migrations')")})`
const database = `coalesce((SELECT d FROM pg_catalog.jsonb_object_keys(${all}) d LIMIT 1), 'default')`
const own = `(${objectAt(`(${all} -> ${database})`)})`

/** Its state of all databases is one JSON in the metadata; one that is not Hasura's own has a table as golang-migrate's. */
export const hasura: readonly ToolLedger[] = [
  {
    dialect: 'hasura',
    schema: 'hdb_catalog',
    table: 'hdb_version',
    columns: { cli_state: 'JSON' },
    orderBy: 'cli_state',
    claims: ([row]) =>
      Object.entries(migrationsIn(row?.['cli_state'])).map(([version, isDirty]) =>
        isDirty === false
          ? { version, state: 'applied' }
          : { version, state: 'unfinished', because: 'dirty' },
      ),
    write: (table, { version }) => [
      `UPDATE ${table} SET cli_state = cli_state || pg_catalog.jsonb_build_object('migrations',
        ${all} || pg_catalog.jsonb_build_object(${database}, ${own} || pg_catalog.jsonb_build_object(${literal(version)}, false)))
      WHERE pg_catalog.jsonb_typeof(cli_state) = 'object' AND ${own} -> ${literal(version)} IS DISTINCT FROM 'false'`,
    ],
  },
  {
    dialect: 'hasura',
    schema: 'hdb_catalog',
    table: 'schema_migrations',
    columns: { version: 'number', dirty: 'yes or no' },
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

/** Of the only database that it has any of, each with whether it is dirty. */
const migrationsIn = (state: string | undefined): Readonly<Record<string, unknown>> => {
  const databases = Object.values(objectIn(objectIn(JSON.parse(state ?? '{}'))['migrations']))
  const [first] = databases
  return databases.length > 1 ? {} : objectIn(first)
}

/** Somebody may have written anything else there. */
const objectIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
