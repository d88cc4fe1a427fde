// Tables that the files did not make, in another schema of the search path than the first: the server says where they are.

import { describe, expect, test } from '@jest/globals'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase } from '../support/database.ts'
import { arrange, queried, refuses, runs } from '../support/scenario.ts'
import { serverVersions, superuser, type ServerVersion } from '../support/servers.ts'

// The login's own schema is the first of the path '"$user", public'.
const others = `CREATE SCHEMA "${superuser}";
  CREATE TABLE public.orders (id int); CREATE INDEX orders_id ON public.orders (id);
  CREATE TYPE public.mood AS ENUM ('a'); CREATE VIEW public.all_orders AS SELECT id FROM public.orders;
  CREATE SEQUENCE public.number`

const files = {
  '1_note.sql': 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text',
  '2_check.sql':
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0); CREATE INDEX IF NOT EXISTS orders_note ON orders (note)',
  '3_mood.sql':
    "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'b'; COMMENT ON COLUMN orders.note IS 'n'; ALTER SEQUENCE number INCREMENT 2",
  '4_names.sql':
    'ALTER INDEX IF EXISTS orders_id RENAME TO orders_key; ALTER VIEW all_orders RENAME TO every_order',
  '5_own.sql':
    'CREATE TABLE IF NOT EXISTS mine (id int); ALTER TABLE mine ADD COLUMN IF NOT EXISTS note text',
}

const names = Object.keys(files).map((name) => name.replace('.sql', ''))

const byPsql = async (version: ServerVersion): Promise<readonly string[]> => {
  const database = await createDatabase(version)
  await database.sql.unsafe(others).simple()
  for (const text of Object.values(files)) await database.sql.unsafe(text).simple()
  return readCatalog(database)
}

describe.each(serverVersions)('other schemas of the path on PostgreSQL %s', (version) => {
  test('what stands in the second schema is found there, run and recognised', async () => {
    const scenario = await arrange(version, files, others)
    expect(await scenario.gate('plan')).toMatchObject({ exitCode: 0 })
    expect(await runs(scenario)).toEqual(names.map((name) => `${name}: applied`))
    expect(await readCatalog(scenario.database)).toEqual(await byPsql(version))

    // That somebody else's index or view was renamed, no file tells.
    scenario.remove('4_names.sql')
    await scenario.database.sql.unsafe('DROP SCHEMA schemagate CASCADE')
    expect(await runs(scenario)).toEqual(
      ['1_note', '2_check', '3_mood', '5_own'].map((name) => `${name}: reconciled`),
    )
  })

  test('of two tables of one name, the first on the path is meant', async () => {
    const scenario = await arrange(
      version,
      { '1_note.sql': files['1_note.sql'] },
      `${others}; CREATE TABLE orders (id int, note text)`,
    )
    expect(await runs(scenario)).toEqual(['1_note: reconciled'])
  })

  test('a table of somebody else in the second schema is not dropped for one of the first', async () => {
    const scenario = await arrange(
      version,
      { '1_orders.sql': 'DROP TABLE IF EXISTS orders CASCADE; CREATE TABLE orders (id int)' },
      `${others}; INSERT INTO public.orders VALUES (1)`,
    )
    expect(await refuses(scenario)).toContain('table orders')
    expect(await queried(scenario, 'SELECT id FROM public.orders')).toEqual([1])
  })
})
