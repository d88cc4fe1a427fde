// What the gate advises against an error of the server is done, and the file runs.

import { describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { administrator } from '../support/database.ts'
import { arrange, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test.each([
    ['TYPE', "CREATE TYPE x AS ENUM ('a')"],
    ['DOMAIN', 'CREATE DOMAIN x AS int'],
    ['POLICY', 'CREATE POLICY x ON t'],
    ['CONSTRAINT', 'ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0)'],
    ['KEY', 'ALTER TABLE t ADD CONSTRAINT x UNIQUE (a)'],
    ['CAST', 'CREATE CAST (t AS text) WITH INOUT'],
    ['OPERATOR', 'CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)'],
    ['PUBLICATION', 'CREATE PUBLICATION x'],
    [
      'CONSTRAINT TRIGGER',
      'CREATE CONSTRAINT TRIGGER x AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    ],
    ['ROLE', 'CREATE ROLE schemagate_x'],
  ])('a %s that is there already is passed over as the advice says', async (_, plain) => {
    const role = `x_${randomBytes(4).toString('hex')}`
    const statement = plain.replace('schemagate_x', role)
    // By a text that nobody reads: what is seen to be there already is no file's to make.
    const first = `DO $x$ BEGIN EXECUTE $s$${statement}$s$; END $x$;`
    const files = { '1_x.sql': `${first}\n${statement};` }
    const scenario = await arrange(version, files, 'CREATE TABLE t (a int)')
    try {
      const failed = await scenario.gate('run')
      expect(failed).toMatchObject({ exitCode: 1 })
      const [block = ''] = /DO \$\$ BEGIN[\s\S]*?END \$\$;/.exec(failed.stdout) ?? []
      scenario.write({ '1_x.sql': `${first}\n${block.replace('<the statement>', statement)}` })
      expect(await runs(scenario)).toEqual(['1_x: applied'])
    } finally {
      if (plain !== statement) await administrator(version).unsafe(`DROP ROLE ${role}`)
    }
  })

  test.each([
    'ALTER TABLE t ALTER COLUMN b TYPE varchar(9)',
    'ALTER TABLE t DROP COLUMN b',
    'ALTER TABLE t ALTER COLUMN b TYPE varchar(9); -- @transaction off',
  ])('%s: what stands in the way is dropped as the advice says, and made again', async (change) => {
    const [sql = '', directive = ''] = change.split('; ')
    const scenario = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (a int PRIMARY KEY, b text); CREATE TABLE other (a int)',
      'objects/v.sql': 'CREATE VIEW v AS SELECT a, b FROM t; GRANT SELECT ON v TO pg_monitor;',
      'objects/w.sql': 'CREATE MATERIALIZED VIEW "W x" AS SELECT b FROM v;',
      'objects/p.sql': "CREATE POLICY p ON other USING (EXISTS (SELECT FROM t WHERE t.b = 'x'));",
      'objects/f.sql':
        'CREATE FUNCTION f(n int) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(b) FROM v; END;',
    })
    await runs(scenario)
    scenario.write({ '2_d.sql': `${directive}\n${sql};` })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    const drops =
      'DROP MATERIALIZED VIEW IF EXISTS public."W x"; DROP FUNCTION IF EXISTS public.f(integer); DROP POLICY IF EXISTS p ON public.other; DROP VIEW IF EXISTS public.v;'
    expect(failed.stdout).toContain(
      `fix: materialized view public."W x" (migrations/objects/w.sql), function public.f(integer) (migrations/objects/f.sql), policy p on public.other (migrations/objects/p.sql) and view public.v (migrations/objects/v.sql) need it. Put this before the statement, and the same run makes them again from their files: ${drops}`,
    )
    scenario.write({ '2_d.sql': `${directive}\n${drops}\n${sql};` })
    if (sql.includes('DROP COLUMN'))
      scenario.write({
        'objects/v.sql':
          "CREATE VIEW v AS SELECT a, 'x' AS b FROM t; GRANT SELECT ON v TO pg_monitor;",
        'objects/p.sql': 'CREATE POLICY p ON other USING (a > 0);',
      })
    const mended = await scenario.gate('run')
    expect(mended.stdout).toContain('1 applied, 4 objects changed')
    expect(mended).toMatchObject({ exitCode: 0 })
    expect(mended.stderr).not.toContain('somebody')
    const [row] = await scenario.database
      .sql`SELECT has_table_privilege('pg_monitor', 'v', 'SELECT') AS reads`
    expect(row).toEqual({ reads: true })
  })

  test('what was replaced by something that needs a younger one is dropped before that', async () => {
    const scenario = await arrange(version, {
      '1_t.sql':
        'CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT b FROM t; CREATE MATERIALIZED VIEW w AS SELECT b FROM t; CREATE OR REPLACE VIEW v AS SELECT b FROM w',
      '2_d.sql': 'ALTER TABLE t ALTER COLUMN b TYPE varchar(9);',
    })
    const failed = await scenario.gate('run')
    const drops = 'DROP VIEW IF EXISTS public.v; DROP MATERIALIZED VIEW IF EXISTS public.w;'
    expect(failed.stdout).toContain(
      `view public.v and materialized view public.w need it. Put this before the statement, and make them again behind it, with owner and grants: ${drops}`,
    )
    scenario.write({ '2_d.sql': `${drops} ALTER TABLE t ALTER COLUMN b TYPE varchar(9);` })
    expect((await runs(scenario)).at(-1)).toBe('2_d: applied')
  })

  test('what a view does not stand in the way of is not said to be its fault', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': 'CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT a, b FROM t',
      '2_d.sql': 'ALTER TABLE t ALTER COLUMN a SET DEFAULT (SELECT 1);',
    })
    const failed = await scenario.gate('run')
    expect(failed.stdout).toContain('SQLSTATE 0A000')
    expect(failed.stdout).not.toContain('public.v')
  })

  test('a view that a migration has made, and a key of another table, stand in the way of a column', async () => {
    const scenario = await arrange(version, {
      '1_t.sql':
        'CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE other (a int CONSTRAINT of_t REFERENCES t); CREATE VIEW v AS SELECT a FROM t',
      '2_d.sql': 'ALTER TABLE t DROP COLUMN a;',
    })
    const failed = await scenario.gate('run')
    const drop = 'DROP VIEW IF EXISTS public.v;'
    expect(failed.stdout).toContain(
      `fix: view public.v needs it. Put this before the statement, and make the view again behind it, with owner and grants: ${drop} constraint of_t on table public.other needs it, too, and must be dropped first.`,
    )
    scenario.write({
      '2_d.sql': `${drop} ALTER TABLE other DROP CONSTRAINT of_t; ALTER TABLE t DROP COLUMN a;`,
    })
    expect((await runs(scenario)).at(-1)).toBe('2_d: applied')
  })

  test('a database that is there already is not to be made in a DO block', async () => {
    const scenario = await arrange(version, { '1_d.sql': 'CREATE DATABASE postgres;' })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('The database already exists')
    expect(failed.stdout).not.toContain('DO $$')
    scenario.write({ '1_d.sql': 'SELECT 1;' })
    expect(await runs(scenario)).toEqual(['1_d: applied'])
  })

  test('a space that is none is named, and the file runs with a plain one', async () => {
    const text = 'CREATE TABLE a (id int);\nCREATE\u00a0TABLE b (id int);'
    const scenario = await arrange(version, { '1_b.sql': text })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('--> migrations/1_b.sql:2:1')
    expect(failed.stdout).toContain('Column 7 of that line has the character U+00A0')
    scenario.write({ '1_b.sql': text.replace('\u00a0', ' ') })
    expect(await runs(scenario)).toEqual(['1_b: applied'])
  })

  test('rows that wait for deferred constraints are checked first, as the advice says', async () => {
    const before =
      'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO p VALUES (1)'
    const insert = 'INSERT INTO c VALUES (1);'
    const alter = 'ALTER TABLE c ADD COLUMN n int;'
    const scenario = await arrange(version, { '1_c.sql': `${insert}\n${alter}` }, before)
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    const [cure = ''] = /SET CONSTRAINTS ALL IMMEDIATE;/.exec(failed.stdout) ?? []
    scenario.write({ '1_c.sql': `${insert}\n${cure}\n${alter}` })
    expect(await runs(scenario)).toEqual(['1_c: applied'])
  })
})
