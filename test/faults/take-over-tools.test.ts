// Liquibase and sqitch themselves: a take-over of what they have left that is killed at any moment, and the tool started in the same
// second. Whatever happens, each file has run once, both ledgers say so, and the tool finds nothing to do. A round with the tool
// costs seconds: TOOL_ROUNDS has few of them here, and many at night.

import { describe, expect } from '@jest/globals'
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, until, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder, type Files } from '../support/gate.ts'
import { liquibaseCommand, runLiquibase, withLiquibase } from '../support/liquibase.ts'
import { random } from '../support/random.ts'
import { serverVersions } from '../support/servers.ts'
import { runSqitch, sqitchEnvironment, sqitchTarget, withSqitch } from '../support/sqitch.ts'

const [version] = serverVersions
const rounds = Number(process.env['TOOL_ROUNDS'] ?? 2)
const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)
const between = random(seed)

const all = [0, 1, 2, 3, 4, 5]

/** Each leaves a row, so that one that ran twice is seen, and takes a moment, so that the tool is seen at it. */
const statements = (at: number): string =>
  `CREATE TABLE IF NOT EXISTS effects (n int);
INSERT INTO effects VALUES (${at});
SELECT pg_sleep(0.1);
CREATE TABLE t${at} (id int);
`

type Tool = {
  readonly name: string
  readonly test: typeof withLiquibase
  /** The history up to a number of files. */
  readonly files: (count: number) => Files
  readonly deploy: (
    folder: string,
    url: string,
  ) => readonly [program: string, args: readonly string[], env?: NodeJS.ProcessEnv]
  /** Finds nothing to do. */
  readonly expectUpToDate: (folder: string, url: string) => void
  /** The files that its ledger has, by their numbers. */
  readonly recorded: string
}

const liquibase: Tool = {
  name: 'Liquibase',
  test: withLiquibase,
  files: (count) => ({
    'migrations/changelog.yaml': 'databaseChangeLog:\n  - include: { file: migrations/all.sql }\n',
    'migrations/all.sql': [
      '--liquibase formatted sql\n',
      ...all.slice(0, count).map((at) => `--changeset ann:${at}\n${statements(at)}`),
    ].join(''),
  }),
  deploy: (_, url) => liquibaseCommand(url, { root: 'migrations/changelog.yaml' }),
  expectUpToDate: (folder, url) => {
    const asked = { root: 'migrations/changelog.yaml', args: ['status'] }
    expect(runLiquibase(folder, url, asked)).toContain('is up to date')
  },
  recorded: 'SELECT id::int AS n FROM databasechangelog ORDER BY orderexecuted',
}

const sqitch: Tool = {
  name: 'sqitch',
  test: withSqitch,
  files: (count) => ({
    'migrations/sqitch.conf': '[core]\n\tengine = pg\n',
    'migrations/sqitch.plan': [
      '%syntax-version=1.0.0\n%project=shop\n\n',
      ...all
        .slice(0, count)
        .map((at) => `c${at} 2024-01-01T00:00:0${at}Z Ann <ann@example.com> # adds t${at}\n`),
    ].join(''),
    ...Object.fromEntries(
      all
        .slice(0, count)
        .map((at) => [`migrations/deploy/c${at}.sql`, `BEGIN;\n${statements(at)}COMMIT;\n`]),
    ),
  }),
  deploy: (folder, url) => [
    'sqitch',
    ['--chdir', `${folder}/migrations`, 'deploy', sqitchTarget(url)],
    sqitchEnvironment,
  ],
  expectUpToDate: (folder, url) => {
    expect(runSqitch(`${folder}/migrations`, 'status', sqitchTarget(url))).toContain(
      'Nothing to deploy (up-to-date)',
    )
  },
  recorded: 'SELECT substr(change, 2)::int AS n FROM sqitch.changes ORDER BY committed_at',
}

/** What the tool printed: it may well fail, where the gate was faster. */
const deployed = async (tool: Tool, folder: string, url: string): Promise<string> => {
  const [program, args, env] = tool.deploy(folder, url)
  return new Promise((resolve) => {
    execFile(program, args, { cwd: folder, env: env ?? process.env }, (error, stdout, stderr) => {
      resolve(`${error === null ? 'ended well' : error.message}\n${stdout}${stderr}`)
    })
  })
}

/** A database that the tool alone has brought to a half of the files, to be copied: nobody is connected to it. */
const halfway = async (tool: Tool): Promise<string> => {
  const database = await createDatabase(version)
  await database.sql.unsafe('SELECT 1')
  const said = await deployed(tool, workFolder(tool.files(3)), database.url)
  expect(said).toContain('ended well')
  const { name, sql } = database
  await sql.end()
  return name
}

const expectOnce = async (tool: Tool, { sql }: TestDatabase, about: object): Promise<void> => {
  const numbersOf = async (query: string): Promise<readonly number[]> =>
    (await sql.unsafe(query)).map(({ n }) => Number(n))
  const own = 'SELECT ordinal - 1 AS n FROM schemagate.schema_migrations ORDER BY ordinal'
  expect({
    ...about,
    effects: await numbersOf('SELECT n FROM effects ORDER BY n'),
    own: await numbersOf(own),
    tool: await numbersOf(tool.recorded),
  }).toEqual({ ...about, effects: all, own: all, tool: all })
}

describe.each([liquibase, sqitch])('$name', (tool) => {
  const { test } = tool
  test(`a take-over is killed at ${rounds * 2} moments, and run again (FAULT_SEED=${seed})`, async () => {
    const template = await halfway(tool)
    const folder = workFolder(tool.files(all.length))
    let last = ''
    for (let round = 0; round < rounds * 2; round++) {
      const database = await createDatabase(version, template)
      const environment = { DATABASE_URL: database.url }
      const gate = startGate({ folder, environment })
      await gate.said('the folder is read as')
      await sleep(between() * 900)
      gate.process.kill('SIGKILL')
      await gate.finished
      const again = await runGate({ folder, environment })
      expect({ round, ...again, said: again.stdout }).toMatchObject({ exitCode: 0 })
      await expectOnce(tool, database, { round })
      last = database.url
    }
    tool.expectUpToDate(folder, last)
  }, 600_000)

  test(`it starts in the same second, ${rounds} times (FAULT_SEED=${seed})`, async () => {
    const template = await halfway(tool)
    const folder = workFolder(tool.files(all.length))
    for (let round = 0; round < rounds; round++) {
      const database = await createDatabase(version, template)
      const environment = { DATABASE_URL: database.url }
      const old = deployed(tool, folder, database.url)
      // A virtual machine of Java takes seconds to get there.
      await until('the tool is connected', () => isConnected(database), 60_000)
      await sleep(between() * 1_500)
      const [said, first] = await Promise.all([old, runGate({ folder, environment })])
      const again = await runGate({ folder, environment })
      const about = { round, tool: said, first: first.stderr, again: again.stdout }
      expect({ ...about, exitCode: again.exitCode }).toEqual({ ...about, exitCode: 0 })
      await expectOnce(tool, database, about)
      if (round === rounds - 1) tool.expectUpToDate(folder, database.url)
    }
  }, 600_000)
})

const isConnected = async ({ sql }: TestDatabase): Promise<boolean> => {
  const [row] = await sql`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`
  return row?.['n'] !== 0
}
