// What may take long on the server says there how it ends when its runner is gone. A function that the statement calls tells what
// the server's socket has then.

import { expect } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { onEveryServer } from '../support/every-server.ts'
import { runGate, workFolder } from '../support/gate.ts'

const names = [
  'client_connection_check_interval',
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'tcp_keepalives_count',
  'tcp_user_timeout',
]
const settings = names.map((name) => `pg_catalog.current_setting('${name}')`).join(`, ' ', `)
const told = 'found 1s 5 5 3 20000'

const setUp = `CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t VALUES (1, 0);
CREATE FUNCTION tell(of int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
  $$ BEGIN RAISE WARNING 'found %', pg_catalog.concat(${settings}); RETURN of; END $$;
CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; PERFORM tell(1); END $$;
CREATE TABLE u (id int);
INSERT INTO u VALUES (1);
CREATE INDEX u_tell ON u (tell(id));
`

const statements = [
  ['in a transaction', 'UPDATE t SET n = tell(1);'],
  ['that builds an index concurrently', 'CREATE INDEX CONCURRENTLY t_tell ON t (tell(id));'],
  ['that builds one again', 'REINDEX INDEX CONCURRENTLY u_tell;'],
  ['that runs alone', 'CALL commits();'],
] as const

for (const [which, statement] of statements)
  onEveryServer(`a statement ${which} ends soon after its runner is gone`, async (version) => {
    const { url, sql } = await createDatabase(version)
    await sql.unsafe(setUp)
    const directive = statement.startsWith('CALL') ? '-- @transaction off\n' : ''
    const folder = workFolder({ 'migrations/1_s.sql': `${directive}${statement}\n` })
    const { stderr, exitCode } = await runGate({ folder, environment: { DATABASE_URL: url } })
    expect(stderr).toContain(told)
    expect(exitCode).toBe(0)
  })

onEveryServer('an index of `schemagate indexes` does', async (version) => {
  const { url, sql } = await createDatabase(version)
  await sql.unsafe(setUp)
  const file = 'CREATE INDEX CONCURRENTLY t_tell ON t (tell(id));\n'
  const folder = workFolder({ 'migrations/indexes/a.sql': file })
  const environment = { DATABASE_URL: url }
  const { stderr, exitCode } = await runGate({ args: ['indexes', '--strict'], folder, environment })
  expect(stderr).toContain(told)
  expect(exitCode).toBe(0)
})

onEveryServer('a batch of a backfill does, and what it asks of the table', async (version) => {
  const { url, sql } = await createDatabase(version)
  await sql.unsafe(setUp)
  const file = `-- @table t\n-- @key id\n-- @done sql SELECT NOT EXISTS (SELECT FROM t WHERE n <> tell(7))\nUPDATE t SET n = tell(7) WHERE :batch;\n`
  const folder = workFolder({ 'migrations/backfills/b.sql': file })
  const environment = { DATABASE_URL: url }
  const args = ['backfill', 'b', '--strict']
  const { stderr, stdout, exitCode } = await runGate({ args, folder, environment })
  expect(stdout).toContain('1 done')
  expect(exitCode).toBe(0)
  const found = [...stderr.matchAll(/found .*/g)].map(([line]) => line.trim())
  expect(new Set(found)).toEqual(new Set([told]))
  expect(found.length).toBeGreaterThan(1)
})
