// A table that has the name of another tool's ledger and is not what the tool makes, or has rows that the tool never writes: it is
// read as data or left alone, nobody's code runs, and no command fails by itself.

import { describe, expect, test } from '@jest/globals'
import { dialectFolders } from '../support/dialect-folders.ts'
import { arrange, folderOf } from '../support/take-over.ts'

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const hostile = 'x\'; DROP TABLE customer; --\u001B[2J\u0007\u202E\n12:00:00 error FAILED $s$ \\"'

const dialects = [...new Set(dialectFolders.map(({ dialect }) => dialect))]

/** A value that steers a terminal, or begins a line as if it were ours. */
const steers = /[\u0000-\u0008\u000b-\u001f\u007f\u202e]|^12:00:00 error FAILED/m

/** The column by which the tool knows a migration, as it is made, and what may stand in it. */
const keys: Readonly<Record<string, string>> = {
  atlas: 'version',
  dbmate: 'version',
  diesel: 'version',
  drizzle: 'hash',
  flyway: 'version',
  goose: 'version_id',
  'golang-migrate': 'version',
  'graphile-migrate': 'filename',
  hasura: 'cli_state',
  liquibase: 'filename',
  'node-pg-migrate': 'name',
  pop: 'version',
  prisma: 'migration_name',
  'sql-migrate': 'id',
  sqitch: 'change',
  sqlx: 'version',
  supabase: 'version',
  tern: 'version',
}

const inText = dialects.filter(
  (dialect) => !['golang-migrate', 'goose', 'hasura', 'sqlx', 'tern'].includes(dialect),
)

const loosened = (table: string, key: string): string => `DO $do$ DECLARE name text; BEGIN
  LOOP
    SELECT conname INTO name FROM pg_constraint WHERE contype <> 'n' AND conrelid = '${table}'::regclass LIMIT 1;
    EXIT WHEN NOT FOUND;
    EXECUTE format('ALTER TABLE ${table} DROP CONSTRAINT %I CASCADE', name);
  END LOOP;
  FOR name IN SELECT attname FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 AND attidentity = '' LOOP
    EXECUTE format('ALTER TABLE ${table} ALTER COLUMN %I DROP NOT NULL', name);
  END LOOP;
  FOR name IN SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '${table}'::regclass LOOP EXECUTE 'DROP INDEX ' || name; END LOOP;
  IF '${key}' IN (SELECT attname FROM pg_attribute WHERE attrelid = '${table}'::regclass AND atttypid IN ('varchar'::regtype, 'bpchar'::regtype)) THEN
    ALTER TABLE ${table} ALTER COLUMN "${key}" TYPE varchar;
  END IF;
END $do$`

test.each(dialects)('rows of %s without a value are read as data', async (dialect) => {
  const { database, gate, tool } = await arrange(folderOf(dialect), 2)
  await database.sql.unsafe(loosened(tool.table, keys[dialect] ?? '')).simple()
  const column = dialect === 'goose' ? '(version_id) VALUES (NULL)' : 'SELECT'
  await database.sql.unsafe(`INSERT INTO ${tool.table} ${column}`)
  for (const command of ['plan', 'init', 'run']) {
    const { exitCode, stdout } = await gate(command)
    expect({ command, exitCode, stdout }).not.toMatchObject({ exitCode: 5 })
    expect(stdout).not.toContain('server-refused')
  }
  expect(await database.sql`SELECT FROM customer`).toHaveLength(0)
})

test.each(inText)('names in the ledger of %s are data, and steer no terminal', async (dialect) => {
  const { database, gate, tool } = await arrange(folderOf(dialect), 2)
  const key = keys[dialect] ?? ''
  await database.sql.unsafe(loosened(tool.table, key)).simple()
  for (const name of [quoted(hostile), `repeat('é', 1000000)`])
    await database.sql
      .unsafe(
        `CREATE TEMP TABLE r AS SELECT * FROM ${tool.table} LIMIT 1; UPDATE r SET ${dialect === 'drizzle' ? 'created_at = 7, ' : ''}${key} = ${name};
      INSERT INTO ${tool.table} SELECT * FROM r; DROP TABLE r`,
      )
      .simple()
  for (const command of ['plan', 'init', 'run']) {
    const { exitCode, stdout, stderr } = await gate(command)
    expect({ command, exitCode, stdout: stdout.slice(0, 2000) }).toMatchObject({ exitCode: 0 })
    expect(stdout + stderr).not.toMatch(steers)
    expect(stdout.length + stderr.length).toBeLessThan(20_000)
  }
  expect(await database.sql`SELECT FROM customer`).toHaveLength(0)
})

test.each([
  ['golang-migrate', 'version', 'text', 'an integer'],
  ['golang-migrate', 'version', 'numeric', 'an integer'],
  ['golang-migrate', 'version', 'json', 'an integer'],
  ['tern', 'version', 'text', 'an integer'],
  ['goose', 'version_id', 'text', 'an integer'],
  ['dbmate', 'version', 'json', 'text'],
  ['dbmate', 'version', 'bytea', 'text'],
  ['prisma', 'finished_at', 'text', 'a timestamp'],
  ['sqlx', 'checksum', 'text', 'bytes'],
  ['flyway', 'checksum', 'text', 'an integer'],
  ['drizzle', 'created_at', 'text', 'an integer'],
  ['hasura', 'cli_state', 'text', 'JSON (jsonb)'],
  ['liquibase', 'orderexecuted', 'text', 'an integer'],
  ['atlas', 'applied', 'text', 'an integer'],
])(
  'a table of %s whose column %s is of type %s is left alone, and what the database has counts',
  async (dialect, column, type, kept) => {
    const { database, gate, tool, rows } = await arrange(folderOf(dialect), 2)
    const key = keys[dialect] ?? ''
    await database.sql.unsafe(loosened(tool.table, key)).simple()
    const cast = type === 'bytea' ? 'text::bytea' : type === 'json' ? 'text::json' : type
    const value = type === 'json' ? `to_json("${column}"::text)` : `"${column}"::${cast}`
    await database.sql.unsafe(
      `ALTER TABLE ${tool.table} ALTER COLUMN "${column}" DROP DEFAULT, ALTER COLUMN "${column}" TYPE ${type} USING ${value}`,
    )
    if (type === 'text')
      await database.sql.unsafe(`UPDATE ${tool.table} SET "${column}" = ${quoted(hostile)}`)
    const before = await database.sql.unsafe(`SELECT * FROM ${tool.table}`)
    const because = `its column ${column} is of type ${type}, and the tool keeps ${kept} there`
    expect((await gate('init')).stdout).toContain(because)
    expect(await gate('plan')).toMatchObject({ exitCode: 0 })
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain(`${tool.table} looks like the ledger of`)
    expect(run.stderr).toContain(because)
    expect((await rows()).map(({ state }) => state)).toContain('reconciled')
    expect(await database.sql.unsafe(`SELECT * FROM ${tool.table}`)).toEqual(before)
  },
)

describe('the state of Hasura, which may be any JSON', () => {
  test.each(['{}', '{"migrations": {}}', '{"migrations": null}', '{"migrations": {"shop": null}}'])(
    '%s claims nothing, and gets what runs',
    async (state) => {
      const { database, gate, tool } = await arrange(folderOf('hasura'), 0)
      await database.sql`UPDATE hdb_catalog.hdb_version SET cli_state = ${state}::text::jsonb`
      expect(await gate('run')).toMatchObject({ exitCode: 0 })
      const [row] = await database.sql`SELECT cli_state FROM hdb_catalog.hdb_version`
      const { migrations } = row?.['cli_state'] as { migrations: Record<string, unknown> }
      const name = state.includes('shop') ? 'shop' : 'default'
      expect(Object.keys(migrations)).toEqual([name])
      const { versions } = folderOf('hasura')
      expect(migrations[name]).toEqual(Object.fromEntries(versions.map((each) => [each, false])))
      expect(tool.table).toBe('hdb_catalog.hdb_version')
    },
  )

  test.each(['[]', '"x"', 'null', '7', '{"migrations": [1]}', '{"migrations": {"a": "x"}}'])(
    '%s is no reason to fail by itself',
    async (state) => {
      const { database, gate } = await arrange(folderOf('hasura'), 2)
      await database.sql`UPDATE hdb_catalog.hdb_version SET cli_state = ${state}::text::jsonb`
      for (const command of ['plan', 'init', 'run'])
        expect((await gate(command)).exitCode).not.toBe(5)
    },
  )
})
