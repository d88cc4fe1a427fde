// What lint advises can be followed: it runs on a server, and the finding is gone.

import { expect, test } from '@jest/globals'
import { lintFiles } from '../unit/lint/lint-example.ts'
import { createDatabase } from '../support/database.ts'
import { run } from '../support/harm.ts'
import { serverVersions } from '../support/servers.ts'

const before =
  'CREATE TABLE IF NOT EXISTS t (id int NOT NULL, a int, b int, CONSTRAINT k UNIQUE (a), CONSTRAINT t_pkey PRIMARY KEY (id));'

const cured = (rule: string, sql: string): string => {
  const finding = lintFiles({ '0001_t.sql': before, '0002_c.sql': sql }).find(
    (each) => each.rule === rule,
  )
  return finding?.cure ?? ''
}

const keys: readonly (readonly [sql: string, definition: string])[] = [
  ['ALTER TABLE t ADD CONSTRAINT n UNIQUE (b);', 'UNIQUE (b)'],
  [
    'ALTER TABLE t DROP CONSTRAINT k; ALTER TABLE t ADD CONSTRAINT k UNIQUE (a, b);',
    'UNIQUE (a, b)',
  ],
  [
    'ALTER TABLE t DROP CONSTRAINT IF EXISTS k, ADD CONSTRAINT k UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) DEFERRABLE INITIALLY DEFERRED;',
    'UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) DEFERRABLE INITIALLY DEFERRED',
  ],
  [
    'ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY (id, a);',
    'PRIMARY KEY (id, a)',
  ],
]

test.each(keys)('the cure of %s makes that key', async (sql, definition) => {
  const name = /ADD CONSTRAINT (\w+)/.exec(sql)?.[1] ?? ''
  const [index = '', key = ''] = cured('unique-without-index', sql)
    .replace('In a file of its own: ', '')
    .split('\nand in the next file: ')
  const files = { '0001_t.sql': before, '0002_i.sql': index, '0003_k.sql': key }
  expect(lintFiles(files).map(({ rule }) => rule)).not.toContain('unique-without-index')
  for (const version of serverVersions) {
    const database = await createDatabase(version)
    for (const text of [before, index, key]) await run(database, text)
    const made = await database.sql.unsafe(
      `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = '${name}' AND conrelid = 't'::regclass`,
    )
    expect(made.map((row) => row['definition'] as string)).toEqual([definition])
  }
})

test('the cure of a rename leaves the old name to services', async () => {
  const sql = 'ALTER TABLE t RENAME TO u;'
  const [view = ''] = cured('rename', sql)
    .replace('In the same file, behind it: ', '')
    .split('\nand drop')
  const text = `${sql} ${view}`
  expect(lintFiles({ '0001_t.sql': before, '0002_c.sql': text })).toEqual([])
  for (const version of serverVersions) {
    const database = await createDatabase(version)
    for (const each of [before, text]) await run(database, each)
    expect(await database.sql.unsafe('SELECT id FROM t')).toHaveLength(0)
  }
})
