// A tool whose settings say that it keeps its ledger under another name, or in another schema: by its own variable, or its file of settings.

import { describe, expect, test } from '@jest/globals'
import type { DialectFolder } from '../support/dialect-folders.ts'
import { arrange, folderOf } from '../support/take-over.ts'

type Case = {
  readonly dialect: string
  /** What the tool would have made of it. */
  readonly renamed: string
  readonly table: string
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: DialectFolder['files']
}

const cases: readonly Case[] = [
  {
    dialect: 'goose',
    renamed:
      'CREATE SCHEMA ops; ALTER TABLE goose_db_version SET SCHEMA ops; ALTER TABLE ops.goose_db_version RENAME TO versions',
    table: 'ops.versions',
    environment: { GOOSE_TABLE: 'ops.versions' },
  },
  {
    dialect: 'dbmate',
    renamed: 'ALTER TABLE schema_migrations RENAME TO migrated',
    table: 'public.migrated',
    environment: { DBMATE_MIGRATIONS_TABLE: 'migrated' },
  },
  {
    dialect: 'flyway',
    renamed:
      'CREATE SCHEMA "Ops"; ALTER TABLE flyway_schema_history SET SCHEMA "Ops"; ALTER TABLE "Ops".flyway_schema_history RENAME TO history',
    table: 'Ops.history',
    files: { 'flyway.conf': 'flyway.table=history\nflyway.defaultSchema=Ops\n' },
  },
  {
    dialect: 'flyway',
    renamed: 'ALTER TABLE flyway_schema_history RENAME TO history',
    table: 'public.history',
    files: { 'flyway.toml': '[flyway]\ntable = "history" # ours\n' },
  },
  {
    dialect: 'liquibase',
    renamed:
      'CREATE SCHEMA ops; ALTER TABLE databasechangelog SET SCHEMA ops; ALTER TABLE databasechangeloglock SET SCHEMA ops; ALTER TABLE ops.databasechangelog RENAME TO changes',
    table: 'ops.changes',
    files: {
      'liquibase.properties': 'liquibaseSchemaName: ops\ndatabaseChangeLogTableName: changes\n',
    },
  },
  {
    dialect: 'tern',
    renamed:
      'CREATE SCHEMA ops; ALTER TABLE schema_version SET SCHEMA ops; ALTER TABLE ops.schema_version RENAME TO at',
    table: 'ops.at',
    files: { 'tern.conf': '[database]\nhost = db\nversion_table = ops.at\n' },
  },
  {
    dialect: 'sqitch',
    renamed: 'ALTER SCHEMA sqitch RENAME TO deployed',
    table: 'deployed.changes',
    files: { 'sqitch.conf': '[core]\n\tengine = pg\n[engine "pg"]\n\tregistry = deployed\n' },
  },
]

describe.each(cases)(
  'the ledger of $dialect as $table',
  ({ dialect, renamed, table, environment, files }) => {
    test('is taken over there, and written to', async () => {
      const folder = folderOf(dialect)
      const { database, gate, rows } = await arrange(
        { ...folder, files: { ...folder.files, ...files } },
        2,
        environment === undefined ? {} : { environment },
      )
      await database.sql.unsafe(renamed).simple()
      const seen = await gate('init')
      expect(seen.stdout).toContain(`${table}, the ledger of `)
      const run = await gate('run')
      expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 0 })
      expect(run.stderr).toContain(`${table} of `)
      expect((await rows()).map((row) => row['state'])).toEqual([
        ...['reconciled', 'reconciled', 'applied', 'applied'],
      ])
      const [schema = '', name = ''] = table.split('.')
      const [counted] =
        await database.sql`SELECT count(*)::int AS n FROM ${database.sql(schema)}.${database.sql(name)}`
      // goose has a first row of its own, and tern has one row.
      expect(counted?.['n']).toBe({ goose: 5, tern: 1 }[dialect] ?? 4)
    })
  },
)
