// The table that each tool keeps of what it has applied, made and filled as the tool does it: for tests that take it over.

import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { DialectFolder } from './dialect-folders.ts'

export type ToolTable = {
  readonly table: string
  /** As the tool makes it. */
  readonly create: string
  /** After it has applied the first `count` files. */
  readonly rows: (folder: DialectFolder, count: number) => readonly string[]
  /** As it leaves file `at` (from 0) when it failed, in words of SQL; undefined where it leaves nothing. */
  readonly failed?: (folder: DialectFolder, at: number) => readonly string[]
  /** SQL that yields the versions it takes for applied, one a row, as `version`. */
  readonly applied: string
  /** Columns by which its rows stand in the order in which they came. */
  readonly orderBy: string
  /** The key of its advisory lock in a database of this name; undefined where it takes none. */
  readonly lock?: (database: string) => bigint
  /** An expression that changes a checksum. */
  readonly edited?: string
}

const entryOf = (folder: DialectFolder, at: number): string => {
  const version = folder.versions[at] ?? ''
  const found = upFiles(folder)[at]
  if (found === undefined) throw new Error(`no file of ${version}`)
  return found
}

/** In the order of the versions. */
const upFiles = ({ dialect, files, versions }: DialectFolder): readonly string[] => {
  const names = Object.keys(files).filter(
    (name) =>
      name.endsWith('.sql') && !/down\.sql$|^U\d|current\.sql|mysql|_all\.sql|^B1__/.test(name),
  )
  const numberOf = (name: string): string => {
    if (dialect === 'flyway')
      return (/(?:^|\/)(?:V|B(?=3))([\d._]+?)__/.exec(name)?.[1] ?? '').replaceAll('_', '.')
    if (dialect === 'sql-migrate') return name
    if (dialect === 'drizzle' || dialect === 'prisma')
      return name.replace(/\/?(?:migration)?\.sql$/, '')
    if (dialect === 'sqitch') return name.replace('deploy/', '').replace('.sql', '')
    if (dialect === 'node-pg-migrate') return name.replace('.sql', '')
    if (dialect === 'diesel') return name.replace(/_.*/, '').replaceAll('-', '')
    const digits = /\d+/.exec(name)?.[0] ?? ''
    return /^(?:golang-migrate|goose|sqlx|tern|hasura)$/.test(dialect)
      ? digits.replace(/^0+/, '')
      : digits
  }
  return versions.map((version) => {
    const found = names.find((name) => numberOf(name) === version.replace(/^B/, ''))
    if (found === undefined) throw new Error(`no file of ${version} among ${names.join(', ')}`)
    return found
  })
}

const textOf = (folder: DialectFolder, at: number): string =>
  String(folder.files[entryOf(folder, at)])

const sum = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text).digest('hex')

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

const each =
  (row: (folder: DialectFolder, at: number, version: string) => string): ToolTable['rows'] =>
  (folder, count) =>
    range(count).map((at) => row(folder, at, folder.versions[at] ?? ''))

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const flywaySum = (text: string): number => crc32(text.replace(/\r?\n/g, '')) | 0

const sqitchRegistry = `CREATE SCHEMA sqitch;
  CREATE TABLE sqitch.projects (project TEXT PRIMARY KEY, uri TEXT NULL UNIQUE, created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    creator_name TEXT NOT NULL, creator_email TEXT NOT NULL);
  CREATE TABLE sqitch.changes (change_id TEXT PRIMARY KEY, script_hash TEXT NULL, change TEXT NOT NULL, project TEXT NOT NULL REFERENCES sqitch.projects(project) ON UPDATE CASCADE,
    note TEXT NOT NULL DEFAULT '', committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at TIMESTAMPTZ NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE(project, script_hash));
  CREATE TABLE sqitch.tags (tag_id TEXT PRIMARY KEY, tag TEXT NOT NULL, project TEXT NOT NULL REFERENCES sqitch.projects(project) ON UPDATE CASCADE,
    change_id TEXT NOT NULL REFERENCES sqitch.changes(change_id) ON UPDATE CASCADE, note TEXT NOT NULL DEFAULT '', committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    committer_name TEXT NOT NULL, committer_email TEXT NOT NULL, planned_at TIMESTAMPTZ NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE(project, tag));
  CREATE TABLE sqitch.dependencies (change_id TEXT NOT NULL REFERENCES sqitch.changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE, type TEXT NOT NULL, dependency TEXT NOT NULL,
    dependency_id TEXT NULL REFERENCES sqitch.changes(change_id) ON UPDATE CASCADE, PRIMARY KEY (change_id, dependency));
  CREATE TABLE sqitch.events (event TEXT NOT NULL, change_id TEXT NOT NULL, change TEXT NOT NULL, project TEXT NOT NULL REFERENCES sqitch.projects(project) ON UPDATE CASCADE,
    note TEXT NOT NULL DEFAULT '', requires TEXT[] NOT NULL DEFAULT '{}', conflicts TEXT[] NOT NULL DEFAULT '{}', tags TEXT[] NOT NULL DEFAULT '{}',
    committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), committer_name TEXT NOT NULL, committer_email TEXT NOT NULL, planned_at TIMESTAMPTZ NOT NULL,
    planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, PRIMARY KEY (change_id, committed_at));
  INSERT INTO sqitch.projects (project, uri, creator_name, creator_email) VALUES ('shop', 'https://example.com/shop', 'Ann B', 'ann@example.com')`

export const toolTables: Readonly<Record<string, ToolTable>> = {
  'golang-migrate': {
    table: 'public.schema_migrations',
    orderBy: 'version',
    create:
      'CREATE TABLE public.schema_migrations (version bigint not null primary key, dirty boolean not null)',
    rows: ({ versions }, count) =>
      count === 0
        ? []
        : [`INSERT INTO public.schema_migrations VALUES (${versions[count - 1] ?? ''}, false)`],
    failed: ({ versions }, at) => [
      'TRUNCATE public.schema_migrations',
      `INSERT INTO public.schema_migrations VALUES (${versions[at] ?? ''}, true)`,
    ],
    applied: `SELECT version::text FROM public.schema_migrations WHERE NOT dirty`,
    lock: (database) =>
      BigInt.asUintN(32, BigInt(crc32(`public\0schema_migrations\0${database}`)) * 1_486_364_155n),
  },
  goose: {
    table: 'public.goose_db_version',
    orderBy: 'id',
    create: `CREATE TABLE public.goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
      version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now());
      INSERT INTO public.goose_db_version (version_id, is_applied) VALUES (0, true)`,
    rows: each(
      (_, __, version) =>
        `INSERT INTO public.goose_db_version (version_id, is_applied) VALUES (${version}, true)`,
    ),
    applied: `SELECT version_id::text AS version FROM public.goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id`,
    lock: () => 4_097_083_626n,
  },
  dbmate: {
    table: 'public.schema_migrations',
    orderBy: 'version',
    create: 'CREATE TABLE public.schema_migrations (version varchar primary key)',
    rows: each((_, __, version) => `INSERT INTO public.schema_migrations VALUES ('${version}')`),
    applied: 'SELECT version FROM public.schema_migrations ORDER BY 1',
  },
  prisma: {
    table: 'public._prisma_migrations',
    orderBy: 'migration_name',
    create: `CREATE TABLE public._prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0)`,
    rows: each(
      (folder, at, version) =>
        `INSERT INTO public._prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
        VALUES (gen_random_uuid(), '${sum('sha256', textOf(folder, at))}', now(), '${version}', 1)`,
    ),
    failed: (folder, at) => [
      `INSERT INTO public._prisma_migrations (id, checksum, migration_name, logs)
      VALUES (gen_random_uuid(), '${sum('sha256', textOf(folder, at))}', '${folder.versions[at] ?? ''}', 'a database error')`,
    ],
    applied: `SELECT migration_name AS version FROM public._prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
    lock: () => 72_707_369n,
    edited: `checksum = repeat('0', 64)`,
  },
  sqlx: {
    table: 'public._sqlx_migrations',
    orderBy: 'version',
    create: `CREATE TABLE public._sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
      success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)`,
    rows: each(
      (folder, at, version) =>
        `INSERT INTO public._sqlx_migrations VALUES (${version}, 'x', now(), true, decode('${sum('sha384', textOf(folder, at))}', 'hex'), 1)`,
    ),
    failed: (folder, at) => [
      `INSERT INTO public._sqlx_migrations VALUES (${folder.versions[at] ?? ''}, 'x', now(), false, decode('${sum('sha384', textOf(folder, at))}', 'hex'), -1)`,
    ],
    applied: 'SELECT version::text FROM public._sqlx_migrations m WHERE success ORDER BY m.version',
    lock: (database) => BigInt.asIntN(64, 0x3d_32_ad_9en * BigInt(crc32(database))),
    edited: `checksum = '\\x00'`,
  },
  diesel: {
    table: 'public.__diesel_schema_migrations',
    orderBy: 'version',
    create:
      'CREATE TABLE public.__diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)',
    rows: each(
      (_, __, version) =>
        `INSERT INTO public.__diesel_schema_migrations (version) VALUES ('${version}')`,
    ),
    applied: 'SELECT version FROM public.__diesel_schema_migrations ORDER BY 1',
  },
  hasura: {
    table: 'hdb_catalog.hdb_version',
    orderBy: 'version',
    create: `CREATE SCHEMA hdb_catalog; CREATE TABLE hdb_catalog.hdb_version (hasura_uuid uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
      version text NOT NULL, upgraded_on timestamptz NOT NULL, cli_state jsonb NOT NULL DEFAULT '{}'::jsonb, console_state jsonb NOT NULL DEFAULT '{}'::jsonb);
      INSERT INTO hdb_catalog.hdb_version (version, upgraded_on, cli_state) VALUES ('48', now(), '{"settings": {}, "migrations": {"default": {}}, "isStateCopyCompleted": true}')`,
    rows: each(
      (_, __, version) =>
        `UPDATE hdb_catalog.hdb_version SET cli_state = jsonb_set(cli_state, '{migrations,default,${version}}', 'false')`,
    ),
    failed: ({ versions }, at) => [
      `UPDATE hdb_catalog.hdb_version SET cli_state = jsonb_set(cli_state, '{migrations,default,${versions[at] ?? ''}}', 'true')`,
    ],
    applied: `SELECT key AS version FROM hdb_catalog.hdb_version, jsonb_each(cli_state -> 'migrations' -> 'default') WHERE value = 'false' ORDER BY 1`,
  },
  supabase: {
    table: 'supabase_migrations.schema_migrations',
    orderBy: 'version',
    create:
      'CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY, statements text[], name text)',
    rows: each(
      (folder, at, version) =>
        `INSERT INTO supabase_migrations.schema_migrations VALUES ('${version}', ARRAY[${quoted(textOf(folder, at))}], 'x')`,
    ),
    applied: 'SELECT version FROM supabase_migrations.schema_migrations ORDER BY 1',
  },
  'node-pg-migrate': {
    table: 'public.pgmigrations',
    orderBy: 'id',
    create:
      'CREATE TABLE public.pgmigrations (id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)',
    rows: each(
      (_, __, version) =>
        `INSERT INTO public.pgmigrations (name, run_on) VALUES ('${version}', now())`,
    ),
    applied: 'SELECT name AS version FROM public.pgmigrations ORDER BY id',
    lock: () => 7_241_865_325_823_964n,
  },
  drizzle: {
    table: 'drizzle.__drizzle_migrations',
    orderBy: 'created_at',
    create:
      'CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
    rows: each(
      (folder, at, version) =>
        `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('${sum('sha256', textOf(folder, at))}', ${
          'meta/_journal.json' in folder.files
            ? 1_700_000_000_000 + at
            : Date.parse(version.replace(/^(....)(..)(..)(..)(..)(..).*/, '$1-$2-$3T$4:$5:$6Z'))
        })`,
    ),
    applied: 'SELECT hash AS version FROM drizzle.__drizzle_migrations ORDER BY created_at',
    edited: `hash = 'x'`,
  },
  tern: {
    table: 'public.schema_version',
    orderBy: 'version',
    create:
      'CREATE TABLE public.schema_version (version int4 NOT NULL); INSERT INTO public.schema_version VALUES (0)',
    rows: (_, count) => [`UPDATE public.schema_version SET version = ${count}`],
    applied: 'SELECT version::text FROM public.schema_version',
    lock: () => 9_628_173_550_095_224n,
  },
  'sql-migrate': {
    table: 'public.gorp_migrations',
    orderBy: 'id',
    create:
      'CREATE TABLE public.gorp_migrations (id text NOT NULL PRIMARY KEY, applied_at timestamptz)',
    rows: each(
      (_, __, version) => `INSERT INTO public.gorp_migrations VALUES ('${version}', now())`,
    ),
    applied: 'SELECT id AS version FROM public.gorp_migrations ORDER BY 1',
  },
  flyway: {
    table: 'public.flyway_schema_history',
    orderBy: 'installed_rank',
    create: `CREATE TABLE public.flyway_schema_history (installed_rank INT NOT NULL, version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL,
      script VARCHAR(1000) NOT NULL, checksum INTEGER, installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL);
      ALTER TABLE public.flyway_schema_history ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);
      CREATE INDEX flyway_schema_history_s_idx ON public.flyway_schema_history (success)`,
    rows: each(
      (
        folder,
        at,
        version,
      ) => `INSERT INTO public.flyway_schema_history VALUES (${at + 1}, '${version.replace('B', '')}', 'x',
        '${version.startsWith('B') ? 'SQL_BASELINE' : 'SQL'}', '${entryOf(folder, at)}', ${flywaySum(textOf(folder, at))}, 'postgres', now(), 1, true)`,
    ),
    failed: (folder, at) => [
      `INSERT INTO public.flyway_schema_history VALUES (${at + 1}, '${folder.versions[at] ?? ''}', 'x', 'SQL', '${entryOf(folder, at)}', ${flywaySum(textOf(folder, at))}, 'postgres', now(), 1, false)`,
    ],
    applied: `SELECT CASE WHEN type = 'SQL_BASELINE' THEN 'B' ELSE '' END || version AS version FROM public.flyway_schema_history WHERE success ORDER BY installed_rank`,
    lock: () => {
      const name = '"public"."flyway_schema_history"'
      let hash = 0
      for (const character of name) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0
      return 77_431_708_279_161n + BigInt(hash)
    },
    edited: 'checksum = checksum + 1',
  },
  atlas: {
    table: 'atlas_schema_revisions.atlas_schema_revisions',
    orderBy: 'version',
    create: `CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version varchar NOT NULL PRIMARY KEY, description varchar NOT NULL,
      type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0, total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL,
      error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb, operator_version varchar NOT NULL);
      INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('.atlas_cloud_identifier', 'x', 2, 0, 0, now(), 0, '', '', '', 'null', 'Atlas CLI')`,
    rows: each(
      (folder, at, version) =>
        `INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('${version}', 'x', 2, 2, 2, now(), 1, '', '', '${atlasSum(folder, at)}', 'null', 'Atlas CLI')`,
    ),
    failed: (folder, at) => [
      `INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('${folder.versions[at] ?? ''}', 'x', 2, 1, 2, now(), 1, 'failed', 'SELECT', '${atlasSum(folder, at)}', 'null', 'Atlas CLI')`,
    ],
    applied: `SELECT version FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total AND version NOT LIKE '.%' ORDER BY 1`,
    edited: `hash = 'x'`,
  },
  'graphile-migrate': {
    table: 'graphile_migrate.migrations',
    orderBy: 'filename',
    create: `CREATE SCHEMA graphile_migrate; CREATE TABLE graphile_migrate.migrations (hash text PRIMARY KEY, previous_hash text REFERENCES graphile_migrate.migrations,
      filename text NOT NULL, date timestamptz NOT NULL DEFAULT now())`,
    rows: each((folder, at) => {
      const [, previous = '', hash = ''] =
        /^--! Previous: (.*)\n--! Hash: (.*)/.exec(textOf(folder, at)) ?? []
      return `INSERT INTO graphile_migrate.migrations (hash, previous_hash, filename)
        VALUES ('${hash}', ${previous === '-' ? 'NULL' : `'${previous}'`}, '${entryOf(folder, at).replace('committed/', '')}')`
    }),
    applied: `SELECT left(filename, 6) AS version FROM graphile_migrate.migrations ORDER BY 1`,
    lock: () => 4_727_445_306_447_283n,
    edited: `hash = 'sha1:' || hash`,
  },
  sqitch: {
    table: 'sqitch.changes',
    orderBy: 'committed_at',
    create: sqitchRegistry,
    rows: each((folder, at, version) => {
      const [id = '', note = '', planner = 'Ann B', email = 'ann@example.com'] =
        sqitchChanges[at] ?? []
      return `INSERT INTO sqitch.changes (change_id, script_hash, change, project, note, committer_name, committer_email, planned_at, planner_name, planner_email)
        VALUES ('${id}', '${sum('sha1', textOf(folder, at))}', '${version}', 'shop', E'${note}', 'Ann B', 'ann@example.com', '2024-01-01T00:00:0${at < 2 ? at + 1 : at + 2}Z', '${planner}', '${email}')`
    }),
    applied: 'SELECT change AS version FROM sqitch.changes ORDER BY committed_at',
    lock: () => 75_474_063n,
    edited: `script_hash = 'x'`,
  },
  liquibase: {
    table: 'public.databasechangelog',
    orderBy: 'orderexecuted',
    create: `CREATE TABLE public.databasechangelog (id VARCHAR(255) NOT NULL, author VARCHAR(255) NOT NULL, filename VARCHAR(255) NOT NULL,
      dateexecuted TIMESTAMP WITHOUT TIME ZONE NOT NULL, orderexecuted INTEGER NOT NULL, exectype VARCHAR(10) NOT NULL, md5sum VARCHAR(35),
      description VARCHAR(255), comments VARCHAR(255), tag VARCHAR(255), liquibase VARCHAR(20), contexts VARCHAR(255), labels VARCHAR(255), deployment_id VARCHAR(10));
      CREATE TABLE public.databasechangeloglock (id INTEGER NOT NULL, locked BOOLEAN NOT NULL, lockgranted TIMESTAMP WITHOUT TIME ZONE, lockedby VARCHAR(255),
      CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (id)); INSERT INTO public.databasechangeloglock (id, locked) VALUES (1, false)`,
    rows: each((folder, at) => {
      const [filename = '', id, author] = folder.versions[at]?.split('::') ?? []
      const of = at === 1 ? `'(prod and !test)', 'x'` : 'NULL, NULL'
      return `INSERT INTO public.databasechangelog VALUES ('${id ?? ''}', '${author ?? ''}', '${filename === 'note' ? '' : 'db/'}${filename}', now(), ${at + 1}, 'EXECUTED',
        '${liquibaseSums[at] ?? ''}', 'sql', '${at === 0 ? 'the customers' : ''}', NULL, '4.28.0', ${of}, '6079684968')`
    }),
    applied: `SELECT filename || id AS version FROM public.databasechangelog ORDER BY orderexecuted`,
    edited: `md5sum = '9:0'`,
  },
  pop: {
    table: 'public.schema_migration',
    orderBy: 'version',
    create: `CREATE TABLE public.schema_migration (version VARCHAR(14) NOT NULL, PRIMARY KEY (version));
      CREATE UNIQUE INDEX schema_migration_version_idx ON public.schema_migration (version)`,
    rows: each((_, __, version) => `INSERT INTO public.schema_migration VALUES ('${version}')`),
    applied: 'SELECT version FROM public.schema_migration ORDER BY 1',
  },
}

/** As sqitch 1.3 has computed them of the plan. */
const sqitchChanges = [
  ['adfa6f31e97876cf4788954b058b40e3461da53a', 'The customers: "all"\\nof them'],
  ['6423db42f72acb3908c4feab8c945ac708602027'],
  ['e2047650aa1b2a538fe20d3dec5406557822dc73', 'idx', 'Bob', 'bob@example.com'],
  ['c326a31ac247daae0bf230e8255fdbddf9945835', 'note'],
] as const

/** Of the SQL of each changeset, as Liquibase 4.28 has computed them. */
const liquibaseSums = [
  '9:02801362fde857467d12d6feb73b5d9c',
  '9:bc42d01d3d1029ec1b24e4223af620be',
  '9:23ec84bf6fe9c56690f1d6587f14447a',
  '9:239f27c3a637f789305e7bda05186fdd',
]

const atlasSum = (folder: DialectFolder, at: number): string => {
  const name = entryOf(folder, at)
  const line = String(folder.files['atlas.sum'])
    .split('\n')
    .find((each) => each.startsWith(`${name} `))
  return line?.split(' h1:')[1] ?? ''
}
