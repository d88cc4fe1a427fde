// A file may do what its role may do, but not rewrite what is recorded: after it the ledger is as the plan has read it, with the
// file's own row.

import { describe, expect, test } from '@jest/globals'
import { arrangeBackfill, fill, numbered } from '../support/backfill.ts'
import { idleCheats, ledger, refusedCheats } from '../support/cheats.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

const first = { 'migrations/1_a.sql': 'CREATE TABLE prey (id int)' }

const rowsOf = async ({ sql }: TestDatabase): Promise<unknown> => [
  ...(await sql.unsafe(
    `SELECT version::int AS v, state, ordinal::int AS o, length(checksum) - length(replace(checksum, '0', '')) < 60 AS checksum
    FROM ${ledger} ORDER BY 1`,
  )),
]

const row = (v: number) => ({ v, state: 'applied', o: v, checksum: true })

const cheatNames = `SELECT relname FROM pg_class WHERE relname ~ '^(cheat|late$)'
  UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^(cheat|late$)' UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'cheat'`

describe.each(serverVersions)('a file that cheats on PostgreSQL %s', (version) => {
  test.each(Object.entries(refusedCheats))(
    '%s is rolled back, and the ledger is as before',
    async (_, text) => {
      const database = await createDatabase(version)
      const { url, name, sql } = database
      const environment = { DATABASE_URL: url }
      await runGate({ folder: workFolder(first), environment })
      const folder = workFolder({
        ...first,
        'migrations/2_b.sql': text.replaceAll('{name}', name),
        'migrations/3_c.sql': 'CREATE TABLE c (id int)',
      })
      const { exitCode, stdout, stderr } = await runGate({ folder, environment })
      expect({ exitCode, stdout }).toEqual({
        exitCode: expect.any(Number),
        stdout: expect.stringContaining('error['),
      })
      expect([1, 4, 75]).toContain(exitCode)
      expect(stderr).not.toContain('applied migrations/2_b.sql')
      expect(await rowsOf(database)).toEqual([row(1)])
      expect([...(await sql.unsafe(cheatNames))]).toEqual([])
    },
  )

  test.each(Object.entries(idleCheats))('%s has no effect on the ledger', async (_, text) => {
    const database = await createDatabase(version)
    const folder = workFolder({
      ...first,
      'migrations/2_b.sql': text,
      'migrations/3_c.sql': 'CREATE TABLE c (id int)',
    })
    const environment = { DATABASE_URL: database.url }
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
    expect(await rowsOf(database)).toEqual([row(1), row(2), row(3)])
    expect(await runGate({ folder, environment })).toMatchObject({ exitCode: 0 })
  })

  test('an event trigger of one file that edits the ledger in the next: the next is rolled back', async () => {
    const database = await createDatabase(version)
    const folder = workFolder({
      ...first,
      'migrations/2_b.sql': `CREATE FUNCTION cheat() RETURNS event_trigger LANGUAGE plpgsql AS
        $$BEGIN UPDATE ${ledger} SET version = 777 WHERE version::int = 1; END$$;
        CREATE EVENT TRIGGER cheat_${database.name} ON ddl_command_end EXECUTE FUNCTION cheat()`,
      'migrations/3_c.sql': 'CREATE TABLE c (id int)',
    })
    const { exitCode, stdout } = await runGate({
      folder,
      environment: { DATABASE_URL: database.url },
    })
    expect(stdout).toContain('error[not-recorded]: migrations/3_c.sql')
    expect({ exitCode, rows: await rowsOf(database) }).toEqual({
      exitCode: 1,
      rows: [row(1), row(2)],
    })
  })

  test.each([
    ['a procedure', '-- @transaction off\nCALL cheat()'],
    ['a DO block', `DO $$BEGIN DELETE FROM ${ledger} WHERE version::int = 1; COMMIT; END$$`],
  ])(
    '%s that edits the ledger and commits, where no transaction of ours is, is told before anything more runs',
    async (_, text) => {
      const { url, sql } = await createDatabase(version)
      await sql`CREATE TABLE given (id int)`
      const folder = workFolder({
        'migrations/1_a.sql': 'INSERT INTO given VALUES (1)',
        'migrations/2_b.sql': `CREATE PROCEDURE cheat() LANGUAGE plpgsql AS
        $$BEGIN DELETE FROM ${ledger} WHERE version::int = 1; COMMIT; END$$`,
        'migrations/3_c.sql': text,
        'migrations/4_d.sql': 'CREATE TABLE d (id int)',
      })
      const environment = { DATABASE_URL: url }
      const { exitCode, stdout } = await runGate({ folder, environment })
      expect(stdout).toContain(`something other than schemagate changed ${ledger}`)
      expect(exitCode).toBe(1)
      // The file that has no row any more would run again behind the one that was begun.
      const again = await runGate({ folder, environment })
      expect(again.stdout).toContain('error[statement-in-doubt]: statement 1 of migrations/3_c.sql')
      expect(again.exitCode).toBe(4)
      expect(await sql`SELECT to_regclass('d')::text AS d, id FROM given`).toEqual([
        { d: null, id: 1 },
      ])
    },
  )

  test('a trigger put on the ledger, where no transaction of ours is, has not run when it is told', async () => {
    const { url, sql } = await createDatabase(version)
    const folder = workFolder({
      ...first,
      'migrations/2_b.sql': `CREATE FUNCTION cheat() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN INSERT INTO public.prey VALUES (1); RETURN NULL; END$$;
        CREATE PROCEDURE cheat_on() LANGUAGE plpgsql AS
        $$BEGIN CREATE TRIGGER cheat AFTER UPDATE ON ${ledger} FOR EACH ROW EXECUTE FUNCTION public.cheat(); COMMIT; END$$`,
      'migrations/3_c.sql': '-- @transaction off\nCALL cheat_on();',
    })
    const environment = { DATABASE_URL: url }
    const told = await runGate({ folder, environment })
    expect(told.stdout).toContain(`something other than schemagate changed ${ledger}`)
    expect(told.exitCode).toBe(1)
    const again = await runGate({ folder, environment })
    expect(again.stdout).toContain('DROP TRIGGER cheat ON schemagate.schema_migrations')
    expect(again.exitCode).toBe(4)
    expect(await sql`SELECT count(*)::int AS n FROM prey`).toEqual([{ n: 0 }])
  })

  test.each([
    [
      'by its statement',
      '',
      `-- @table ${ledger}\n-- @key version\nUPDATE ${ledger} SET checksum = 'x' WHERE :batch`,
    ],
    [
      'by a trigger',
      `CREATE FUNCTION cheat() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM ${ledger}; RETURN NEW; END$$;
      CREATE TRIGGER cheat BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION cheat()`,
      fill(),
    ],
  ])(
    'a batch of a backfill that changes the ledger %s is rolled back',
    async (_, trigger, text) => {
      const scenario = await arrangeBackfill(version, numbered(10), { cheat: text })
      const { url, sql } = scenario.database
      const folder = workFolder(first)
      expect(await runGate({ folder, environment: { DATABASE_URL: url } })).toMatchObject({
        exitCode: 0,
      })
      await sql.unsafe(trigger)
      const { exitCode, stdout } = await scenario.run('cheat', '--strict')
      expect(stdout).toContain('error[backfill-wrote-ledger]: migrations/backfills/cheat.sql')
      expect(exitCode).toBe(1)
      expect(await rowsOf(scenario.database)).toEqual([row(1)])
      expect(await sql`SELECT FROM t WHERE filled = 1`).toHaveLength(0)
    },
  )
})
