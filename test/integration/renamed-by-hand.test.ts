// What somebody renamed in a database that the gate does not know yet. For the files it is missing; made again, it would be empty.

import { describe, expect, test } from '@jest/globals'
import { arrange, refuses, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const base = `CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE DOMAIN amount AS numeric(10, 2);
CREATE TABLE customers (id int PRIMARY KEY, name text, visits int DEFAULT 0);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
`

type Case = {
  readonly file: string
  readonly renamed: string
  /** As the message has it. */
  readonly back: string
  readonly fingerprint: string
}

const cases: readonly Case[] = [
  {
    file: 'CREATE TABLE orders (id int, total int);',
    renamed: 'ALTER TABLE orders RENAME TO purchases',
    back: 'ALTER TABLE public.purchases RENAME TO orders',
    fingerprint: 'table public.orders',
  },
  {
    file: 'CREATE TABLE IF NOT EXISTS "Orders" (id int, total int, paid int);',
    renamed: 'ALTER TABLE "Orders" RENAME TO "select"',
    back: 'ALTER TABLE public."select" RENAME TO "Orders"',
    fingerprint: 'table public."Orders"',
  },
  {
    file: "ALTER TABLE customers ADD COLUMN phone text DEFAULT '-';",
    renamed: 'ALTER TABLE customers RENAME COLUMN phone TO telephone',
    back: 'ALTER TABLE public.customers RENAME COLUMN telephone TO phone',
    fingerprint: 'column public.customers.phone',
  },
  {
    file: 'CREATE INDEX customers_name ON customers (lower(name)) WHERE visits > 3;',
    renamed: 'ALTER INDEX customers_name RENAME TO by_name',
    back: 'ALTER INDEX public.by_name RENAME TO customers_name',
    fingerprint: 'index public.customers_name',
  },
  {
    file: 'ALTER TABLE customers ADD CONSTRAINT visits_ok CHECK (visits >= 0);',
    renamed: 'ALTER TABLE customers RENAME CONSTRAINT visits_ok TO visits_positive',
    back: 'ALTER TABLE public.customers RENAME CONSTRAINT visits_positive TO visits_ok',
    fingerprint: 'constraint public.customers.visits_ok',
  },
  {
    file: 'CREATE VIEW regulars AS SELECT id FROM customers WHERE visits > 10;',
    renamed: 'ALTER VIEW regulars RENAME TO often_here',
    back: 'ALTER VIEW public.often_here RENAME TO regulars',
    fingerprint: "sql SELECT to_regclass('public.regulars') IS NOT NULL",
  },
  {
    file: 'CREATE MATERIALIZED VIEW counted AS SELECT id FROM customers WHERE visits > 10;',
    renamed: 'ALTER MATERIALIZED VIEW counted RENAME TO counts',
    back: 'ALTER MATERIALIZED VIEW public.counts RENAME TO counted',
    fingerprint: "sql SELECT to_regclass('public.counted') IS NOT NULL",
  },
  {
    file: "CREATE TYPE weekday AS ENUM ('mon', 'tue');",
    renamed: 'ALTER TYPE weekday RENAME TO day_of_week',
    back: 'ALTER TYPE public.day_of_week RENAME TO weekday',
    fingerprint: 'type public.weekday',
  },
  {
    file: 'CREATE TRIGGER stamped BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION stamp();',
    renamed: 'ALTER TRIGGER stamped ON customers RENAME TO stamped_first',
    back: 'ALTER TRIGGER stamped_first ON public.customers RENAME TO stamped',
    fingerprint: "sql SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'stamped')",
  },
  {
    file: 'CREATE POLICY own ON customers USING (visits > 0);',
    renamed: 'ALTER POLICY own ON customers RENAME TO only_own',
    back: 'ALTER POLICY only_own ON public.customers RENAME TO own',
    fingerprint: "sql SELECT EXISTS (SELECT FROM pg_policy WHERE polname = 'own')",
  },
]

describe.each(serverVersions)('renamed by hand on PostgreSQL %s', (version) => {
  const filesOf = (text: (each: Case) => string): Record<string, string> => ({
    '01_base.sql': base,
    ...Object.fromEntries(
      cases.map((each, at) => [`${String(at + 2).padStart(2, '0')}_more.sql`, text(each)]),
    ),
  })
  const renamedAll = `${base}${cases.map(({ file, renamed }) => `${file}${renamed};`).join('\n')}`

  test('what is missing and has another name is not made again', async () => {
    const scenario = await arrange(
      version,
      filesOf(({ file }) => file),
      renamedAll,
    )
    const said = (await refuses(scenario)).replaceAll(/\s+/g, ' ')
    const messages = said.split('error[renamed-by-hand]: ').slice(1)
    for (const [at, { back, fingerprint }] of cases.entries()) {
      expect(messages[at]).toContain(`-- @fingerprint ${fingerprint}`)
      expect(messages[at]).toContain(`(${back})`)
    }
    expect((await scenario.gate('adopt')).stdout).toContain('error[renamed-by-hand]')

    await scenario.database.sql.unsafe(cases.map(({ back }) => back).join(';'))
    expect(new Set((await runs(scenario)).map((line) => line.replace(/.*: /, '')))).toEqual(
      new Set(['reconciled']),
    )
  })

  test('it is found among hundreds of tables that no file makes', async () => {
    const scenario = await arrange(
      version,
      { '1_orders.sql': 'CREATE TABLE orders (id int, total int);' },
      `DO $$ BEGIN FOR n IN 1..300 LOOP EXECUTE format('CREATE TABLE a%s (id int, total int, paid bool)', n); END LOOP; END $$;
        CREATE TABLE purchases (total int, id int)`,
    )
    expect(await refuses(scenario)).toContain('ALTER TABLE public.purchases RENAME TO orders')
  })

  test('what is beside another is made, where the file says so', async () => {
    const files = filesOf(({ file, fingerprint }) => `-- @fingerprint ${fingerprint}\n${file}`)
    const scenario = await arrange(version, files, renamedAll)
    const [first, ...others] = await runs(scenario)
    expect(first).toBe('01_base: reconciled')
    expect(others.map((line) => line.replace(/.*: /, ''))).toEqual(cases.map(() => 'applied'))
  })

  test('what has another definition is something else', async () => {
    const files = {
      '1_base.sql': base,
      '2_more.sql': `ALTER TABLE customers ADD COLUMN phone text;
        CREATE INDEX i ON customers (visits); CREATE TABLE orders (id int, total int);
        CREATE TABLE one (id int);`,
    }
    const scenario = await arrange(
      version,
      files,
      `${base}ALTER TABLE customers ADD COLUMN age int, ADD COLUMN mail text NOT NULL;
        CREATE INDEX j ON customers (visits DESC); CREATE TABLE purchases (id int, total int, paid bool);
        CREATE TABLE other (id int); CREATE TABLE held (id int, total text)`,
    )
    expect(await runs(scenario)).toEqual(['1_base: reconciled', '2_more: applied'])
  })

  test('in a table that no file makes, every column is somebody else’s', async () => {
    const files = { '1_base.sql': base, '2_more.sql': 'ALTER TABLE held ADD COLUMN added int;' }
    const scenario = await arrange(version, files, `${base}CREATE TABLE held (id int, n int)`)
    expect(await runs(scenario)).toEqual(['1_base: reconciled', '2_more: applied'])
  })

  test('a table that later files changed is found as it is now', async () => {
    const files = {
      '1_base.sql': 'CREATE TABLE orders (id int, old int);',
      '2_more.sql': 'ALTER TABLE orders ADD COLUMN total int, DROP COLUMN old;',
    }
    const scenario = await arrange(
      version,
      files,
      `${files['1_base.sql']}${files['2_more.sql']}ALTER TABLE orders RENAME TO purchases`,
    )
    expect(await refuses(scenario)).toContain('the database has table purchases where table orders')
  })

  test('half of a file of which the other half was renamed is said to be renamed', async () => {
    const scenario = await arrange(
      version,
      { '1_base.sql': base },
      `${base}ALTER TABLE customers RENAME COLUMN visits TO visit_count`,
    )
    expect(await refuses(scenario)).toContain('RENAME COLUMN visit_count TO visits')
  })

  test('that a table is gone does not show that a file with a DO block has run, if it was renamed', async () => {
    const files = {
      '1_base.sql': 'CREATE TABLE a (x int); CREATE TABLE t (id int, total int);',
      '2_more.sql': `DO $$ BEGIN EXECUTE 'ALTER TABLE t RENAME TO orders'; END $$;
        DROP TABLE IF EXISTS t;`,
    }
    const scenario = await arrange(
      version,
      files,
      `${files['1_base.sql']}ALTER TABLE t RENAME TO u`,
    )
    const said = await refuses(scenario)
    expect(said).toContain('table t is gone as if this file had run')
    expect(said).toContain('ALTER TABLE public.u RENAME TO t')
    await scenario.database.sql.unsafe('ALTER TABLE public.u RENAME TO t')
    expect(await runs(scenario)).toEqual(['1_base: reconciled', '2_more: applied'])
  })

  test('beside a ledger, what looks alike is made all the same', async () => {
    const scenario = await arrange(version, { '1_base.sql': base })
    await runs(scenario)
    await scenario.database.sql.unsafe('CREATE TABLE part_1 (id int, total int)')
    scenario.write({ '2_more.sql': 'CREATE TABLE part_2 (id int, total int)' })
    expect(await runs(scenario)).toEqual(['1_base: applied', '2_more: applied'])
  })
})
