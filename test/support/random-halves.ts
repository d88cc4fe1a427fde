// Random files that do and undo, in the marks of every tool that writes both into one file, and without any; and a random database
// that has some of what they speak of, with rows, made by others or by recorded files.

import * as fc from 'fast-check'

export type Halves = {
  /** Recorded files. They come first: a table of others that looks like one of theirs would be taken for it, renamed. */
  readonly recorded: readonly string[]
  /** SQL of somebody else, with rows; and rows of the application in what the recorded files made. */
  readonly byOthers: string
  readonly rows: string
  readonly file: string
}

type Choose = <T>(first: T, ...more: readonly T[]) => T

const tables = ['customer', 'orders', 'visit'] as const

const columns = 'id int PRIMARY KEY, name text, note varchar(40), tags citext'

type Pair = { readonly up: string; readonly down: string }

type Owner = 'others' | 'history' | 'nobody'

type Make = (table: string, choose: Choose, owner: Owner) => Pair

// To drop a table that a recorded file made, by whatever name, is a change of its own: the history explains it.
const unlessRecorded = (owner: Owner, back: string, ...drops: readonly string[]) =>
  [back, ...(owner === 'history' ? [] : drops)] as const

// What undoes is often guarded where what does is not, and the other way round.
const makers: readonly Make[] = [
  (table, choose) => ({
    up: `CREATE TABLE ${choose('', 'IF NOT EXISTS ', 'IF NOT EXISTS ')}${table} (${columns})`,
    down: `DROP TABLE ${choose('', 'IF EXISTS ')}${choose('', 'public.')}${table}${choose('', ' CASCADE')}`,
  }),
  // What undoes drops what was added: to drop another column of a recorded table is a change of its own.
  (table, choose) => {
    const [name, type] = choose(['note', 'varchar(40)'], ['extra', 'int'])
    return {
      up: `ALTER TABLE ${table} ADD COLUMN ${choose('', 'IF NOT EXISTS ', 'IF NOT EXISTS ')}${name} ${type}`,
      down: `ALTER TABLE ${choose('', 'IF EXISTS ', 'ONLY ')}${table} DROP COLUMN IF EXISTS ${name}`,
    }
  },
  (table, choose) => ({
    up: `INSERT INTO ${table} (id, name) VALUES (${choose(1, 77)}, 'given') ON CONFLICT DO NOTHING`,
    down: `DELETE FROM ${table}${choose('', ' WHERE id = 1', " WHERE name <> ''", ' WHERE id IN (1, 77)')}`,
  }),
  (table, choose) => ({
    up: `CREATE TABLE IF NOT EXISTS ${table} (${columns}); INSERT INTO ${table} (id) VALUES (78)`,
    down: `TRUNCATE ${choose('', 'TABLE ', 'ONLY ')}${table}${choose('', ' CASCADE', ' RESTART IDENTITY')}`,
  }),
  (table, choose) => ({
    up: `DROP TABLE ${choose('', 'IF EXISTS ')}${table}`,
    down: `CREATE TABLE ${choose('', 'IF NOT EXISTS ')}${table} (${columns})`,
  }),
  (table, choose) => ({
    up: `ALTER TABLE ${table} DROP COLUMN ${choose('', 'IF EXISTS ')}note`,
    down: `ALTER TABLE ${table} ADD COLUMN ${choose('', 'IF NOT EXISTS ')}note varchar(40)`,
  }),
  (table, choose) => ({
    up: `ALTER TABLE ${table} ALTER COLUMN note TYPE ${choose('text', 'varchar(80)')}`,
    down: `ALTER TABLE ${table} ALTER COLUMN note TYPE varchar(2) USING left(note, 2)`,
  }),
  (table, choose, owner) => ({
    up: `ALTER TABLE ${table} RENAME TO ${table}_kept`,
    down: choose(
      ...unlessRecorded(
        owner,
        `ALTER TABLE ${table}_kept RENAME TO ${table}`,
        `DROP TABLE ${table}_kept`,
      ),
    ),
  }),
  (table, choose, owner) => ({
    up: `CREATE SCHEMA ${choose('', 'IF NOT EXISTS ')}kept; ALTER TABLE ${table} SET SCHEMA kept`,
    down: choose(
      ...unlessRecorded(
        owner,
        choose(
          `ALTER TABLE kept.${table} SET SCHEMA public; DROP SCHEMA kept`,
          'DROP SCHEMA kept CASCADE',
        ),
        `DROP TABLE kept.${table}; DROP SCHEMA kept`,
      ),
    ),
  }),
  (_table, choose) => ({
    up: 'CREATE EXTENSION IF NOT EXISTS citext',
    down: `DROP EXTENSION ${choose('', 'IF EXISTS ')}citext${choose('', ' CASCADE')}`,
  }),
  (table, choose) => ({
    up: `DO $$ BEGIN CREATE TABLE IF NOT EXISTS ${table} (${columns}); END $$`,
    down: `DO $$ BEGIN ${choose(`DROP TABLE ${table}`, `EXECUTE 'DROP TABLE ${table}'`, `DELETE FROM ${table}`)}; END $$`,
  }),
  (table, choose, owner) => ({
    up: `CREATE MATERIALIZED VIEW ${choose('', 'IF NOT EXISTS ')}${table}_seen AS SELECT id FROM ${table}`,
    down: choose(
      ...unlessRecorded(
        owner,
        `DROP MATERIALIZED VIEW ${table}_seen`,
        `DROP TABLE ${table} CASCADE`,
      ),
    ),
  }),
  (table) => ({
    up: `WITH old AS (SELECT id FROM ${table}) INSERT INTO ${table} (id) SELECT id FROM old ON CONFLICT DO NOTHING`,
    down: `WITH old AS (DELETE FROM ${table} RETURNING id) SELECT count(*) FROM old`,
  }),
]

type Dialect = (up: string, down: string) => string

/** goose, dbmate, sql-migrate, node-pg-migrate, tern, rambler, dbdeploy, and files with marks that no tool knows. */
const dialects: readonly Dialect[] = [
  (up, down) => `-- +goose Up\n${up}\n-- +goose Down\n${down}`,
  (up, down) => `-- migrate:up\n${up}\n-- migrate:down\n${down}`,
  (up, down) => `-- +migrate Up\n${up}\n-- +migrate Down\n${down}`,
  (up, down) => `-- Up Migration\n${up}\n-- Down Migration\n${down}`,
  (up, down) => `${up}\n---- create above / drop below ----\n${down}`,
  (up, down) => `-- rambler up\n${up}\n-- rambler down\n${down}`,
  (up, down) => `${up}\n--//@UNDO\n${down}`,
  (up, down) => `-- +up\n${up}\n-- +down\n${down}`,
  (up, down) => `-- up\n${up}\n-- down\n${down}`,
  (up, down) => `${up}\n-- ROLLBACK PART\n${down}`,
  (up, down) => `${up}\n${down}`,
  (up, down) => `${up}\n${down}`,
  (up, down) => `${up}\n${down}`,
  (up, down) => `BEGIN;\n${up}\n${down}\nCOMMIT;`,
  (up, down) => `-- @transaction off\n${up}\n${down}`,
  // The half that undoes stands first. Rows that are deleted and then inserted are how a table is seeded again.
  (up, down) => (/DELETE|TRUNCATE/.test(down) ? `${up}\n${down}` : `${down}\n${up}`),
]

const chooser = (numbers: readonly number[]): Choose => {
  let next = 0
  return (first, ...more) => {
    const all = [first, ...more]
    return all[(numbers[next++ % numbers.length] ?? 0) % all.length] ?? first
  }
}

const statements = (texts: readonly string[]): string => texts.map((text) => `${text};\n`).join('')

const halvesOf = (numbers: readonly number[]): Halves => {
  const choose = chooser(numbers)
  const owners = tables.map((table) => ({
    table,
    owner: choose<Owner>('others', 'history', 'others', 'nobody'),
  }))
  const of = (wanted: string): readonly string[] =>
    owners.flatMap(({ table, owner }) => (owner === wanted ? [table] : []))
  const fill = (names: readonly string[]): string =>
    statements(
      names.map(
        (table) =>
          `INSERT INTO ${table} SELECT n, 'name ' || n, 'note ' || n, 'tag' FROM generate_series(1, 5) n`,
      ),
    )
  const create = (table: string): string => `CREATE TABLE ${table} (${columns})`
  const pairs = Array.from({ length: choose(1, 1, 2, 3) }, () => {
    const [first = makers[0], ...more] = makers
    const make = choose(first, ...more)
    const table = choose(...tables)
    const owner = owners.find((each) => each.table === table)?.owner ?? 'nobody'
    return make?.(table, choose, owner) ?? { up: '', down: '' }
  })
  const [dialect = (up: string) => up, ...others] = dialects
  const up = statements(pairs.map((pair) => pair.up))
  const down = statements(pairs.map((pair) => pair.down).reverse())
  return {
    recorded: of('history').map(create),
    byOthers: `${statements(of('others').map(create))}${fill(of('others'))}`,
    rows: fill(of('history')),
    file: choose(dialect, ...others)(up, down),
  }
}

export const randomHalves: fc.Arbitrary<Halves> = fc
  .noBias(fc.array(fc.nat({ max: 1_000_000 }), { minLength: 24, maxLength: 24 }))
  .map(halvesOf)
