// What lint advises can be followed: it runs on a server, and the finding is gone.

import { describe, expect, test } from '@jest/globals'
import { rules } from '../../src/lint/rules/rules.ts'
import { lintFiles, lintFilesFully } from '../unit/lint/lint-example.ts'
import { createDatabase } from '../support/database.ts'
import { run } from '../support/hazard.ts'
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
    .replace('In the same file, after it: ', '')
    .split('\nand drop')
  const text = `${sql} ${view}`
  expect(lintFiles({ '0001_t.sql': before, '0002_c.sql': text })).toEqual([])
  for (const version of serverVersions) {
    const database = await createDatabase(version)
    for (const each of [before, text]) await run(database, each)
    expect(await database.sql.unsafe('SELECT id FROM t')).toHaveLength(0)
  }
})

/** The texts of the files that are to be in the place of the last one of the rule's bad example. */
type Follow = (cure: string, bad: string) => readonly string[]

const behind =
  (words: string): Follow =>
  (cure) => [cure.slice(cure.indexOf(words) + words.length)]

const firstLine: Follow = (cure) => [cure.split('\n')[0] ?? '']

const firstStatement: Follow = (cure) => [`${cure.split(';')[0] ?? ''};`]

const files =
  (start: string, between: string | RegExp): Follow =>
  (cure) =>
    cure.replace(start, '').split(between)

// What it says moves into a file of its own.
const inFileOfItsOwn =
  (words: string): Follow =>
  (cure, bad) => {
    const statement = cure.slice(cure.indexOf(words) + words.length)
    return [bad.replace(statement, ''), statement]
  }

const allowed: Follow = (cure, bad) => {
  const directive = /-- @allow [\w-]+ /.exec(cure)?.[0] ?? ''
  return [`${directive}a test says so\n${bad}`]
}

const followed: Readonly<Record<string, Follow | { readonly noSql: string }>> = {
  'duplicate-object': behind('in a new file: '),
  'hidden-definition': behind('in a new file: '),
  'makes-and-drops': allowed,
  'contract-object-changed': { noSql: 'it tells in which order releases go' },
  'required-column-without-default': (cure) => [
    (cure.split('\n')[0] ?? '').replace('…', "'phone'"),
  ],
  'mixed-concurrent': inFileOfItsOwn('with the next number: '),
  'enum-value-used': files('Use two files: ', ' in the first, and in the next:\n'),
  'unknown-allow': (cure, bad) => [bad.replace(/^.*/, cure.replace('<reason>', 'nobody reads it'))],
  'used-before-created': allowed,
  'object-file-used': allowed,
  'unguarded-statement': (cure) => [cure],
  'index-without-concurrently': behind('\n'),
  'drop-index-without-concurrently': behind('\n'),
  'reindex-without-concurrently': behind('\n'),
  'refresh-without-concurrently': firstLine,
  'constraint-without-not-valid': files('', '\nand in the next file: '),
  'unique-without-index': files('In a file of its own: ', '\nand in the next file: '),
  'not-null-without-check': files('In three files: ', '\nthen '),
  'volatile-default': (cure) => [cure.slice(0, cure.lastIndexOf('\n'))],
  'computed-column': (cure) => [/ALTER TABLE[^;]*;/.exec(cure)?.[0] ?? ''],
  'column-type-change': firstLine,
  'table-rewrite': (cure) => [/VACUUM \w+;/.exec(cure)?.[0] ?? ''],
  'partition-locks-parent': (cure) => [cure],
  rename: firstLine,
  'drop-column': allowed,
  'drop-table': allowed,
  'drop-cascade': (cure) => [`DROP VIEW IF EXISTS busy_leads;\n${cure.split('\n')[0] ?? ''}`],
  truncate: allowed,
  'delete-without-key': allowed,
  'detach-partition': allowed,
  'data-change-in-schema-file': inFileOfItsOwn('outside the gate:\n'),
  'lock-table': allowed,
  'disable-trigger': firstStatement,
  'session-level-set': (cure, bad) => [bad.replace(/^.*/, cure)],
  'sessions-ended': (cure, bad) => [
    bad.replace(' AND pid', ` ${cure.slice(cure.indexOf('AND'))} AND pid`),
  ],
  unreadable: { noSql: 'nobody knows what the statement is to be' },
  'unused-allow': (_, bad) => [bad.replace(/^.*\n/, '')],
}

test('every rule has a cure that is followed here, or a reason why there is none', () => {
  expect(Object.keys(followed).sort()).toEqual(rules.map(({ id }) => id).sort())
})

const readied: Readonly<Record<string, string>> = {
  'used-before-created': 'ALTER TABLE call_log ADD COLUMN started_at date;',
  'object-file-used': 'CREATE VIEW long_calls AS SELECT lead_id FROM call_log;',
}

const cures = rules.flatMap(({ id, bad }) => {
  const follow = followed[id]
  return typeof follow === 'function' ? [{ id, bad, follow }] : []
})

describe.each(cures)('the cure of $id', ({ id, bad, follow }) => {
  const all = Object.entries(bad.files)
  const [last = '', text = ''] = all.at(-1) ?? []
  const [finding] = lintFilesFully(bad.files).filter(({ rule }) => rule === id)
  const texts = follow(finding?.cure ?? '', text)
  const others = Object.fromEntries(all.slice(0, -1))
  const curedFiles = {
    ...others,
    ...Object.fromEntries(texts.map((each, at) => [`${1_000 + at}_${last.slice(5)}`, each])),
  }

  test('says something to follow', () => {
    expect(texts.join('').trim()).not.toBe('')
    expect(texts.join('\n')).not.toContain('…')
  })

  test('takes the finding away', () => {
    expect(lintFilesFully(curedFiles).filter(({ rule }) => rule === id)).toEqual([])
  })

  // It is looked for on a database that has what the file uses.
  const ready = readied[id] ?? ''
  test.each(serverVersions)('runs on PostgreSQL %s', async (version) => {
    const database = await createDatabase(version)
    for (const [name, each] of Object.entries(others))
      if (!/^(contracts|objects)\//.test(name)) await run(database, each)
    for (const each of [ready, ...texts]) if (each.trim() !== '') await run(database, each)
  })
})
