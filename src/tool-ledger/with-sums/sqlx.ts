// sqlx: a row for each migration, with SHA-384 of the file. https://docs.rs/sqlx/latest/sqlx/migrate/

import { crc32 } from 'node:zlib'
import { literal } from '../../database/literal.ts'
import { descriptionOf, type Claim, type ToolLedger } from '../tool-ledger.ts'

export const sqlx: ToolLedger = {
  dialect: 'sqlx',
  table: '_sqlx_migrations',
  columns: { version: 'number', success: 'yes or no', checksum: 'bytes' },
  orderBy: 'version',
  claims: (rows) =>
    rows.map(({ version = '', success, checksum }): Claim =>
      success === 'true'
        ? { version, state: 'applied', checksum }
        : { version, state: 'unfinished', because: 'success = false' },
    ),
  lock: ({ database }) => BigInt.asIntN(64, 0x3d_32_ad_9en * BigInt(crc32(database))),
  write: (table, migration) => [
    `DELETE FROM ${table} WHERE version = ${migration.version} AND NOT success`,
    `INSERT INTO ${table} (version, description, installed_on, success, checksum, execution_time)
    SELECT ${migration.version}, ${literal(descriptionOf(migration))}, pg_catalog.clock_timestamp(), true,
      pg_catalog.decode(${literal(migration.source?.checksum ?? '')}, 'hex'),
      (extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000000000)::pg_catalog.int8
    WHERE NOT EXISTS (SELECT FROM ${table} WHERE version = ${migration.version})`,
  ],
}
