// Operators, casts, event triggers and default privileges of migrations/objects/, with each kind of change; and who may not make them.

import { expect, test } from '@jest/globals'
import { arrange, queried, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'
import { runGate, type Files } from '../support/gate.ts'
import { base, pairsOf, upToDate } from '../support/object-changes.ts'
import { kinds } from '../support/object-kinds.ts'

test.each(pairsOf(kinds))('PostgreSQL $version: $name $change', async ({ check }) => {
  await check()
})

const login = 'object_kinds_app'

test.each(serverVersions)(
  'PostgreSQL %s: what only others may make is refused with who may, and leaves nothing',
  async (version) => {
    const scenario = await arrange(
      version,
      { ...base, 'objects/z.sql': 'CREATE VIEW app.v AS SELECT 1 AS n;\n' },
      `DO $$ BEGIN CREATE ROLE ${login} LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${login}', current_database()); END $$;
CREATE FUNCTION public.told() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;`,
    )
    const url = new URL(scenario.database.url)
    url.username = login
    url.password = 'x'
    const asOther = async (): Promise<string> => {
      const { exitCode, stdout } = await runGate({
        ...{ args: ['run'], folder: scenario.folder, environment: { DATABASE_URL: url.href } },
      })
      expect(exitCode).toBe(1)
      expect(await queried(scenario, "SELECT to_regclass('app.v')")).toEqual([null])
      return stdout
    }
    const file = 'objects/a.sql'
    const refusals: readonly (readonly [sql: string, words: string])[] = [
      [
        'CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION public.told();',
        'lets only a superuser make an event trigger',
      ],
      [
        'CREATE TEXT SEARCH TEMPLATE app.t (LEXIZE = dsimple_lexize);',
        'lets only a superuser make a text search template',
      ],
      [
        "CREATE FUNCTION app.f() RETURNS int LANGUAGE c AS 'x', 'y';",
        'lets only a superuser make a function in C',
      ],
      [
        'CREATE CAST (int AS box) WITH INOUT;',
        'lets only the owner of one of its two types make a cast',
      ],
      [
        'ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO PUBLIC;',
        'lets only members of a role change its default privileges',
      ],
    ]
    for (const [sql, words] of refusals) {
      scenario.write({ [file]: `${sql}\n` })
      const said = await asOther()
      expect(said).toContain(words)
      expect(said).toContain(`migrations/${file}:1`)
    }
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: operators that are commutator and negator of each other, in any order',
  async (version) => {
    const compares = (name: string, sign: string): string =>
      `CREATE FUNCTION app.${name}(a int, b int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a ${sign} b $$;\n`
    const objects = (estimated: string): Files => ({
      ...base,
      'objects/less.sql': compares('less', '<'),
      'objects/more.sql': compares('more', '>'),
      'objects/not_less.sql': compares('not_less', '>='),
      'objects/a.sql': `CREATE OPERATOR app.<<< (FUNCTION = app.less, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(app.>>>), NEGATOR = OPERATOR(app.>==)${estimated});\n`,
      'objects/b.sql':
        'CREATE OPERATOR app.>>> (FUNCTION = app.more, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(app.<<<));\n',
      'objects/c.sql':
        'CREATE OPERATOR app.>== (FUNCTION = app.not_less, LEFTARG = int, RIGHTARG = int, NEGATOR = OPERATOR(app.<<<));\n',
    })
    const state = `SELECT concat_ws(' ', o.oid::regoperator, o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest)
      FROM pg_operator o WHERE o.oprnamespace = 'app'::regnamespace ORDER BY 1`
    const scenario = await arrange(version, objects(''))
    await runs(scenario)
    await upToDate(scenario)
    scenario.write(objects(', RESTRICT = scalarltsel'))
    await runs(scenario)
    await upToDate(scenario)
    const fresh = await arrange(version, objects(', RESTRICT = scalarltsel'))
    await runs(fresh)
    expect(await queried(scenario, state)).toEqual(await queried(fresh, state))
  },
)

test.each(serverVersions)(
  'PostgreSQL %s: default privileges of whoever runs the files; those of PostgreSQL itself are recorded, too',
  async (version) => {
    const files: Files = {
      ...base,
      'objects/z_standard.sql': 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;\n',
      'objects/z_tables.sql':
        'ALTER DEFAULT PRIVILEGES FOR USER CURRENT_USER IN SCHEMA app GRANT SELECT ON TABLES TO pg_monitor;\n',
      'objects/a.sql': 'CREATE VIEW app.v AS SELECT 1 AS n;\n',
    }
    const owner = `${login}_owner`
    const scenario = await arrange(
      version,
      files,
      `DO $$ BEGIN CREATE ROLE ${owner}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${owner}', current_database()); END $$`,
    )
    const { folder, database } = scenario
    const environment = { DATABASE_URL: database.url, MIGRATION_ROLE: owner }
    const run = await runGate({ folder, environment })
    expect(run).toMatchObject({ exitCode: 0 })
    const names = 'SELECT name FROM schemagate.schema_objects ORDER BY name'
    expect(await queried(scenario, names)).toEqual([
      `functions of ${owner}`,
      `tables of ${owner}`,
      'v',
    ])
    // They are there before what is made in the same run.
    const canRead = "SELECT has_table_privilege('pg_monitor', 'app.v', 'SELECT')"
    expect(await queried(scenario, canRead)).toEqual([true])
    const again = async (): Promise<void> => {
      const { stdout } = await runGate({ folder, environment })
      expect(stdout).toContain('up to date')
    }
    await again()
    await database.sql.unsafe(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`,
    )
    const drift = await runGate({ args: ['drift'], folder, environment })
    expect(drift.stdout).toContain(`different   default privileges functions of ${owner}`)
    const undone = await runGate({ folder, environment })
    expect(undone.stderr).toContain('somebody had changed it')
    expect(await queried(scenario, 'SELECT defaclobjtype FROM pg_default_acl')).toEqual(['r'])
    await again()
  },
)
