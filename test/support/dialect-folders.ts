// A folder for each tool, as its users have them, with all that the tool lets them write. All of them make the same database, so
// that one script in plain SQL says what must come of each.

import { createHash } from 'node:crypto'
import type { Files } from './gate.ts'

export type DialectFolder = {
  readonly dialect: string
  readonly files: Files
  /** Of the files in their order. */
  readonly versions: readonly string[]
  /** Files that undo, or have a part that does. */
  readonly downParts: number
  readonly environment?: Readonly<Record<string, string>>
  /** What its folder shows, in the words of the log; undefined where MIGRATIONS_DIALECT must be set. */
  readonly because?: string
}

const customer = 'CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL);\n'
const touch = `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.name := trim(NEW.name); -- migrate:down is a word here
  RETURN NEW;
END
$$;
`
const trigger =
  'CREATE TRIGGER touch BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION touch();\n'
const index = 'CREATE INDEX CONCURRENTLY customer_name ON customer (name);\n'
const last = 'ALTER TABLE customer ADD COLUMN note text;\n'

const sha = (algorithm: string, encoding: 'base64' | 'hex', ...texts: readonly string[]): string =>
  createHash(algorithm).update(texts.join('')).digest(encoding)

/** As Atlas writes it: each sum is over all files up to it. */
const withSum = (files: Readonly<Record<string, string>>): Files => {
  const names = Object.keys(files).sort()
  const sums = names.map((name, at) => {
    const before = names.slice(0, at + 1).flatMap((each) => [each, files[each] ?? ''])
    return { name, sum: sha('sha256', 'base64', ...before) }
  })
  const all = sha('sha256', 'base64', ...sums.flatMap(({ name, sum }) => [name, sum]))
  const lines = [`h1:${all}`, ...sums.map(({ name, sum }) => `${name} h1:${sum}`)]
  return { ...files, 'atlas.sum': `${lines.join('\n')}\n` }
}

/** As graphile-migrate commits them, one after the other. */
const committed = (bodies: Readonly<Record<string, string>>): Files => {
  let previous = '-'
  return Object.fromEntries(
    Object.entries(bodies).map(([name, body]) => {
      const before = previous === '-' ? '' : previous
      const hash = `sha1:${sha('sha1', 'hex', `${before}\n${body.trim()}`.trim(), '\n')}`
      const text = `--! Previous: ${previous}\n--! Hash: ${hash}\n--! Message: why\n\n${body.trim()}\n`
      previous = hash
      return [`committed/${name}`, text]
    }),
  )
}

/** What each of the folders makes. */
export const wanted: readonly string[] = [customer, touch + trigger, index, last]

const drop = 'DROP TABLE customer;\n'

const [one, two, three, ten] = [
  '20240101000001_customer',
  '20240101000002_touch',
  '20240101000003_index',
  '20240101000010_note',
]

const numbered = ['1_customer', '2_touch', '9_index', '10_note'] as const
const numbers = ['1', '2', '9', '10'] as const

export const dialectFolders: readonly DialectFolder[] = [
  {
    dialect: 'golang-migrate',
    files: {
      [`${numbered[0]}.up.sql`]: customer,
      [`${numbered[0]}.down.sql`]: drop,
      [`${numbered[1]}.up.sql`]: `BEGIN;\n${touch}${trigger}COMMIT;\n`,
      [`${numbered[1]}.down.sql`]: 'DROP FUNCTION touch CASCADE;\n',
      [`0${numbered[2]}.up.sql`]: index,
      [`${numbered[3]}.up.sql`]: last,
    },
    versions: numbers,
    downParts: 2,
    because: 'its files end in .up.sql and .down.sql',
  },
  {
    dialect: 'goose',
    files: {
      [`${numbered[0]}.sql`]: `-- what it is for\n-- +goose Up\n${customer}\n-- +goose Down\n${drop}`,
      [`${numbered[1]}.sql`]: `-- +goose Up\n-- +goose StatementBegin\n${touch}-- +goose StatementEnd\n${trigger}-- +goose Down\n-- +goose StatementBegin\nDROP FUNCTION touch CASCADE;\n-- +goose StatementEnd\n`,
      [`00${numbered[2]}.sql`]: `-- +goose NO TRANSACTION\n-- +goose Up\n${index}-- +goose Down\nDROP INDEX customer_name;\n`,
      [`${numbered[3]}.sql`]:
        '-- +goose Up\n-- +goose ENVSUB ON\nALTER TABLE ${TABLE:-client} ADD COLUMN $COLUMN ${TYPE-text};\n-- +goose ENVSUB OFF\n',
    },
    versions: numbers,
    downParts: 3,
    environment: { TABLE: 'customer', COLUMN: 'note' },
    because: "each file has a marker of it: '-- +goose Up'",
  },
  {
    dialect: 'dbmate',
    files: {
      [`${one}.sql`]: `-- migrate:up\n${customer}\n-- migrate:down\n${drop}`,
      [`${two}.sql`]: `-- migrate:up\n${touch}${trigger}-- migrate:down\nDROP TRIGGER touch ON customer;\n`,
      [`${three}.sql`]: `-- migrate:up transaction:false\n${index}\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY customer_name;\n`,
      [`${ten}.sql`]: `-- migrate:up\n${last}\n-- migrate:down\n`,
    },
    versions: [one, two, three, ten].map((name) => name.slice(0, 14)),
    downParts: 4,
    because: "each file has a marker of it: '-- migrate:up'",
  },
  {
    dialect: 'prisma',
    files: {
      'migration_lock.toml': 'provider = "postgresql"\n',
      [`${one}/migration.sql`]: `-- CreateTable\n${customer}`,
      [`${two}/migration.sql`]: touch + trigger,
      [`${three}/migration.sql`]: index,
      [`${ten}/migration.sql`]: `-- AlterTable\n${last}`,
    },
    versions: [one, two, three, ten],
    downParts: 0,
    because: 'migration_lock.toml is in it',
  },
  {
    dialect: 'sqlx',
    files: {
      [`${numbered[0]}.up.sql`]: customer,
      [`${numbered[0]}.down.sql`]: drop,
      [`${numbered[1]}.up.sql`]: touch + trigger,
      [`${numbered[2]}.up.sql`]: `-- no-transaction\n${index}`,
      [`${numbered[3]}.up.sql`]: last,
    },
    versions: numbers,
    downParts: 1,
    because: "its files end in .up.sql, and one begins with '-- no-transaction'",
  },
  {
    dialect: 'sqlx',
    files: {
      [`${numbered[0]}.sql`]: customer,
      [`${numbered[1]}.sql`]: touch + trigger,
      [`${numbered[2]}.sql`]: `-- no-transaction\n${index}`,
      [`${numbered[3]}.sql`]: last,
    },
    versions: numbers,
    downParts: 0,
  },
  {
    dialect: 'diesel',
    files: {
      '00000000000000_initial/up.sql': customer,
      '00000000000000_initial/down.sql': drop,
      '2024-01-02-000000_touch/up.sql': touch + trigger,
      '2024-01-02-000000_touch/down.sql': 'DROP FUNCTION touch CASCADE;\n',
      '2024-01-03-000000_index/up.sql': index,
      '2024-01-03-000000_index/down.sql': 'DROP INDEX customer_name;\n',
      '2024-01-03-000000_index/metadata.toml': 'run_in_transaction = false\n',
      '2024-01-10-000000_note/up.sql': last,
    },
    versions: ['00000000000000', '20240102000000', '20240103000000', '20240110000000'],
    downParts: 3,
    because: 'its folders are named by the date and hold an up.sql',
  },
  {
    dialect: 'hasura',
    files: {
      '1700000000001_customer/up.sql': customer,
      '1700000000001_customer/down.sql': drop,
      '1700000000002_touch/up.sql': touch + trigger,
      '1700000000003_index/up.sql': index,
      '1700000000010_note/up.sql': last,
    },
    versions: ['1700000000001', '1700000000002', '1700000000003', '1700000000010'],
    downParts: 1,
    because: 'its folders are named by the millisecond and hold an up.sql',
  },
  {
    dialect: 'supabase',
    files: {
      [`${one}.sql`]: customer,
      [`${two}.sql`]: touch + trigger,
      [`${three}.sql`]: index,
      [`${ten}.sql`]: last,
    },
    versions: [one, two, three, ten].map((name) => name.slice(0, 14)),
    downParts: 0,
  },
  {
    dialect: 'node-pg-migrate',
    files: {
      '1700000000001_customer.sql': `-- Up Migration\n${customer}\n-- Down Migration\n${drop}`,
      // 17 digits are a date: 2023-11-14, a second after the first.
      '20231114221321000_touch.sql': `-- Down Migration\nDROP FUNCTION touch CASCADE;\n-- Up Migration\n${touch}${trigger}`,
      '1700000009000_index.sql': `-- Up Migration\n${index.replace(' CONCURRENTLY', '')}\n-- Down Migration\nDROP INDEX customer_name;\n`,
      '1700000010000_note.sql': last,
    },
    versions: [
      '1700000000001_customer',
      '20231114221321000_touch',
      '1700000009000_index',
      '1700000010000_note',
    ],
    downParts: 3,
    because: '3 of its 4 files have a marker of it',
  },
  {
    dialect: 'drizzle',
    files: {
      'meta/_journal.json': JSON.stringify({
        version: '7',
        dialect: 'postgresql',
        entries: ['0000_customer', '0002_touch', '0001_index', '0003_note'].map((tag, idx) => ({
          ...{ idx, version: '7', when: 1_700_000_000_000 + idx, tag, breakpoints: true },
        })),
      }),
      'meta/0000_snapshot.json': '{}',
      '0000_customer.sql': customer,
      '0002_touch.sql': `${touch}--> statement-breakpoint\n${trigger}`,
      '0001_index.sql': index.replace(' CONCURRENTLY', ''),
      '0003_note.sql': last,
    },
    versions: ['0000_customer', '0002_touch', '0001_index', '0003_note'],
    downParts: 0,
    because: 'meta/_journal.json is in it',
  },
  {
    dialect: 'drizzle',
    files: {
      [`${one}/migration.sql`]: customer,
      [`${one}/snapshot.json`]: '{}',
      [`${two}/migration.sql`]: `${touch}--> statement-breakpoint\n${trigger}`,
      [`${two}/snapshot.json`]: '{}',
      [`${three}/migration.sql`]: index,
      [`${ten}/migration.sql`]: last,
    },
    versions: [one, two, three, ten],
    downParts: 0,
    because: 'its folders hold a migration.sql and a snapshot.json',
  },
  {
    dialect: 'tern',
    files: {
      'tern.conf': '[database]\n',
      '001_customer.sql': `${customer}\n---- create above / drop below ----\n\n${drop}`,
      '002_touch.sql': `${touch}${trigger}\n---- create above / drop below ----\n\nDROP FUNCTION touch CASCADE;\n`,
      '003_index.sql': `---- tern: disable-tx ----\n${index}\n---- create above / drop below ----\n\nDROP INDEX customer_name;\n`,
      '004_note.sql': last,
    },
    versions: ['1', '2', '3', '4'],
    downParts: 3,
    because: '3 of its 4 files have a marker of it',
  },
  {
    dialect: 'sql-migrate',
    files: {
      [`${numbered[0]}.sql`]: `-- +migrate Up\n${customer}\n-- +migrate Down\n${drop}`,
      [`${numbered[1]}.sql`]: `-- +migrate Up\n-- +migrate StatementBegin\n${touch}-- +migrate StatementEnd\n${trigger}-- +migrate Down\nDROP FUNCTION touch CASCADE;\n`,
      [`${numbered[2]}.sql`]: `-- +migrate Up notransaction\n${index}\n-- +migrate Down\nDROP INDEX customer_name;\n`,
      'note.sql': `-- +migrate Up\n${last}`,
    },
    versions: ['1_customer.sql', '2_touch.sql', '9_index.sql', 'note.sql'],
    downParts: 3,
    because: "each file has a marker of it: '-- +migrate Up'",
  },
  {
    dialect: 'flyway',
    files: {
      'V1__customer.sql': customer.replace('customer', '${Table}'),
      'U1__customer.sql': drop,
      'release/V1_1__touch.sql': touch + trigger,
      'V1.9__index.sql': index,
      'V1.9__index.sql.conf': 'executeInTransaction=false\n',
      'V1.10__note.sql': last,
      'V1.10__note.sql.conf': 'placeholderReplacement=false\n',
      'B1__all.sql': 'SELECT 1;\n',
      'flyway.conf': 'flyway.locations=filesystem:.\n',
    },
    versions: ['1', '1.1', '1.9', '1.10'],
    downParts: 1,
    environment: { FLYWAY_PLACEHOLDERS_TABLE: 'customer' },
    because: 'its files are named V1__name.sql',
  },
  {
    dialect: 'flyway',
    files: {
      'B3__customer.sql': customer,
      'V3.1__touch.sql': touch + trigger,
      'V4__index.sql': index,
      'V5__note.sql': last,
    },
    versions: ['B3', '3.1', '4', '5'],
    downParts: 0,
    because: 'its files are named V1__name.sql',
  },
  {
    dialect: 'atlas',
    files: withSum({
      [`${one}.sql`]: customer,
      [`${two}.sql`]: touch + trigger,
      '20240101000002_all.sql': `-- atlas:checkpoint\n\n${customer}${touch}${trigger}`,
      [`${three}.sql`]: `-- atlas:txmode none\n\n${index}`,
      [`${ten}.sql`]: last,
    }),
    versions: [one, two, three, ten].map((name) => name.slice(0, 14)),
    downParts: 0,
    because: 'atlas.sum is in it',
  },
  {
    dialect: 'graphile-migrate',
    files: {
      ...committed({
        '000001.sql': customer,
        '000002-touch.sql': touch + trigger,
        '000003-index.sql': `--! no-transaction\n${index}`,
        '000004.sql': `${last}GRANT SELECT ON customer TO :DATABASE_OWNER;\n`,
      }),
      'current.sql': 'SELECT 1;\n',
    },
    versions: ['000001', '000002', '000003', '000004'],
    downParts: 0,
    environment: { DATABASE_OWNER: 'postgres' },
    because: 'it has a folder committed',
  },
  {
    dialect: 'liquibase',
    files: {
      'changelog.xml': `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
  <!-- <include file="gone.sql"/> -->
  <include file="db/first.sql"/>
  <include file="changes/more.yaml" relativeToChangelogFile="true"/>
</databaseChangeLog>
`,
      'liquibase.properties': 'url=jdbc:postgresql://localhost/x\n',
      'first.sql': `--liquibase formatted sql

--changeset ann:1
--comment the customers
${customer}--rollback DROP TABLE customer;

--changeset "ann b":"touch" splitStatements:false labels:x context:"prod and !test"
${touch}${trigger}/* liquibase rollback
DROP FUNCTION touch CASCADE;
*/
--changeset ann:mysql dbms:mysql
SELECT 1 FROM dual;
`,
      'changes/more.yaml':
        'databaseChangeLog:\n  - include: # the index\n      file: sql/b.sql\n      relativeToChangelogFile: true\n  - includeAll: { path: db/changes/late }\n',
      'changes/sql/b.sql': `-- liquibase formatted sql
-- changeset ann:1 runInTransaction:false
${index}-- rollback DROP INDEX customer_name;
`,
      'changes/late/a.sql': `--liquibase formatted sql logicalFilePath:note

--changeset ann:1 context:test
DROP TABLE customer;

--ignoreLines:2
DROP TABLE customer;
DROP TABLE customer;
--changeset ann:2
--validCheckSum: 9:0123
${last}`,
    },
    versions: [
      'first.sql::1::ann',
      'first.sql::touch::ann b',
      'changes/sql/b.sql::1::ann',
      'note::2::ann',
    ],
    downParts: 3,
    environment: { LIQUIBASE_COMMAND_CONTEXTS: 'prod', LIQUIBASE_COMMAND_LABEL_FILTER: 'x or y' },
    because: 'changelog.xml is in it',
  },
  {
    dialect: 'sqitch',
    files: {
      'sqitch.plan': `%syntax-version=1.0.0
%project=shop
%uri=https://example.com/shop

customer 2024-01-01T00:00:01Z Ann B <ann@example.com> # The customers: "all"\\nof them
touch [customer] 2024-01-01T00:00:02Z Ann B <ann@example.com>
@v1 2024-01-01T00:00:03Z Ann B <ann@example.com> # first
# what comes now

index [touch customer@v1] 2024-01-01T00:00:04Z Bob <bob@example.com> # idx
note [customer @v1] 2024-01-01T00:00:05Z Ann B <ann@example.com> # note
`,
      'sqitch.conf': '[core]\n\tengine = pg\n\t# top_dir = .\n',
      'deploy/customer.sql': `-- Deploy shop:customer to pg\n\n\\set ON_ERROR_STOP on\nBEGIN;\n${customer}COMMIT;\n`,
      'revert/customer.sql': drop,
      'deploy/touch.sql': `BEGIN;\n${touch}${trigger}COMMIT;\n`,
      'deploy/index.sql': `\\echo the index\n${index}`,
      'deploy/note.sql': last,
      'verify/note.sql': 'SELECT note FROM customer;\n',
    },
    versions: ['customer', 'touch', 'index', 'note'],
    downParts: 1,
    because: 'sqitch.plan is in it',
  },
  {
    dialect: 'pop',
    files: {
      [`${one}.postgres.up.sql`]: customer,
      [`${one}.postgres.down.sql`]: drop,
      [`${one}.mysql.up.sql`]: 'SELECT 1 FROM dual;\n',
      [`${two}.up.sql`]: touch + trigger,
      [`${three}.autocommit.up.sql`]: index,
      [`${ten}.up.sql`]: last,
    },
    versions: [one, two, three, ten].map((name) => name.slice(0, 14)),
    downParts: 1,
    because: 'its files end in .fizz or .postgres.up.sql',
  },
]
