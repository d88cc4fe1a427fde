// A tool that goes on beside the gate: what it has run since its ledger was taken over is a claim too, and runs no second time.

import { describe, expect, test } from '@jest/globals'
import { createDatabase, until, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder, writeFiles, type Files, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const [version] = serverVersions

type Tool = {
  readonly dialect: string
  readonly file: (at: number, sql: string) => Files
  readonly create: string
  /** What the tool writes when it has run a file. */
  readonly record: (at: number) => string
}

const tools: readonly Tool[] = [
  {
    dialect: 'dbmate',
    file: (at, sql) => ({ [`migrations/${at}_x.sql`]: `-- migrate:up\n${sql}\n` }),
    create: 'CREATE TABLE schema_migrations (version varchar PRIMARY KEY)',
    record: (at) => `INSERT INTO schema_migrations VALUES ('${at}')`,
  },
  {
    dialect: 'golang-migrate',
    file: (at, sql) => ({ [`migrations/${at}_x.up.sql`]: sql }),
    create: 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)',
    record: (at) =>
      `DELETE FROM schema_migrations; INSERT INTO schema_migrations VALUES (${at}, false)`,
  },
  {
    dialect: 'liquibase',
    file: (at, sql) => ({
      [`migrations/${at}.sql`]: `--liquibase formatted sql\n--changeset ann:${at}\n${sql}\n`,
    }),
    create: `CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL,
      dateexecuted timestamp NOT NULL, orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35), description varchar(255),
      comments varchar(255), tag varchar(255), liquibase varchar(20), contexts varchar(255), labels varchar(255), deployment_id varchar(10))`,
    record: (at) =>
      `INSERT INTO databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype) VALUES ('${at}', 'ann', '${at}.sql', now(), ${at}, 'EXECUTED')`,
  },
]

type Scene = {
  readonly database: TestDatabase
  readonly gate: (...args: readonly string[]) => Promise<Finished>
  readonly add: (at: number, sql: string) => void
  readonly byTool: (at: number, sql: string) => Promise<void>
  readonly effects: () => Promise<readonly number[]>
  readonly recorded: () => Promise<readonly string[]>
}

const effect = (at: number): string => `INSERT INTO effects VALUES (${at});`

/** The first is taken over. */
const arrange = async ({ file, create, record }: Tool): Promise<Scene> => {
  const database = await createDatabase(version)
  const { sql } = database
  const first = 'CREATE TABLE effects (n int);'
  const folder = workFolder(file(10, first))
  const environment = { DATABASE_URL: database.url }
  await sql.unsafe(`${create}; ${record(10)}; ${first}`).simple()
  expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  const add = (at: number, statements: string): void => {
    writeFiles(folder, file(at, statements))
  }
  return {
    ...{ database, add },
    gate: (...args) => runGate({ args, folder, environment }),
    byTool: async (at, statements) => {
      add(at, statements)
      await sql.unsafe(`${statements}; ${record(at)}`).simple()
    },
    effects: async () => (await sql`SELECT n FROM effects ORDER BY n`).map(({ n }) => Number(n)),
    recorded: async () =>
      (await sql`SELECT recognised_by FROM schemagate.schema_migrations ORDER BY ordinal`).map(
        (row) => String(row['recognised_by']),
      ),
  }
}

describe.each(tools)('$dialect', (tool) => {
  test('rows that the tool has written since are not written a second time', async () => {
    const { gate, add, byTool, effects, recorded } = await arrange(tool)
    await byTool(11, effect(11))
    add(12, effect(12))
    const plan = await gate('plan')
    expect(plan).toMatchObject({ exitCode: 0 })
    expect(await effects()).toEqual([11])
    const run = await gate('run')
    expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain('claims 1 of the 2 files')
    expect(await effects()).toEqual([11, 12])
    expect((await recorded())[1]).toMatch(/\(nothing of it to compare\)$/)
    const again = await gate('run')
    expect(again).toMatchObject({ exitCode: 0 })
    expect(await effects()).toEqual([11, 12])
  })

  test('what the tool claims since, and the database lacks, is refused', async () => {
    const { database, gate, byTool } = await arrange(tool)
    await byTool(11, 'CREATE TABLE since (id int)')
    await database.sql`DROP TABLE since`
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 4 })
    expect(run.stdout).toContain('error[claim-disagrees]')
    expect(await gate('adopt', '--trust-ledger')).toMatchObject({ exitCode: 0 })
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
  })

  test('a file that was merged late runs, whatever number the tool is at', async () => {
    const { gate, add, effects } = await arrange(tool)
    add(12, effect(12))
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    add(11, effect(11))
    const late = await gate('run')
    expect({ ...late, said: late.stdout }).toMatchObject({ exitCode: 0 })
    expect(await effects()).toEqual([11, 12])
  })
})

describe.each(tools)('$dialect, faster than the gate', (tool) => {
  test('with a file that the gate is about to run: its rows are not written a second time', async () => {
    const { database, gate, add, effects } = await arrange(tool)
    add(11, `SELECT pg_sleep(3); ${effect(11)}`)
    add(12, effect(12))
    const first = gate('run')
    await until('the first file runs', async () => {
      const [row] = await database.sql`SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep'`
      return row?.['n'] === 1
    })
    await database.sql.unsafe(`${effect(12)} ${tool.record(12)}`).simple()
    const { exitCode, stdout } = await first
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 75 })
    expect(stdout).toContain('error[tool-at-work]')
    // A number says that the tool had run the first one as well.
    expect(await effects()).toEqual(tool.dialect === 'golang-migrate' ? [12] : [11, 12])
    const again = await gate('run')
    expect({ ...again, said: again.stdout }).toMatchObject({ exitCode: 0 })
    expect(await effects()).toEqual(tool.dialect === 'golang-migrate' ? [12] : [11, 12])
  })
})
