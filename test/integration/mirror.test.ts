// Side by side with another tool: what the gate applies is in that tool's ledger as well, and the tool goes on from there.

import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestDatabase } from '../support/database.ts'
import { createDatabase } from '../support/database.ts'
import type { DialectFolder } from '../support/dialect-folders.ts'
import { runGate, workFolder, writeFiles } from '../support/gate.ts'
import { commandOf, withPeers } from '../support/peers.ts'
import { serverVersions } from '../support/servers.ts'
import { arrange, folderOf } from '../support/take-over.ts'

const [version] = serverVersions

/** Files, one after the other, each in a form of its own. Of the rows that they add, no catalog tells whether they were added. */
const histories: Readonly<Record<string, (at: number) => Readonly<Record<string, string>>>> = {
  dbmate: (at) => ({
    [`2024010100000${at}_t${at}.sql`]: `-- migrate:up\nCREATE TABLE t${at} (id int);\nINSERT INTO t${at} VALUES (1);\n-- migrate:down\nDROP TABLE t${at};\n`,
  }),
  'node-pg-migrate': (at) => ({
    [`170000000000${at}_t${at}.sql`]: `-- Up Migration\nCREATE TABLE t${at} (id int);\nINSERT INTO t${at} VALUES (1);\n-- Down Migration\nDROP TABLE t${at};\n`,
  }),
  drizzle: (at) => ({
    [`000${at}_t${at}.sql`]: `CREATE TABLE t${at} (id int);\n--> statement-breakpoint\nINSERT INTO t${at} VALUES (1);\n`,
    'meta/_journal.json': JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: Array.from({ length: at + 1 }, (_, idx) => ({
        ...{
          idx,
          version: '7',
          when: 1_700_000_000_000 + idx,
          tag: `000${idx}_t${idx}`,
          breakpoints: true,
        },
      })),
    }),
  }),
}

const tablesIn = async ({ sql }: TestDatabase): Promise<readonly string[]> =>
  (
    await sql`SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^t[0-9]$' ORDER BY 1`
  ).map((row) => String(row['relname']))

withPeers.each(Object.keys(histories))(
  '%s, the gate, and both again: each goes on where the other ended',
  async (dialect) => {
    const filesOf = histories[dialect]
    const database = await createDatabase(version)
    const path = workFolder({})
    const add = (at: number): void => {
      const files = Object.entries(filesOf?.(at) ?? {})
      writeFiles(
        path,
        Object.fromEntries(files.map(([name, text]) => [`migrations/${name}`, text])),
      )
    }
    const tool = (): void => {
      const [program = '', ...args] = commandOf(dialect, join(path, 'migrations'))
      execFileSync(program, args, {
        cwd: path,
        env: { ...process.env, DATABASE_URL: `${database.url}?sslmode=disable` },
        stdio: 'pipe',
      })
    }
    const gate = async (): Promise<string> => {
      const run = await runGate({ folder: path, environment: { DATABASE_URL: database.url } })
      expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 0 })
      return run.stderr
    }
    add(0)
    tool()
    add(1)
    expect(await gate()).toMatch(/2 migrations|claims 1 of the 2/)
    add(2)
    tool()
    add(3)
    await gate()
    add(4)
    tool()
    expect(await tablesIn(database)).toEqual(['t0', 't1', 't2', 't3', 't4'])
    // What the tool has applied last is recognised by its ledger, and nothing runs twice.
    expect(await gate()).toContain('claims 1 of the 1 files')
    expect(await tablesIn(database)).toHaveLength(5)
    for (const table of await tablesIn(database))
      expect(await database.sql`SELECT id FROM ${database.sql(table)}`).toHaveLength(1)
    rmSync(path, { recursive: true, force: true })
  },
)

const more: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  goose: { '11_more.sql': '-- +goose Up\nCREATE TABLE more (id int);\n' },
}

describe('goose', () => {
  const folder = folderOf('goose')
  const longer: DialectFolder = { ...folder, files: { ...folder.files, ...more['goose'] } }

  test('LEDGER_MIRROR=0 leaves its ledger alone', async () => {
    const { gate, applied } = await arrange(folder, 2, { environment: { LEDGER_MIRROR: '0' } })
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect(await applied()).toEqual(['1', '2'])
  })

  test('one that lacks what is recorded is left alone by itself, and written to with LEDGER_MIRROR=1', async () => {
    const { database, gate, applied } = await arrange(longer, 2)
    await database.sql`CREATE TABLE apart (id int)`
    expect(await gate('run', '--ledger-mirror', '0')).toMatchObject({ exitCode: 0 })
    await database.sql`DELETE FROM schemagate.schema_migrations WHERE version = '11'`
    await database.sql`DROP TABLE more`
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain('is not written to: it lacks 2 that are recorded here')
    expect(await applied()).toEqual(['1', '2'])
    await database.sql`DELETE FROM schemagate.schema_migrations WHERE version = '11'`
    await database.sql`DROP TABLE more`
    expect(await gate('run', '--ledger-mirror', '1')).toMatchObject({ exitCode: 0 })
    expect(await applied()).toEqual(['1', '2', '11'])
  })

  test('one that lacks what is recorded claims nothing', async () => {
    const seeded = '-- +goose Up\nCREATE TABLE more (id int);\nINSERT INTO more VALUES (1);\n'
    const { database, gate } = await arrange(
      { ...folder, files: { ...folder.files, '11_more.sql': seeded } },
      2,
    )
    expect(await gate('run', '--ledger-mirror', '0')).toMatchObject({ exitCode: 0 })
    await database.sql`DELETE FROM schemagate.schema_migrations WHERE version = '11'`
    await database.sql`INSERT INTO goose_db_version (version_id, is_applied) VALUES (11, true)`
    const run = await gate('run')
    expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 4 })
    expect(run.stdout).toContain('error[undecided]')
  })

  test('one with a trigger is read and not written to', async () => {
    const { database, gate, applied } = await arrange(folder, 2)
    await database.sql
      .unsafe(
        `CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER stop BEFORE INSERT ON goose_db_version FOR EACH ROW EXECUTE FUNCTION stop()`,
      )
      .simple()
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain('is not written to: it has a trigger')
    expect(await applied()).toEqual(['1', '2'])
  })

  test('a migration that fails leaves no row in either ledger', async () => {
    const failing: DialectFolder = {
      ...folder,
      files: {
        ...folder.files,
        '11_more.sql': '-- +goose Up\nCREATE TABLE more (id int);\nSELECT 1/0;\n',
      },
    }
    const { gate, rows, applied } = await arrange(failing, 2)
    expect(await gate('run')).toMatchObject({ exitCode: 1 })
    expect((await rows()).map((row) => row['version'])).toEqual(['1', '2', '9', '10'])
    expect(await applied()).toEqual(['1', '2', '9', '10'])
  })

  test('a file that drops the ledger of the tool is applied', async () => {
    const leaving: DialectFolder = {
      ...folder,
      files: {
        ...folder.files,
        '11_leave.sql':
          '-- +goose Up\n-- @allow drop-table we have left goose\nDROP TABLE goose_db_version;\n',
      },
    }
    const { gate, rows } = await arrange(leaving, 2)
    const run = await gate('run')
    expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 0 })
    expect(await rows()).toHaveLength(5)
  })
})
