// A base file meets every ledger that it can meet: it runs where nothing is, is recorded where all that it replaces has run, and is
// refused in between. The rows that were there stay.

import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCatalog } from '../support/catalog.ts'
import { createDatabase, databaseUrl, type TestDatabase } from '../support/database.ts'
import { runGate, startGate, workFolder, type Files, type Finished } from '../support/gate.ts'
import { psql } from '../support/pg-dump.ts'
import { startCounting } from '../support/cut.ts'
import { serverVersions } from '../support/servers.ts'

const history: Files = {
  'migrations/0001_customer.sql': 'CREATE TABLE customer (id int PRIMARY KEY);\n',
  'migrations/0002_mail.sql':
    'ALTER TABLE customer ADD COLUMN mail text;\nCREATE INDEX by_mail ON customer (mail);\n',
  'migrations/0003_rich.sql':
    "CREATE VIEW rich AS SELECT id FROM customer WHERE mail IS NOT NULL;\nCOMMENT ON VIEW rich IS 'who has a mail';\n",
}
const later: Files = {
  'migrations/0004_phone.sql': 'ALTER TABLE customer ADD COLUMN phone text;\n',
}

const sum = (text: string): string => createHash('sha256').update(text).digest('hex')

const digestOf = (files: Files): string =>
  sum(
    Object.values(files)
      .map((text) => sum(String(text)))
      .join('\n'),
  )

const made = `CREATE TABLE customer (id int NOT NULL, mail text, CONSTRAINT customer_pkey PRIMARY KEY (id));
CREATE INDEX by_mail ON customer (mail);
CREATE VIEW rich AS SELECT id FROM customer WHERE mail IS NOT NULL;
COMMENT ON VIEW rich IS 'who has a mail';
`
const baseFile = (replaced: Files, range: string, text = made): string =>
  `-- @replaces ${range} sha256:${digestOf(replaced)}\n${text}`

const base: Files = { 'migrations/0003_base.sql': baseFile(history, '0001-0003') }
const squashed: Files = { ...base, ...later }

const gate = (
  { url }: Pick<TestDatabase, 'url'>,
  files: Files,
  ...args: readonly string[]
): Promise<Finished> =>
  runGate({ folder: workFolder(files), args, environment: { DATABASE_URL: url } })

const succeed = async (
  database: Pick<TestDatabase, 'url'>,
  files: Files,
  ...args: readonly string[]
): Promise<Finished> => {
  const run = await gate(database, files, ...args)
  expect({ ...run, args }).toMatchObject({ exitCode: 0 })
  return run
}

const ledger = async ({ sql }: TestDatabase): Promise<readonly string[]> => {
  const rows = await sql.unsafe(
    'SELECT version, name, state FROM schemagate.schema_migrations ORDER BY ordinal',
  )
  return rows.map(
    (row) => `${String(row['version'])} ${String(row['name'])} ${String(row['state'])}`,
  )
}

const old = ['1 0001_customer applied', '2 0002_mail applied', '3 0003_rich applied']

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test('an empty database gets the base, and what comes after it', async () => {
    const database = await createDatabase(version)
    const run = await succeed(database, squashed, 'run')
    expect(run.stdout).toMatch(/applied {2}migrations\/0003_base\.sql/)
    expect(await ledger(database)).toEqual(['B3 0003_base applied', '4 0004_phone applied'])
    expect((await succeed(database, squashed, 'run')).stdout).toContain('up to date, 2 recorded')
    expect((await succeed(database, squashed, 'drift')).stdout).not.toContain('missing')
  })

  test('where all that it replaces has run, it is recorded, and nothing is taken away', async () => {
    const database = await createDatabase(version)
    await succeed(database, history, 'run')
    const plan = JSON.parse((await succeed(database, squashed, 'plan', '--json')).stdout) as {
      migrations: readonly Record<string, unknown>[]
      unknown_versions: readonly string[]
    }
    expect(plan.unknown_versions).toEqual([])
    expect(plan.migrations).toMatchObject([
      { version: 'B3', action: 'mark', replaces: ['1', '2', '3'] },
      { version: '4', action: 'run' },
    ])
    const status = await succeed(database, squashed, 'status')
    expect(status.stdout).toMatch(/pending \(3 rows replaced by it\) +B3 +0003_base/)
    const run = await succeed(database, squashed, 'run', '--drift', 'fail')
    expect(run.stdout).toMatch(
      /reconciled {2}migrations\/0003_base\.sql {2}0001 to 0003 replaced by 0003_base \(3 rows, checksums equal\)/,
    )
    expect(run.stderr).toContain('replaced by 0003_base')
    expect(run.stderr).not.toContain('newer release')
    expect(await ledger(database)).toEqual([
      ...old,
      'B3 0003_base reconciled',
      '4 0004_phone applied',
    ])
    const again = await succeed(database, squashed, 'run', '--json')
    expect(again.stderr).not.toContain('newer release')
    expect(JSON.parse(again.stdout)).toMatchObject({
      ...{ outcome: 'up_to_date', unknown_versions: [], recorded: 2 },
    })
    expect((await succeed(database, squashed, 'status')).stdout).toContain('3 replaced')
    for (const command of ['wait', 'drift', 'doctor']) await succeed(database, squashed, command)
    // The same as a new database has it.
    const fresh = await createDatabase(version)
    await succeed(fresh, squashed, 'run')
    expect(await readCatalog(fresh)).toEqual(await readCatalog(database))
    const dumps = [database, fresh].map(
      async (each) => (await gate(each, {}, 'schema', 'dump')).stdout,
    )
    const [one, other] = await Promise.all(dumps)
    expect(other).toBe(one)
  })

  test('a database that came further before the squash is the same', async () => {
    const database = await createDatabase(version)
    await succeed(database, { ...history, ...later }, 'run')
    await succeed(database, squashed, 'run')
    expect(await ledger(database)).toEqual([
      ...old,
      '4 0004_phone applied',
      'B3 0003_base reconciled',
    ])
    expect((await succeed(database, squashed, 'run')).stdout).toContain('up to date, 2 recorded')
    // What the base makes was there before 0004.
    const report = JSON.parse((await succeed(database, squashed, 'drift', '--json')).stdout) as {
      differences: readonly unknown[]
    }
    expect(report.differences).toEqual([])
    const more = {
      ...squashed,
      'migrations/0005_drop.sql': 'ALTER TABLE customer DROP COLUMN phone;\n',
    }
    await succeed(database, more, 'run')
  })

  test('where some of it has run, it is refused, and says which release to run first', async () => {
    const database = await createDatabase(version)
    const { 'migrations/0003_rich.sql': last, ...two } = history
    await succeed(database, two, 'run')
    for (const command of ['run', 'plan', 'adopt', 'wait', 'doctor', 'drift']) {
      const { exitCode, stdout } = await gate(database, squashed, command)
      expect({ command, exitCode, stdout }).toMatchObject({ exitCode: 4 })
      expect(stdout).toContain('only part of them: 2 rows, up to 0002_mail')
      expect(stdout).toContain("git log -1 --diff-filter=D --format=%h -- 'migrations/0003_*.sql'")
    }
    expect((await gate(database, squashed, 'status', '--exit-code')).exitCode).toBe(4)
    expect(await ledger(database)).toEqual(old.slice(0, 2))
    // As it says.
    await succeed(database, { ...two, 'migrations/0003_rich.sql': last ?? '' }, 'run')
    await succeed(database, squashed, 'run')
  })

  test('one that was begun and not finished is refused', async () => {
    const database = await createDatabase(version)
    const broken = {
      ...history,
      'migrations/0003_rich.sql':
        '-- @transaction off\nCREATE TABLE half (a int);\nSELECT 1 / 0;\n',
    }
    expect((await gate(database, broken, 'run')).exitCode).toBe(1)
    const { exitCode, stdout } = await gate(database, squashed, 'run')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
    expect(stdout).toContain('has not finished one of them')
  })

  test('where other files have run, it is refused with both checksums', async () => {
    const database = await createDatabase(version)
    const edited = {
      ...history,
      'migrations/0002_mail.sql': 'ALTER TABLE customer ADD mail text;\n',
    }
    await succeed(database, edited, 'run')
    const { exitCode, stdout } = await gate(database, squashed, 'run')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
    expect(stdout).toContain('other files than those have run in this database: 3 rows')
    expect(stdout).toContain(digestOf(history))
    expect(stdout).toContain(digestOf(edited))
    const gap = await createDatabase(version)
    await succeed(
      gap,
      { 'migrations/0001_customer.sql': made, 'migrations/0003_rich.sql': 'SELECT 1;\n' },
      'run',
    )
    expect((await gate(gap, squashed, 'run')).stdout).toContain('other files than those')
  })

  test('an older image finds nothing to do on a database that began with the base', async () => {
    const database = await createDatabase(version)
    await succeed(database, squashed, 'run')
    const run = await succeed(database, { ...history, ...later }, 'run')
    expect(run.stdout).toContain('up to date')
    expect(run.stderr).toContain('a newer release has run here')
    expect((await succeed(database, history, 'status')).stdout).toContain('in 0003_base')
    await succeed(database, history, 'wait')
    expect(await ledger(database)).toEqual(['B3 0003_base applied', '4 0004_phone applied'])
  })

  test('an older image goes on where the files themselves have run', async () => {
    const database = await createDatabase(version)
    await succeed(database, history, 'run')
    await succeed(database, base, 'run')
    const run = await succeed(database, { ...history, ...later }, 'run')
    expect(run.stdout).toContain('1 applied')
    await succeed(database, squashed, 'run')
  })

  test('a database that nobody managed is recognised by what the base makes', async () => {
    for (const command of ['adopt', 'run']) {
      const database = await createDatabase(version)
      psql(database, made)
      const run = await succeed(database, squashed, command)
      expect(run.stdout).toMatch(/reconciled {2}migrations\/0003_base\.sql {2}/)
      expect((await ledger(database))[0]).toBe('B3 0003_base reconciled')
    }
    const half = await createDatabase(version)
    psql(half, 'CREATE TABLE customer (id int PRIMARY KEY, mail text);\n')
    expect((await gate(half, squashed, 'run')).exitCode).toBe(4)
  })

  test('a base is replaced by the next one', async () => {
    const between = { ...base, ...later }
    const next: Files = {
      'migrations/0004_base.sql': baseFile(
        between,
        '0001-0004',
        made.replace('mail text', 'mail text, phone text'),
      ),
    }
    const [grown, fresh, late] = [
      await createDatabase(version),
      await createDatabase(version),
      await createDatabase(version),
    ]
    await succeed(grown, history, 'run')
    await succeed(grown, between, 'run')
    await succeed(fresh, between, 'run')
    for (const database of [grown, fresh]) {
      await succeed(database, next, 'run')
      const again = await succeed(database, next, 'run')
      expect(again.stdout).toContain('up to date, 1 recorded')
      expect(again.stderr).not.toContain('newer release')
    }
    expect(await ledger(grown)).toEqual([
      ...old,
      ...['B3 0003_base reconciled', '4 0004_phone applied', 'B4 0004_base reconciled'],
    ])
    // It has left out the release with the first base.
    await succeed(late, { ...history, ...later }, 'run')
    expect((await gate(late, next, 'run')).exitCode).toBe(4)
    await succeed(late, between, 'run')
    await succeed(late, next, 'run')
  })

  test('whenever the recording is cut off, the next run records it once', async () => {
    const expected = [...old, 'B3 0003_base reconciled', '4 0004_phone applied']
    let whole = 0
    for (let number = 1; number < 40 && whole === 0; number++)
      for (const cut of ['question lost', 'answer lost'] as const) {
        const database = await createDatabase(version)
        await succeed(database, history, 'run')
        const network = await startCounting(database.port, { number, then: cut })
        const url = databaseUrl(network.port, database.name)
        const { exitCode } = await gate({ url }, squashed, 'run')
        if (network.messages() < number) whole = number
        else expect([0, 1, 69, 75]).toContain(exitCode)
        await succeed(database, squashed, 'run')
        expect(await ledger(database)).toEqual(expected)
        await database.drop()
      }
    expect(whole).toBeGreaterThan(4)
  }, 180_000)

  test('killed at random, the next run records it once', async () => {
    for (let time = 0; time < 6; time++) {
      const database = await createDatabase(version)
      await succeed(database, history, 'run')
      const folder = workFolder(squashed)
      const running = startGate({ folder, environment: { DATABASE_URL: database.url } })
      await sleep(60 + time * 40)
      running.process.kill('SIGKILL')
      await running.finished
      await succeed(database, squashed, 'run')
      expect(await ledger(database)).toEqual([
        ...old,
        ...['B3 0003_base reconciled', '4 0004_phone applied'],
      ])
    }
  }, 60_000)
})

test('files that are in the base, and such as came before it late, are refused before anything is asked', async () => {
  const late = { ...squashed, 'migrations/0002_late.sql': 'SELECT 1;\n' }
  const nowhere = { url: 'postgresql://a:b@127.0.0.1:1/none' }
  for (const files of [late, { ...squashed, ...history }]) {
    const { exitCode, stdout } = await gate(nowhere, files, 'run')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
    expect(stdout).toContain('git rm ')
    expect(stdout).toContain('The database was not contacted.')
  }
  const numbered = { 'migrations/0009_base.sql': baseFile(history, '0001-0003') }
  expect((await gate(nowhere, numbered, 'run')).stdout).toContain('and has another number')
  const malformed = { 'migrations/0003_base.sql': '-- @replaces 0001-0003\nSELECT 1;\n' }
  expect((await gate(nowhere, malformed, 'run')).exitCode).toBe(4)
})
