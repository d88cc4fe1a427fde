// Files of other tools over a database that has what they make, with rows: no command runs their down half, with or without a
// ledger, and each says so without asking the server.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { foreignFiles, uncut } from '../support/foreign-files.ts'
import { arrange } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions
const customers =
  'CREATE TABLE customer (id int PRIMARY KEY); INSERT INTO customer VALUES (1), (2);'
const [goose] = foreignFiles

test.each([
  ['run'],
  ['plan'],
  ['adopt'],
  ['adopt', '--dry-run'],
  ['status'],
  ['doctor'],
  ['lint'],
  ['validate'],
  ['wait'],
])('%s %s refuses a file with a down half, and changes nothing', async (...args) => {
  const { database, gate } = await arrange(
    version,
    {
      // Beside a file of ours: alone, it would make the folder one of goose.
      '0000_own.sql': 'SELECT 1;\n',
      '0001_a.sql': goose?.text ?? '',
      'contracts/api.json': '{"service": "api", "tables": {"customer": {}}}',
    },
    customers,
  )
  const { exitCode, stdout, stderr } = await gate(...args)
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 4 })
  expect(stdout).toContain(
    "migrations/0001_a.sql is written for goose: '-- +goose Down' begins the part that undoes the migration",
  )
  expect(stdout).toContain('migrations/0001_a.sql:3:1')
  expect(await database.sql`SELECT FROM customer`).toHaveLength(2)
  expect(await database.sql`SELECT FROM pg_namespace WHERE nspname = 'schemagate'`).toHaveLength(0)
})

describe('a run over a database with rows', () => {
  // Whatever stands around it: the file as its tool takes it, alone or behind files that are ours.
  const files = fc.sample(fc.constantFrom(...foreignFiles, ...uncut), { numRuns: 12, seed: 18 })

  test('loses none of them to the file of another tool, managed or not', async () => {
    const { database, gate, write } = await arrange(
      version,
      { '0001_a.sql': 'SELECT 1;\n' },
      customers,
    )
    for (const [at, { text, tool }] of files.entries()) {
      write({ '0002_b.sql': text })
      const { exitCode, stdout } = await gate('run')
      expect({ tool, exitCode, stdout }).toMatchObject({ tool, exitCode: 4 })
      expect(await database.sql`SELECT FROM customer`).toHaveLength(2)
      if (at > 0) continue
      write({ '0002_b.sql': 'SELECT 2;\n' })
      expect(await gate('run')).toMatchObject({ exitCode: 0 })
    }
  })
})

test('backfills and declared indexes of another tool are refused as well', async () => {
  const { gate } = await arrange(
    version,
    {
      '0001_a.sql': 'SELECT 1;\n',
      'backfills/b.sql':
        '-- @table customer\n-- @key id\nUPDATE customer SET id = id WHERE :batch;\n-- migrate:down\n',
      'indexes/i.sql': '-- migrate:up\nCREATE INDEX CONCURRENTLY i ON customer (id);\n',
    },
    customers,
  )
  const backfill = await gate('backfill', '--all', '--strict')
  expect(backfill).toMatchObject({ exitCode: 4 })
  expect(backfill.stdout).toContain('migrations/backfills/b.sql is written for dbmate')
  const indexes = await gate('indexes', '--strict')
  expect(indexes).toMatchObject({ exitCode: 4 })
  expect(indexes.stdout).toContain('migrations/indexes/i.sql is written for dbmate')
})
