// What happens behind the last statement of a file: under which timeouts it is verified and recorded, and whose fault it is when
// that fails.

import { describe, expect, test } from '@jest/globals'
import { arrange, queried, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const slow = '-- @verify sql SELECT pg_sleep(0.6)::text = $$$$\n'

const forms = [
  ['one transaction', ''],
  ['several', '-- @transaction off\n'],
] as const

describe.each(serverVersions)('the end of a file on PostgreSQL %s', (version) => {
  test.each(forms)('its own timeouts hold until it is recorded, in %s', async (_, off) => {
    const scenario = await arrange(version, {
      '1_t.sql': `${off}-- @statement-timeout 1min\n${slow}CREATE TABLE t (a int);`,
    })
    const { sql, name } = scenario.database
    await sql.unsafe(`ALTER DATABASE ${name} SET statement_timeout = '300ms'`)
    expect(await runs(scenario)).toEqual(['1_t: applied'])
  })

  test('a verification that takes too long is no fault of schemagate, and a longer timeout cures it', async () => {
    const scenario = await arrange(version, {
      '1_t.sql': `-- @statement-timeout 200ms\n${slow}CREATE TABLE t (a int);`,
    })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('by statement_timeout (200ms)')
    expect(failed.stdout).not.toContain('fault of schemagate')
    scenario.write({ '1_t.sql': `-- @statement-timeout 10min\n${slow}CREATE TABLE t (a int);` })
    expect(await runs(scenario)).toEqual(['1_t: applied'])
  })

  test('a deferred trigger that fails at its second try is not taken for a ledger that is gone', async () => {
    const text = (table: string): string => `CREATE TABLE t (a int);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT count(*) FROM t) = 1 THEN
    SET CONSTRAINTS t_late DEFERRED;
    INSERT INTO t VALUES (2);
  ELSIF (SELECT count(*) FROM t) = 2 THEN
    PERFORM 1 FROM ${table};
  END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER t_late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
INSERT INTO t VALUES (1);`
    const scenario = await arrange(version, { '1_t.sql': text('missing') })
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('relation "missing" does not exist')
    expect(failed.stdout).toContain('at its end, when the deferred constraints were checked')
    expect(failed.stdout).not.toContain('removed the ledger')
    scenario.write({ '1_t.sql': text('t') })
    expect(await runs(scenario)).toEqual(['1_t: applied'])
    expect(await queried(scenario, 'SELECT count(*)::int FROM t')).toEqual([2])
  })
})
