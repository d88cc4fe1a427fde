// What another tool's ledger claims, and the database or the files do not bear out; and what it began and did not finish.

import { describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog } from '../support/catalog.ts'
import { until } from '../support/until.ts'
import { wanted, type DialectFolder } from '../support/dialect-folders.ts'
import { runGate, startGate, workFolder } from '../support/gate.ts'
import { arrange, folderOf, type Arranged } from '../support/take-over.ts'

const isThere = async ({ database }: Arranged, table: string): Promise<boolean> => {
  const [row] = await database.sql`SELECT to_regclass(${table}) IS NOT NULL AS there`
  return row?.['there'] === true
}

describe.each(['goose', 'flyway', 'golang-migrate'])('of %s', (dialect) => {
  const folder = folderOf(dialect)

  test('a claim whose objects are missing is refused with both sides, and nothing is written', async () => {
    const arranged = await arrange(folder, 3)
    const { database, gate, tool } = arranged
    await database.sql`DROP INDEX customer_name`
    await database.sql`ALTER TABLE customer ALTER COLUMN name TYPE varchar(20)`
    const before = await readCatalog(database)
    for (const command of [['run'], ['adopt'], ['plan'], ['adopt', '--dry-run']]) {
      const { exitCode, stdout } = await gate(...command)
      expect({ command, exitCode, stdout }).toMatchObject({ exitCode: 4 })
      expect(stdout).toContain('error[claim-disagrees]')
      expect(stdout).toContain(tool.table)
      expect(stdout).toContain('index customer_name')
      expect(stdout).toContain('character varying(20)')
      expect(stdout).toContain('schemagate adopt --trust-ledger')
    }
    expect(await readCatalog(database)).toEqual(before)
    expect(await isThere(arranged, 'schemagate.schema_migrations')).toBe(false)
  })

  test('the command of the refusal records what the ledger says, and the next run goes on', async () => {
    const { database, gate, rows } = await arrange(folder, 3)
    await database.sql`DROP INDEX customer_name`
    expect((await gate('adopt', '--dry-run', '--trust-ledger')).stdout).toContain('3 to mark')
    expect(await gate('adopt', '--trust-ledger')).toMatchObject({ exitCode: 0 })
    expect((await rows()).map(({ recognised_by: by }) => by)[2]).toMatch(
      /\(trusted, although .*1 of 1 object differ/,
    )
    expect(await gate('run')).toMatchObject({ exitCode: 0 })
    expect(await rows()).toHaveLength(4)
  })

  test('what a later file explains, which ran by other means, is no disagreement', async () => {
    const explaining: DialectFolder = {
      ...folder,
      files: { ...folder.files, ...droppedLater[dialect] },
    }
    const { database, gate, rows } = await arrange(explaining, 3)
    await database.sql`DROP INDEX customer_name`
    const run = await gate('run')
    expect(run).toMatchObject({ exitCode: 0 })
    expect((await rows())[2]).toMatchObject({ state: 'reconciled' })
  })
})

const droppedLater: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  goose: { '11_drop.sql': '-- +goose Up\nDROP INDEX IF EXISTS customer_name;\n' },
  flyway: { 'V2__drop.sql': 'DROP INDEX IF EXISTS customer_name;\n' },
  'golang-migrate': { '11_drop.up.sql': 'DROP INDEX IF EXISTS customer_name;\n' },
}

test.each(['flyway', 'prisma', 'sqlx', 'atlas', 'drizzle', 'graphile-migrate'])(
  'a file of %s that was edited after the tool had applied it is refused',
  async (dialect) => {
    const folder = folderOf(dialect)
    const { database, gate, tool } = await arrange(folder, 2)
    const { sql } = database
    if (dialect === 'graphile-migrate')
      await sql.unsafe(
        `UPDATE ${tool.table} SET ${tool.edited ?? ''} WHERE filename LIKE '000002%'`,
      )
    else await sql.unsafe(`UPDATE ${tool.table} SET ${tool.edited ?? ''}`)
    const { exitCode, stdout } = await gate('run')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
    expect(stdout).toContain('error[claim-edited]')
  },
)

test('Prisma takes a file whose ends of lines a checkout has changed for the one that it ran', async () => {
  const folder = folderOf('prisma')
  const { gate, path } = await arrange(folder, 4)
  const [entry = ''] = Object.keys(folder.files).filter((name) => name.endsWith('.sql'))
  const text = String(folder.files[entry]).replaceAll('\n', '\r\n')
  writeFileSync(join(path, 'migrations', entry), text)
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
})

describe.each(['golang-migrate', 'prisma', 'flyway', 'atlas', 'sqlx', 'hasura'])(
  'what %s has begun and not finished',
  (dialect) => {
    const folder = folderOf(dialect)

    const arrangeFailed = async (at: number): Promise<Arranged> => {
      const arranged = await arrange(folder, at)
      for (const row of arranged.tool.failed?.(folder, at) ?? [])
        await arranged.database.sql.unsafe(row).simple()
      return arranged
    }

    test('runs where nothing of it is there', async () => {
      const { gate, rows } = await arrangeFailed(1)
      const run = await gate('run')
      expect(run).toMatchObject({ exitCode: 0 })
      expect(run.stderr).toContain('was begun (')
      expect((await rows()).map(({ state }) => state)).toEqual([
        ...['reconciled', 'applied', 'applied', 'applied'],
      ])
    })

    test('is recorded where all of it is there', async () => {
      const { database, gate, rows } = await arrangeFailed(1)
      await database.sql.unsafe(wanted[1] ?? '').simple()
      expect(await gate('run')).toMatchObject({ exitCode: 0 })
      expect((await rows()).map(({ state }) => state)).toEqual([
        ...['reconciled', 'reconciled', 'applied', 'applied'],
      ])
    })

    test('is refused with the pieces where half of it is there', async () => {
      const { database, gate } = await arrangeFailed(1)
      const [touch = ''] = (wanted[1] ?? '').split('CREATE TRIGGER')
      await database.sql.unsafe(touch).simple()
      const { exitCode, stdout } = await gate('run')
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
      expect(stdout).toContain('error[partial-state]')
      expect(stdout).toContain('there:   function touch()')
      expect(stdout).toContain('missing: trigger customer.touch')
    })
  },
)

test('a data change that the tool began, and that leaves no evidence, is not run again', async () => {
  const folder: DialectFolder = {
    ...folderOf('golang-migrate'),
    files: {
      '1_customer.up.sql': wanted[0] ?? '',
      '2_more.up.sql': "INSERT INTO customer SELECT 1 + max(id), 'x' FROM customer;\n",
    },
  }
  const { database, gate } = await arrange(folder, 1)
  await database.sql`UPDATE schema_migrations SET version = 2, dirty = true`
  const { exitCode, stdout } = await gate('run')
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 4 })
  expect(stdout).toContain('error[undecided]')
})

test('a data change that the ledger claims is taken as done', async () => {
  const folder: DialectFolder = {
    ...folderOf('goose'),
    versions: ['1', '2'],
    files: {
      '1_customer.sql': `-- +goose Up\n${wanted[0] ?? ''}`,
      '2_more.sql': "-- +goose Up\nINSERT INTO customer VALUES (1, 'x');\n",
    },
  }
  const { database, gate, rows } = await arrange(folder, 1)
  await database.sql`INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, true)`
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  expect((await rows())[1]).toMatchObject({ recognised_by: 'goose 2 (nothing of it to compare)' })
  expect(await database.sql`SELECT FROM customer`).toHaveLength(0)
})

test('a row without a file is reported, and what the files have is taken over', async () => {
  const { database, gate, rows } = await arrange(folderOf('dbmate'), 4)
  await database.sql`INSERT INTO schema_migrations VALUES ('20250101000000')`
  const run = await gate('run')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stderr).toContain('it has more than the files: 20250101000000')
  expect(await rows()).toHaveLength(4)
})

test('a migration that went down again is none of the claims', async () => {
  const { database, gate, rows } = await arrange(folderOf('goose'), 3)
  await database.sql`DROP INDEX customer_name`
  await database.sql`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9, false)`
  expect(await gate('run')).toMatchObject({ exitCode: 0 })
  expect((await rows())[2]).toMatchObject({ state: 'applied' })
})

describe('a table that is not to be trusted', () => {
  const putBeside = async ({ sql }: Arranged['database']): Promise<void> => {
    await sql
      .unsafe(
        `CREATE TABLE harm (what text);
      CREATE FUNCTION do_harm() RETURNS varchar LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.harm VALUES ('done'); RETURN '20240101000001'; END $$;
      ALTER TABLE schema_migrations RENAME TO old`,
      )
      .simple()
  }

  test.each([
    [
      'a view',
      'CREATE VIEW schema_migrations AS SELECT do_harm() AS version',
      'it is not an ordinary table',
    ],
    [
      'row level security',
      `CREATE TABLE schema_migrations (version varchar);
      ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY; ALTER TABLE schema_migrations FORCE ROW LEVEL SECURITY;
      CREATE POLICY harm ON schema_migrations USING (do_harm() <> '')`,
      'it has row level security',
    ],
    [
      'a domain',
      `CREATE DOMAIN word AS varchar; CREATE TABLE schema_migrations (version word)`,
      'its column version has a type or an expression that is not built in',
    ],
  ])('with %s is left alone', async (_, make, because) => {
    const { database, gate, rows } = await arrange(folderOf('dbmate'), 2)
    await putBeside(database)
    await database.sql.unsafe(make).simple()
    const owner = `gate_take_over_${database.name.slice(-6)}`
    await database.sql
      .unsafe(
        `CREATE ROLE ${owner} LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO ${owner};
      ALTER TABLE customer OWNER TO ${owner}; GRANT CREATE ON DATABASE ${database.name} TO ${owner}; ALTER FUNCTION touch() OWNER TO ${owner}`,
      )
      .simple()
    if (_ === 'row level security')
      await database.sql.unsafe(`ALTER TABLE schema_migrations OWNER TO ${owner}`)
    try {
      const url = database.url.replace(/\/\/[^@]*@/, `//${owner}:x@`)
      const run = await gate('run', '--database-url', url)
      expect(run).toMatchObject({ exitCode: 0 })
      expect(run.stderr).toContain(because)
      expect((await rows())[0]?.['recognised_by']).not.toContain('dbmate')
      expect(await database.sql`SELECT FROM harm`).toHaveLength(0)
    } finally {
      await database.sql.unsafe(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`).simple()
    }
  })
})

describe('while the tool is at work', () => {
  test.each([
    'golang-migrate',
    'flyway',
    'prisma',
    'sqlx',
    'node-pg-migrate',
    'goose',
    'tern',
    'graphile-migrate',
  ])('a run waits for the lock of %s, and ends with 75', async (dialect) => {
    const { database, gate, tool } = await arrange(folderOf(dialect), 2)
    const key = tool.lock?.(database.name)
    await database.client().unsafe(`SELECT pg_advisory_lock(${key})`)
    const { exitCode, stdout } = await gate('run', '--migration-lock-wait-seconds', '1')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 75 })
    expect(stdout).toContain('error[tool-at-work]')
  })

  test('a run takes over what the tool has done until then', async () => {
    const folder = folderOf('dbmate')
    const { database, path, environment, rows } = await arrange(folder, 1)
    const gate = startGate({ folder: path, environment })
    await database.client().begin(async (sql) => {
      await sql.unsafe(wanted[1] ?? '').simple()
      await sql.unsafe(`INSERT INTO schema_migrations VALUES ('${folder.versions[1] ?? ''}')`)
      await gate.said('claims 1 of the 4 files')
      await until('the gate waits for the table', async () => {
        const [row] =
          await database.sql`SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'schema_migrations'::regclass`
        return row?.['n'] === 1
      })
    })
    const run = await gate.finished
    expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain('dbmate is at work')
    expect((await rows()).map(({ state }) => state)).toEqual([
      ...['reconciled', 'reconciled', 'applied', 'applied'],
    ])
  })
})

test('a migration in code is like any other where the ledger has it, and refused by name where it would run', async () => {
  const folder = folderOf('goose')
  const files = Object.fromEntries(
    Object.entries(folder.files).filter(([name]) => name !== '2_touch.sql'),
  )
  const coded: DialectFolder = {
    ...folder,
    files: { ...files, '2_touch.go': 'package migrations\n' },
  }
  const early = await arrange(coded, 1)
  const refused = await early.gate('run')
  expect(refused).toMatchObject({ exitCode: 4 })
  expect(refused.stdout).toContain(
    'schemagate cannot run migrations/2_touch.go as goose would: it is code',
  )
  expect(await isThere(early, 'schemagate.schema_migrations')).toBe(false)
  const { database, rows, applied } = await arrange(folder, 2)
  const path = workFolder(
    Object.fromEntries(
      Object.entries(coded.files).map(([name, text]) => [`migrations/${name}`, text]),
    ),
  )
  const run = await runGate({
    args: ['run'],
    folder: path,
    environment: { ...folder.environment, DATABASE_URL: database.url },
  })
  expect({ ...run, said: run.stdout }).toMatchObject({ exitCode: 0 })
  expect((await rows()).map((row) => [row['version'], row['state']])).toEqual([
    ...[
      ['1', 'reconciled'],
      ['2', 'reconciled'],
      ['9', 'applied'],
      ['10', 'applied'],
    ],
  ])
  expect(await applied()).toEqual(['1', '2', '9', '10'])
})
