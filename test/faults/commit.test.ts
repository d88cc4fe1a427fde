import { describe, expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { atCommit } from '../support/effects.ts'
import { runGate, workFolder, writeFiles } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

describe.each(serverVersions)('the end of a migration on PostgreSQL %s', (version) => {
  test('an error at COMMIT itself: rolled back, not recorded, exit 1, and the corrected re-run exits 0', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_a.sql': 'CREATE TABLE a (id int)',
      'migrations/2_refused.sql': `CREATE TABLE b (id int); ${atCommit(`RAISE EXCEPTION 'not this one' USING ERRCODE = 'P0042'`)}`,
      'migrations/3_after.sql': 'CREATE TABLE c (id int)',
    })
    const environment = { DATABASE_URL: url }
    const { exitCode, stdout, stderr } = await runGate({ folder, environment })
    expect(exitCode).toBe(1)
    expect(stdout).toContain('migrations/2_refused.sql failed at COMMIT')
    expect(stdout).toContain('SQLSTATE P0042: not this one')
    expect(stdout).toContain('not attempted  migrations/3_after.sql')
    expect(stderr).not.toContain('applied migrations/2_refused.sql')
    expect(
      await sql`SELECT version::int AS v, to_regclass('b')::text AS b FROM schemagate.schema_migrations`,
    ).toEqual([{ v: 1, b: null }])
    writeFiles(folder, { 'migrations/2_refused.sql': 'CREATE TABLE b (id int)' })
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  })

  test('a deferred constraint that fails is told as such, rolled back and not recorded', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      'migrations/1_tables.sql': `CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE child (parent_id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`,
      'migrations/2_orphan.sql': 'INSERT INTO child VALUES (1)',
    })
    const { exitCode, stdout } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'migrations/2_orphan.sql failed at its end, when the deferred constraints were checked',
    )
    expect(await sql`SELECT count(*)::int AS n FROM schemagate.schema_migrations`).toEqual([
      { n: 1 },
    ])
    writeFiles(folder, {
      'migrations/2_orphan.sql': 'INSERT INTO child VALUES (1); INSERT INTO parent VALUES (1)',
    })
    expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
      exitCode: 0,
    })
  })
})
