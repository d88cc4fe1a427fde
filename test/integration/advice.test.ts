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
