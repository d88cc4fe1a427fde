// `doctor` tells what would stand in the way of a run, exits as that run would, and changes nothing. Each finding is made for real.

import { describe, expect, test } from '@jest/globals'
import { administrator, until, type TestDatabase } from '../support/database.ts'
import { readCatalog } from '../support/catalog.ts'
import { bad, diagnosed, type Diagnosis } from '../support/diagnosis.ts'
import { readingOnly } from '../support/first-question.ts'
import { runGate, workFolder, type Files } from '../support/gate.ts'
import { arrange } from '../support/scenario.ts'
import { freePort, serverVersions } from '../support/servers.ts'

const secret = 'doctor-secret-1'

const prefixed = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text]))

const table = { '1_t.sql': 'CREATE TABLE t (id int)' }
const alter = { '2_a.sql': 'ALTER TABLE t ADD COLUMN a int' }

/** Of a role that may log in, and nothing else that PUBLIC was given. */
const asRole = async <Result>(
  { sql, name, port }: TestDatabase,
  grants: string,
  use: (url: string, role: string) => Promise<Result>,
): Promise<Result> => {
  const role = `doctor_of_${name}`
  await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${secret}';
    REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO ${role};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC; ${grants.replaceAll('{role}', role)}`)
  try {
    return await use(`postgresql://${role}:${secret}@127.0.0.1:${port}/${name}`, role)
  } finally {
    await sql.unsafe(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)
  }
}

describe.each(serverVersions)('doctor on PostgreSQL %s', (version) => {
  test('a healthy database: nothing to warn of, exit 0', async () => {
    const { database } = await arrange(version, {})
    const folder = workFolder(prefixed({ ...table, ...alter }))
    const diagnosis = await diagnosed(folder, { DATABASE_URL: database.url })
    expect(bad(diagnosis)).toEqual([])
    expect(diagnosis.exitCode).toBe(0)
    const { of } = diagnosis
    expect(of('endpoint').sentence).toMatch(
      /^DATABASE_URL \(127\.0\.0\.1:\d+\/gate_.*it is DIRECT$/,
    )
    expect(of('server').sentence).toContain(`PostgreSQL ${version}.`)
    expect(of('pooler')).toMatchObject({ level: 'ok', sentence: 'none: this is the server itself' })
    expect(of('second_connection').level).toBe('ok')
    expect(of('tls').level).toBe('ok')
    expect(of('tls').sentence).toMatch(/^off/)
    expect(of('writes').level).toBe('ok')
    expect(of('role').sentence).toBe('postgres, a superuser, which has every privilege')
    expect(of('ledger')).toMatchObject({ level: 'note' })
    expect(of('migrations').sentence).toBe('2 pending, 0 recorded: a run would run 2')
    expect(of('migration_lock').sentence).toBe('nobody holds it')
  })

  test('after a run: nothing is pending, and the ledger has its rows', async () => {
    const { gate } = await arrange(version, table)
    await gate('run')
    const { exitCode, stdout } = await gate('doctor')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^ok {7}ledger: schemagate\.schema_migrations has 1 row, none of them interrupted$/m,
    )
    expect(stdout).toMatch(/^ok {7}migrations: nothing is pending, 1 recorded$/m)
    expect(stdout).toMatch(/^schemagate doctor: .*; a run could start; nothing was changed$/m)
  })

  test('a role without rights: each is named, with the SQL that gives it, and then a run gets through', async () => {
    const { database, gate } = await arrange(version, table)
    await gate('run')
    const files = {
      ...table,
      ...alter,
      '3_u.sql': 'CREATE TABLE u (id int)',
      '4_s.sql': 'CREATE SCHEMA s; CREATE TABLE s.v (id int)',
    }
    const folder = workFolder(prefixed(files))
    await asRole(
      database,
      'CREATE ROLE {role}_owner; ALTER TABLE t OWNER TO {role}_owner',
      async (url, role) => {
        const environment = { DATABASE_URL: url }
        const first = await diagnosed(folder, environment)
        // The ledger is another role's; a run would end there, with 2.
        expect(first.exitCode).toBe(2)
        expect(first.of('ledger').problems?.[0]?.code).toBe('ledger-not-permitted')
        expect((await runGate({ folder, environment })).exitCode).toBe(2)

        await database.sql.unsafe(`GRANT USAGE ON SCHEMA schemagate TO ${role};
        GRANT SELECT ON schemagate.schema_migrations TO ${role}`)
        const second = await diagnosed(folder, environment)
        expect(second.of('ledger_rights').problems?.[0]?.code).toBe('ledger-not-permitted')
        expect(second.of('role')).toMatchObject({
          level: 'note',
          sentence: `${role}, not a superuser, inherits from no other role`,
          detail: [
            `1 table of the search path belongs to ${role}_owner, which it is not a member of`,
          ],
        })
        expect(second.exitCode).toBe(2)

        await database.sql.unsafe(`GRANT INSERT, UPDATE ON schemagate.schema_migrations TO ${role}`)
        const third = await diagnosed(folder, environment)
        expect(third.exitCode).toBe(1)
        expect(third.of('ledger_rights').level).toBe('ok')
        expect(third.of('schema_rights')).toMatchObject({
          level: 'problem',
          exit_code: 1,
          detail: [
            'migrations/3_u.sql: lacks CREATE on schema public',
            'migrations/4_s.sql: lacks CREATE on the database, for schema s',
          ],
        })
        expect(third.of('ownership')).toMatchObject({
          level: 'problem',
          exit_code: 1,
          detail: [`migrations/2_a.sql: public.t belongs to ${role}_owner`],
          advice: `GRANT ${role}_owner TO ${role};`,
        })
        expect((await runGate({ folder, environment })).exitCode).toBe(1)

        for (const topic of ['schema_rights', 'ownership'])
          await database.sql.unsafe(third.of(topic).advice ?? '')
        const fourth = await diagnosed(folder, environment)
        expect(bad(fourth)).toEqual([])
        expect(fourth.of('role').sentence).toBe(`${role}, not a superuser, member of ${role}_owner`)
        expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
      },
    )
    const owner = `doctor_of_${database.name}_owner`
    await database.sql.unsafe(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`)
  })

  test('a role that owns nothing may start when nothing is pending', async () => {
    const { database, gate } = await arrange(version, table)
    await gate('run')
    const grants =
      'GRANT USAGE ON SCHEMA schemagate TO {role}; GRANT SELECT ON schemagate.schema_migrations TO {role}'
    await asRole(database, grants, async (url) => {
      const diagnosis = await diagnosed(workFolder(prefixed(table)), { DATABASE_URL: url })
      expect(diagnosis.exitCode).toBe(0)
      expect(diagnosis.of('ledger_rights').level).toBe('note')
      expect(bad(diagnosis)).toEqual([])
    })
  })

  test('a session that holds a table, and what of it the pending files would wait for', async () => {
    const { database, gate } = await arrange(version, table)
    await gate('run')
    const folder = workFolder(prefixed({ ...table, ...alter }))
    const other = database.client()
    const [row] = await other.unsafe('SELECT pg_backend_pid() AS pid')
    const pid = Number(row?.['pid'])
    await other.unsafe('BEGIN; SELECT * FROM t').simple()
    const environment = { DATABASE_URL: database.url, MIGRATION_LOCK_TIMEOUT: '100ms' }
    /** Only what is older than the lock timeout counts. */
    const found = async (folderOfFiles: string): Promise<Diagnosis> => {
      let diagnosis = await diagnosed(folderOfFiles, environment)
      await until('the transaction counts as long', async () => {
        diagnosis = await diagnosed(folderOfFiles, environment)
        return diagnosis.of('transactions').detail.length > 0
      })
      return diagnosis
    }
    const diagnosis = await found(folder)
    expect(bad(diagnosis)).toEqual(['transactions'])
    // It may end in time: a warning.
    expect(diagnosis.exitCode).toBe(0)
    const { detail, advice } = diagnosis.of('transactions')
    expect(detail[0]).toContain(`pid ${pid}, `)
    expect(detail[0]).toContain('user postgres, idle in transaction, for ')
    expect(detail[1]).toContain('holds AccessShareLock on t; blocks pending files: t')
    expect(advice).toContain(`SELECT pg_terminate_backend(${pid});`)
    await other.unsafe('ROLLBACK')
    expect(bad(await diagnosed(folder, environment))).toEqual([])

    // An INSERT does not keep a reader out, and a reader no CREATE INDEX.
    await other.unsafe('BEGIN; SELECT * FROM t').simple()
    const index = workFolder(prefixed({ ...table, '2_i.sql': 'CREATE INDEX t_id_idx ON t (id)' }))
    const harmless = await found(index)
    expect(harmless.of('transactions').detail[1]).toBe('  holds AccessShareLock on t')
    await other.unsafe('ROLLBACK')
  })

  test('a session without snapshot and table is nobody’s trouble; the holder of the migration lock is named', async () => {
    const { database, gate } = await arrange(version, table)
    await gate('run')
    const folder = workFolder(prefixed({ ...table, '2_slow.sql': 'SELECT pg_sleep(60)' }))
    const environment = { DATABASE_URL: database.url, MIGRATION_LOCK_TIMEOUT: '1ms' }
    const rival = database.client()
    const { lockKeyOf } = await import('../../src/database/lock/key.ts')
    const key = lockKeyOf('schemagate.schema_migrations')
    await rival.unsafe(`BEGIN; SELECT pg_try_advisory_xact_lock(${key})`).simple()
    const { of, exitCode } = await diagnosed(
      folder,
      environment,
      '--migration-lock-wait-seconds',
      '7',
    )
    expect(of('migration_lock')).toMatchObject({ level: 'warning' })
    expect(of('migration_lock').sentence).toMatch(
      /^held by pid \d+, .*user postgres, from 127\.0\.0\.1, for \d+ s$/,
    )
    expect(of('migration_lock').advice).toMatch(/up to 7 s\..*SELECT pg_terminate_backend\(\d+\);$/)
    expect(of('transactions').level).toBe('ok')
    expect(exitCode).toBe(0)
    await rival.unsafe('ROLLBACK')
  })

  test('sessions of other roles that ours may not see into are counted, not passed over', async () => {
    const { database } = await arrange(version, table)
    await database.sql.unsafe('CREATE TABLE held (id int)')
    const other = database.client()
    await other.unsafe('BEGIN; SELECT * FROM held').simple()
    const environment = (url: string) => ({ DATABASE_URL: url, MIGRATION_LOCK_TIMEOUT: '1ms' })
    await asRole(
      database,
      'GRANT CREATE ON DATABASE ' + database.name + ' TO {role}',
      async (url, role) => {
        const folder = workFolder(prefixed({ '1_s.sql': 'CREATE SCHEMA s' }))
        const { of } = await diagnosed(folder, environment(url))
        expect(of('hidden_sessions').sentence).toMatch(/^1 session of another role/)
        await database.sql.unsafe(`GRANT pg_read_all_stats TO ${role}`)
        const seeing = await diagnosed(folder, environment(url))
        expect(seeing.all.map(({ topic }) => topic)).not.toContain('hidden_sessions')
        expect(seeing.of('transactions').detail[1]).toContain('holds AccessShareLock on held')
      },
    )
    await other.unsafe('ROLLBACK')
  })

  test('an INVALID index that a failed concurrent build left, with the SQL that takes it away', async () => {
    const { database, gate } = await arrange(version, table)
    await gate('run')
    const { sql } = database
    await sql.unsafe('INSERT INTO t VALUES (1), (1)')
    await expect(sql.unsafe('CREATE UNIQUE INDEX CONCURRENTLY t_id_key ON t (id)')).rejects.toThrow(
      'could not create unique index',
    )
    const folder = workFolder(prefixed(table))
    const environment = { DATABASE_URL: database.url }
    const diagnosis = await diagnosed(folder, environment)
    expect(diagnosis.exitCode).toBe(0)
    const { level, detail, advice } = diagnosis.of('invalid_indexes')
    expect(level).toBe('warning')
    expect(detail).toEqual(['t_id_key: CREATE UNIQUE INDEX t_id_key ON public.t USING btree (id)'])
    await sql.unsafe(/DROP INDEX CONCURRENTLY [^;]+/.exec(advice ?? '')?.[0] ?? '')
    expect((await diagnosed(folder, environment)).of('invalid_indexes').level).toBe('ok')
  })

  test('timeouts of role and database, where they come from and what they do', async () => {
    const { database } = await arrange(version, table)
    const { name, sql } = database
    await sql.unsafe(`ALTER DATABASE ${name} SET idle_in_transaction_session_timeout = '1min';
      ${version === '18' ? `ALTER DATABASE ${name} SET transaction_timeout = '2min';` : ''}
      ALTER DATABASE ${name} SET lock_timeout = '250ms'`)
    const grants = `GRANT CREATE ON DATABASE ${name} TO {role}; GRANT CREATE ON SCHEMA public TO {role};
      ALTER ROLE {role} SET statement_timeout = '30s'`
    await asRole(database, grants, async (url, role) => {
      const folder = workFolder(prefixed(table))
      const environment = { DATABASE_URL: url }
      const { of, exitCode } = await diagnosed(folder, environment)
      expect(exitCode).toBe(0)
      expect(of('timeouts').level).toBe('note')
      expect(of('timeouts').detail).toEqual([
        'idle_in_transaction_session_timeout = 60 s (of the database): off for migrations and for the connection that holds the lock',
        'lock_timeout = 250 ms (of the database): migrations run with 5s instead',
        'statement_timeout = 30 s (of the role): migrations run with 120s instead',
        ...(version === '18'
          ? [
              'transaction_timeout = 120 s (of the database): off for migrations and for the connection that holds the lock',
            ]
          : []),
      ])
      await sql.unsafe(`ALTER ROLE ${role} SET statement_timeout = '900ms'`)
      const short = await diagnosed(folder, environment)
      expect(short.of('timeouts')).toMatchObject({
        level: 'warning',
        advice: `ALTER ROLE ${role} RESET statement_timeout;`,
      })
    })
  })

  test('a read-only database: 4 with something pending, 0 with nothing, as run', async () => {
    const { database, gate } = await arrange(version, table)
    await gate('run')
    await database.sql.unsafe(
      `ALTER DATABASE ${database.name} SET default_transaction_read_only = on`,
    )
    const environment = { DATABASE_URL: database.url }
    const idle = await diagnosed(workFolder(prefixed(table)), environment)
    expect([idle.exitCode, idle.of('writes').level]).toEqual([0, 'note'])
    const folder = workFolder(prefixed({ ...table, ...alter }))
    const { exitCode, of } = await diagnosed(folder, environment)
    expect(of('writes')).toMatchObject({ level: 'problem', exit_code: 4 })
    expect(exitCode).toBe(4)
    expect((await runGate({ folder, environment })).exitCode).toBe(4)
  })

  test('writes nothing, takes no lock, and every statement is in a read-only transaction or a message that only asks', async () => {
    const { database } = await arrange(version, {}, 'CREATE TABLE t (id int)')
    const { name, serverLog } = database
    const before = await readCatalog(database)
    await administrator(version).unsafe(`ALTER DATABASE ${name} SET log_statement = 'all'`)
    const earlier = serverLog().length
    await asRole(
      database,
      'ALTER ROLE {role} SET default_transaction_read_only = on',
      async (url) => {
        const files = prefixed({
          ...table,
          ...alter,
          '3_q.sql': '-- @fingerprint sql SELECT false\nSELECT 1',
        })
        const { exitCode } = await diagnosed(workFolder(files), { DATABASE_URL: url })
        // A run could make no ledger, which is the gravest.
        expect(exitCode).toBe(2)
      },
    )
    const ours = (): readonly string[] =>
      serverLog()
        .slice(earlier)
        .filter((each) => each.includes('|schemagate/'))
    await until(
      'both sessions have ended in the log',
      () => ours().filter((each) => each.includes('disconnection')).length === 2,
    )
    const statements = ours()
      .filter((line) => line.includes('statement: '))
      .map((line) => line.slice(line.indexOf('statement: ') + 'statement: '.length))
    expect(statements.length).toBeGreaterThan(4)
    expect(statements.filter((statement) => !readingOnly.test(statement))).toEqual([])
    expect(await readCatalog(database)).toEqual(before)
  })
})

// Nothing of it depends on the version of the server.
describe('doctor, on any server', () => {
  test('files that run would refuse: told like anywhere, and the rest is looked at all the same', async () => {
    const { database, gate } = await arrange('18', table)
    await gate('run')
    const environment = { DATABASE_URL: database.url }
    const twice = workFolder(prefixed({ ...table, '01_again.sql': 'SELECT 1' }))
    const unreadable = await diagnosed(twice, environment)
    expect(unreadable.of('files').problems?.[0]?.code).toBe('duplicate-version')
    expect(unreadable.exitCode).toBe(4)
    expect(unreadable.of('ledger').sentence).toContain('1 row')

    const edited = workFolder(prefixed({ '1_t.sql': 'CREATE TABLE t (id bigint)' }))
    const refused = await diagnosed(edited, environment)
    expect(refused.of('migrations').problems?.map(({ code }) => code)).toEqual(['edited-file'])
    expect(refused.exitCode).toBe(4)

    const conflict = workFolder(
      prefixed({ ...table, '2_t.sql': 'ALTER TABLE t ADD b int, ADD c int' }),
    )
    await database.sql.unsafe('ALTER TABLE t ADD b int')
    const partial = await diagnosed(conflict, environment)
    expect(partial.of('migrations').problems?.map(({ code }) => code)).toEqual(['partial-state'])
    expect(partial.exitCode).toBe(4)

    await database.sql.unsafe(`UPDATE schemagate.schema_migrations SET state = 'running'`)
    const { of } = await diagnosed(workFolder(prefixed(table)), environment)
    expect(of('ledger')).toMatchObject({ level: 'warning', detail: ['version 1: 1_t'] })
  })

  test("data of others that a file takes away: found, with the run's exit code", async () => {
    const { database } = await arrange(serverVersions[0], {})
    await database.sql.unsafe('CREATE TABLE customer (id int); INSERT INTO customer VALUES (1)')
    const folder = workFolder(prefixed({ '1_d.sql': 'DROP TABLE customer' }))
    const environment = { DATABASE_URL: database.url }
    const { of, exitCode } = await diagnosed(folder, environment)
    expect(of('migrations').problems?.map(({ code }) => code)).toEqual(['data-loss'])
    expect(exitCode).toBe((await runGate({ folder, environment })).exitCode)
  })

  test('a server that does not answer, or refuses the login, ends as everywhere', async () => {
    const folder = workFolder(prefixed(table))
    const nobody = {
      DATABASE_URL: `postgresql://postgres@127.0.0.1:${await freePort()}/x`,
      DATABASE_WAIT_SECONDS: '0',
    }
    const unreachable = await runGate({ args: ['doctor'], folder, environment: nobody })
    expect(unreachable).toMatchObject({ exitCode: 69 })
    expect(unreachable.stdout).toContain('error[database-unreachable]')
    const { database } = await arrange('18', {})
    const wrong = { DATABASE_URL: `${database.url}_none` }
    const refused = await runGate({ args: ['doctor', '--json'], folder, environment: wrong })
    expect(refused.exitCode).toBe(2)
    expect(JSON.parse(refused.stdout)).toMatchObject({ problems: [{ code: 'login-refused' }] })
  })

  test('a role that may have one connection only: exits 75 as a run does', async () => {
    const { database } = await arrange('18', {})
    const grants = `GRANT CREATE ON DATABASE ${database.name} TO {role};
      GRANT CREATE ON SCHEMA public TO {role}; ALTER ROLE {role} CONNECTION LIMIT 1`
    await asRole(database, grants, async (url) => {
      const folder = workFolder(prefixed(table))
      const environment = { DATABASE_URL: url }
      const { of, exitCode } = await diagnosed(folder, environment)
      expect(of('second_connection')).toMatchObject({ level: 'problem', exit_code: 75 })
      expect(of('second_connection').detail[0]).toContain('SQLSTATE 53300')
      expect(exitCode).toBe(75)
      expect((await runGate({ folder, environment })).exitCode).toBe(75)
    })
  })

  test('it says that this container may not migrate', async () => {
    const { database } = await arrange('18', {})
    const environment = { DATABASE_URL: database.url, RUN_MIGRATIONS: '0' }
    const { of } = await diagnosed(workFolder(prefixed(table)), environment)
    expect(of('gate').sentence).toContain('RUN_MIGRATIONS=0')
  })
})
