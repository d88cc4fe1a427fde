// Other sessions in the way of a file: those that change the same rows, and those that it ends.

import { describe, expect, test } from '@jest/globals'
import { until } from '../support/database.ts'
import { startGate, workFolder } from '../support/gate.ts'
import { arrange, queried, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

const functionOf = (value: number): string =>
  `CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT ${value}'`

const ending = (more = ''): string =>
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()${more};`

describe.each(serverVersions)('on PostgreSQL %s', (version) => {
  test.each(['', '-- @transaction off\n'])(
    'a neighbour that changes the same function makes the file wait and try again: %j',
    async (directive) => {
      const { database } = await arrange(version, {}, functionOf(1))
      const folder = workFolder({ 'migrations/1_f.sql': `${directive}${functionOf(3)};` })
      const neighbour = database.client()
      await neighbour.unsafe(`BEGIN; ${functionOf(2)}`)
      const gate = startGate({ folder, environment: { DATABASE_URL: database.url } })
      await until('the file waits for the neighbour', async () => {
        const waiting = await database.sql.unsafe(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%1_f.sql%' AND datname = current_database()",
        )
        return waiting.length > 0
      })
      await neighbour.unsafe('COMMIT')
      const finished = await gate.finished
      expect(finished).toMatchObject({ exitCode: 0 })
      expect(finished.stderr).toContain('collided with another session that changed the same rows')
      expect(await database.sql.unsafe('SELECT f()')).toEqual([{ f: 3 }])
    },
  )

  test('a serialization failure is tried again, and then left to the next run', async () => {
    const text = (times: number): string =>
      `CREATE TABLE t ();\nDO $$ BEGIN IF nextval('tries') <= ${times} THEN RAISE EXCEPTION 'collided' USING ERRCODE = '40001'; END IF; END $$;`
    const scenario = await arrange(version, { '1_t.sql': text(9) }, 'CREATE SEQUENCE tries')
    const failed = await scenario.gate('run', '--migration-lock-retries=1')
    expect(failed).toMatchObject({ exitCode: 75 })
    expect(failed.stdout).toContain('that changed the same rows at the same time in 2 tries')
    scenario.write({ '1_t.sql': text(3) })
    expect(await runs(scenario)).toEqual(['1_t: applied'])
  })

  test('so is one of a statement without a transaction, unless it commits by itself', async () => {
    const collides = `CREATE SEQUENCE tries START 100;
      CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('public.tries') <= 2 THEN RAISE EXCEPTION 'collided' USING ERRCODE = '40001'; END IF; RETURN $1; END $$;
      CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX ON t (f(a));
      CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (2); COMMIT; PERFORM f(2); END $$;
      ALTER TABLE t SET (autovacuum_enabled = off); SELECT setval('tries', 1, false)`
    const scenario = await arrange(version, { '1_t.sql': 'VACUUM ANALYZE t;' }, collides)
    const { exitCode, stderr } = await scenario.gate('run')
    expect(exitCode).toBe(0)
    expect(stderr.match(/collided with another session that changed the same rows/g)).toHaveLength(
      2,
    )

    await scenario.database.sql.unsafe("DROP INDEX t_f_idx; SELECT setval('tries', 1, false)")
    scenario.write({ '2_p.sql': '-- @transaction off\nCALL p();' })
    expect(await scenario.gate('run')).toMatchObject({ exitCode: 75 })
    expect(await queried(scenario, 'SELECT a FROM t')).toEqual([1, 2])
  })

  test.each([
    ['all others', '', ending()],
    ['all others, and works on', '', `${ending()}\nSELECT pg_sleep(2);`],
    [
      'all others, in steps',
      '-- @transaction off\n',
      `${ending().replace(' FROM', ', pg_sleep(0.5) FROM')}\nSELECT 1;`,
    ],
    ['all of them', '', ending().replace(' AND pid <> pg_backend_pid()', '')],
    ['all others by a block', '', `DO $$ BEGIN PERFORM ${ending().slice(7, -1)}; END $$;`],
  ])('a file that ends sessions is told to leave ours out: %s', async (_, directive, text) => {
    const scenario = await arrange(version, {
      '1_t.sql': `${directive}${text}\nCREATE TABLE t ();`,
    })
    const linted = await scenario.gate('lint')
    expect(linted.stdout).toContain('sessions-ended')
    const failed = await scenario.gate('run')
    expect(failed).toMatchObject({ exitCode: 1 })
    expect(failed.stdout).toContain('error[sessions-ended]')
    const [cure = ''] =
      /AND application_name NOT LIKE .* AND pid <> pg_backend_pid\(\)/.exec(failed.stdout) ?? []
    const cured = text.replace(
      /current_database\(\)( AND pid <> pg_backend_pid\(\))?/,
      `current_database() ${cure}`,
    )
    scenario.write({ '1_t.sql': `${directive}${cured}\nCREATE TABLE t ();` })
    expect((await scenario.gate('lint')).stdout).not.toContain('sessions-ended')
    expect(await runs(scenario)).toEqual(['1_t: applied'])
    expect(await queried(scenario, "SELECT to_regclass('t')::text")).toEqual(['t'])
  })
})
