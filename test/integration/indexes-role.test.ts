// Declared indexes on tables of a role that the login role may become.

import { describe, expect, test } from '@jest/globals'
import { databaseUrl } from '../support/database.ts'
import { runGate, workFolder, type Files } from '../support/gate.ts'
import { startPooler } from '../support/pooler.ts'
import { withRoles } from '../support/roles.ts'
import { serverVersions } from '../support/servers.ts'

describe.each(serverVersions)(
  'schemagate indexes under MIGRATION_ROLE on PostgreSQL %s',
  (version) => {
    const declared: Files = {
      'migrations/1_a.sql': 'CREATE TABLE a (id int, note text);',
      'migrations/2_p.sql':
        'CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)',
      'migrations/indexes/a.sql': 'CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)',
      'migrations/indexes/n.sql': 'CREATE INDEX CONCURRENTLY a_note ON a (note)',
      'migrations/indexes/p.sql': 'CREATE INDEX CONCURRENTLY p_id ON p (id)',
    }
    const args = ['indexes', '--strict', '--parallel', '2']
    const statesIn = (stdout: string): readonly string[] =>
      [...stdout.matchAll(/^(\w+) +migrations\/indexes/gm)].map(([, state = '']) => state)

    test('builds in its schema, with its rights; POOLER is left alone where DIRECT is there', () =>
      withRoles(version, async ({ database, owner, environment }) => {
        const { sql } = database
        const folder = workFolder(declared)
        expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
        await sql.unsafe(`INSERT INTO "${owner}".a VALUES (1, 'x'), (1, 'y')`)
        const { DATABASE_URL, MIGRATION_ROLE } = environment
        // POOLER is a port that nobody listens on.
        const both = {
          ...{ MIGRATION_ROLE, DATABASE_URL_DIRECT: DATABASE_URL },
          DATABASE_URL_POOLER: databaseUrl(1, database.name),
        }
        const first = await runGate({ args, folder, environment: both })
        expect(first.exitCode).toBe(1)
        expect(first.stderr).toContain('Using DIRECT')
        expect(statesIn(first.stdout)).toEqual(['failed', 'built', 'built'])
        expect(first.stdout).toContain('error[index-not-unique]')
        expect(first.stdout).toContain('1 key is in more than one row')
        expect(await sql`SELECT FROM pg_index WHERE NOT indisvalid`).toHaveLength(0)
        await sql.unsafe(`DELETE FROM "${owner}".a`)
        const second = await runGate({ args, folder, environment })
        expect(statesIn(second.stdout)).toEqual(['built', 'there', 'there'])
        expect(second.exitCode).toBe(0)
        const made =
          await sql`SELECT c.relname AS name, c.relowner::regrole::text AS owner FROM pg_class c
        JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relnamespace = ${`"${owner}"`}::regnamespace ORDER BY 1`
        expect([...made]).toEqual(
          ['a_id', 'a_note', 'p_id', 'p_id_p1'].map((name) => ({ name, owner: `"${owner}"` })),
        )
      }))

    test('of a role that is not there it says so', () =>
      withRoles(version, async ({ environment }) => {
        const { exitCode, stdout } = await runGate({
          ...{ args, folder: workFolder(declared) },
          environment: { ...environment, MIGRATION_ROLE: 'nobody_at_all' },
        })
        expect(stdout).toContain('error[migration-role-unknown]')
        expect(exitCode).toBe(2)
      }))

    test('through PgBouncer what is missing is refused: nothing would keep the role', () =>
      withRoles(version, async ({ database, owner }) => {
        const { sql, port, name } = database
        await sql.unsafe(`SET ROLE "${owner}"; SET search_path = "${owner}"; CREATE TABLE a (id int, note text);
        CREATE INDEX a_note ON a (note); CREATE TABLE p (id int) PARTITION BY RANGE (id); RESET ROLE`)
        const pooler = await startPooler(port, 4)
        try {
          const { exitCode, stdout } = await runGate({
            ...{ args, folder: workFolder(declared) },
            environment: { DATABASE_URL: databaseUrl(pooler.port, name), MIGRATION_ROLE: owner },
          })
          expect(statesIn(stdout)).toEqual(['failed', 'there', 'failed'])
          expect(stdout).toContain(
            'migrations/indexes/a.sql: behind a pooler the setting MIGRATION_ROLE would not last until CREATE UNIQUE INDEX',
          )
          expect(exitCode).toBe(4)
        } finally {
          await pooler.stop()
        }
      }))
  },
)
