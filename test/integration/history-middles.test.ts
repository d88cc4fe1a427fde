// Histories in which names, keys, sequences and types go on as something else: wherever psql stopped in them, the run ends in
// the catalog that psql ends in.

import { describe, expect, test } from '@jest/globals'
import { renderProblem } from '../../src/report/formats/problem-text.ts'
import { clearBench, makeBench, runBench, type Bench } from '../support/bench.ts'
import { readCatalog } from '../support/catalog.ts'
import { serverVersions } from '../support/servers.ts'
import '../unit/one-realm.ts'

type History = readonly string[]

const namesOfDropped: Readonly<Record<string, History>> = {
  'a key under the name of the one that goes with its column': [
    'CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL)',
    'ALTER TABLE t DROP COLUMN id, ADD PRIMARY KEY (a)',
  ],
  'a key of several columns, one of which goes': [
    'CREATE TABLE t (a int, b int, c int, PRIMARY KEY (a, b), UNIQUE (b, c))',
    'ALTER TABLE t DROP COLUMN b, ADD PRIMARY KEY (a), ADD UNIQUE (c)',
    'ALTER TABLE t DROP COLUMN c, ADD COLUMN c bigint UNIQUE',
  ],
  'a check, a foreign key and an index under the names of those before': [
    'CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0) REFERENCES t); CREATE INDEX t_a_idx ON t (a)',
    'ALTER TABLE t DROP COLUMN a, ADD COLUMN a bigint CHECK (a > 1) REFERENCES t; CREATE INDEX ON t (a)',
  ],
  'an exclusion under the name of the one before': [
    'CREATE TABLE t (a int, r int4range, EXCLUDE USING gist (r WITH &&))',
    'ALTER TABLE t DROP COLUMN r, ADD COLUMN r int8range, ADD EXCLUDE USING gist (r WITH &&)',
  ],
  'a key that is the replica identity, in a schema of its own': [
    'CREATE SCHEMA "S"; CREATE TABLE "S"."T" ("Id" int NOT NULL UNIQUE, a int); ALTER TABLE "S"."T" REPLICA IDENTITY USING INDEX "T_Id_key"',
    'ALTER TABLE "S"."T" DROP COLUMN "Id", ADD COLUMN "Id" bigint NOT NULL UNIQUE',
    'ALTER TABLE "S"."T" REPLICA IDENTITY USING INDEX "T_Id_key"',
  ],
  'a key that others stand on, by CASCADE': [
    'CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL); CREATE TABLE o (t int REFERENCES t)',
    'ALTER TABLE t DROP COLUMN id CASCADE, ADD PRIMARY KEY (a)',
    'ALTER TABLE o ADD FOREIGN KEY (t) REFERENCES t',
  ],
  'the key of a partitioned table, and of its partitions': [
    'CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE q PARTITION OF p DEFAULT',
    'ALTER TABLE p DROP COLUMN id, ADD PRIMARY KEY (at)',
  ],
  'the keys of an heir': [
    'CREATE TABLE t (a int); CREATE TABLE h (id int PRIMARY KEY) INHERITS (t)',
    'ALTER TABLE h DROP COLUMN id, ADD COLUMN b int PRIMARY KEY',
  ],
  'a key that goes with its constraint': [
    'CREATE TABLE t (a int NOT NULL, b int NOT NULL, CONSTRAINT t_pkey UNIQUE (a))',
    'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (b)',
  ],
}

const keysOverIndexes: Readonly<Record<string, History>> = {
  'a key that goes on over an index, under its own name': [
    'CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX t_unique ON t (a, b)',
    'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_unique',
  ],
  'a key of the name that a key over an index had': [
    'CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX t_ab ON t (a, b); ALTER TABLE t ADD CONSTRAINT t_key UNIQUE USING INDEX t_ab',
    'ALTER TABLE t DROP CONSTRAINT t_key',
    'ALTER TABLE t ADD CONSTRAINT t_key UNIQUE (b)',
    'ALTER TABLE t DROP CONSTRAINT t_key; CREATE UNIQUE INDEX t_key ON t (a)',
  ],
  'the recipe for a key that is replaced': [
    'CREATE TABLE t (a int NOT NULL, b bigint NOT NULL, CONSTRAINT k PRIMARY KEY (a))',
    'CREATE UNIQUE INDEX k_new ON t (b)',
    'ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k PRIMARY KEY USING INDEX k_new',
    'ALTER TABLE t DROP COLUMN a',
    'ALTER TABLE t RENAME COLUMN b TO a',
  ],
  'all that an index says': [
    'CREATE SCHEMA "S"; CREATE TABLE "S"."T" ("A" int, b int, c text, d text)',
    'CREATE UNIQUE INDEX "I" ON "S"."T" (b, "A") INCLUDE (c, d) NULLS NOT DISTINCT',
    'ALTER TABLE "S"."T" ADD CONSTRAINT "K" UNIQUE USING INDEX "I" DEFERRABLE INITIALLY DEFERRED',
    'ALTER TABLE "S"."T" RENAME CONSTRAINT "K" TO "I"',
    'ALTER TABLE "S"."T" RENAME TO "U"; ALTER INDEX "S"."I" RENAME TO "J"',
    'ALTER TABLE "S"."U" SET SCHEMA public',
  ],
  'an index that becomes a key under its own name, and one that takes the former': [
    'CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX i ON t (a)',
    'ALTER TABLE t ADD CONSTRAINT i UNIQUE USING INDEX i',
    'ALTER INDEX i RENAME TO j; CREATE UNIQUE INDEX i ON t (b)',
    'ALTER TABLE t ADD PRIMARY KEY USING INDEX i',
    'ALTER TABLE t DROP CONSTRAINT j, DROP CONSTRAINT i, ADD CONSTRAINT j UNIQUE (a, b), ADD CONSTRAINT i CHECK (a > 0)',
  ],
  'a name that is an index, an exclusion and a key in turn': [
    'CREATE TABLE t (a int, r int4range); CREATE INDEX x ON t (a)',
    'DROP INDEX x; ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (r WITH &&)',
    'ALTER TABLE t DROP CONSTRAINT x, ADD CONSTRAINT x UNIQUE (a)',
    'ALTER TABLE t DROP CONSTRAINT x; CREATE UNIQUE INDEX x ON t (a)',
    'ALTER TABLE t ADD CONSTRAINT x PRIMARY KEY USING INDEX x',
  ],
  'the key of an heir, and of a table with an identity': [
    'CREATE TABLE t (a int NOT NULL, b int GENERATED ALWAYS AS IDENTITY); CREATE TABLE h () INHERITS (t); CREATE UNIQUE INDEX i ON h (a); CREATE UNIQUE INDEX j ON t (b)',
    'ALTER TABLE h ADD CONSTRAINT k PRIMARY KEY USING INDEX i; ALTER TABLE t ADD CONSTRAINT k2 PRIMARY KEY USING INDEX j',
    'ALTER TABLE t REPLICA IDENTITY USING INDEX k2; ALTER TABLE h DROP CONSTRAINT k',
    'ALTER TABLE h ADD CONSTRAINT k UNIQUE (b, a)',
  ],
}

const sequencesOfColumns: Readonly<Record<string, History>> = {
  'a sequence that goes with its column': [
    'CREATE TABLE t (id int NOT NULL, x int); CREATE SEQUENCE t_id_seq; ALTER SEQUENCE t_id_seq OWNED BY t.id',
    'ALTER TABLE t DROP COLUMN id',
  ],
  'one that is owned from the start, and renamed with its column and table': [
    'CREATE SCHEMA "S"; CREATE TABLE "S"."T" ("Id" int, b int); CREATE SEQUENCE "S".q OWNED BY "S"."T"."Id"',
    'ALTER TABLE "S"."T" RENAME COLUMN "Id" TO id; ALTER TABLE "S"."T" RENAME TO u',
    'ALTER TABLE "S".u SET SCHEMA public; ALTER SEQUENCE q RENAME TO r',
    'ALTER TABLE u DROP COLUMN id',
    'CREATE SEQUENCE r OWNED BY u.b; ALTER SEQUENCE r OWNED BY NONE',
    'DROP TABLE u',
  ],
  'one that another column gets': [
    'CREATE TABLE t (a int, b int); CREATE SEQUENCE q OWNED BY t.a',
    'ALTER SEQUENCE q OWNED BY t.b',
    'ALTER TABLE t DROP COLUMN a',
    'ALTER TABLE t DROP COLUMN b',
  ],
  'one that another table takes its values from, by CASCADE': [
    "CREATE TABLE t (a int, b int); CREATE SEQUENCE q OWNED BY t.a; CREATE TABLE o (a int DEFAULT nextval('q'))",
    'ALTER TABLE t DROP COLUMN a CASCADE',
  ],
  'those of a serial and of identities, spoken of by name': [
    'CREATE TABLE t (a serial, b int GENERATED ALWAYS AS IDENTITY, c int GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME q), d int NOT NULL)',
    "COMMENT ON SEQUENCE t_a_seq IS 'of a'; COMMENT ON SEQUENCE q IS 'of c'; ALTER SEQUENCE t_b_seq RENAME TO s",
    'ALTER TABLE t ALTER COLUMN d ADD GENERATED ALWAYS AS IDENTITY',
    "COMMENT ON SEQUENCE t_d_seq IS 'of d'; ALTER TABLE t ALTER COLUMN b SET GENERATED BY DEFAULT",
    'ALTER TABLE t DROP COLUMN a, DROP COLUMN c, ALTER COLUMN d DROP IDENTITY, ALTER COLUMN b DROP IDENTITY',
  ],
  'a serial after a serial of the same name': [
    'CREATE TABLE t (id serial, a int)',
    'ALTER TABLE t RENAME TO u; CREATE TABLE t (id bigserial)',
    "COMMENT ON SEQUENCE t_id_seq1 IS 'of t'; ALTER TABLE u DROP COLUMN id, ADD COLUMN id bigserial",
    "COMMENT ON SEQUENCE u_id_seq IS 'of u'; DROP TABLE t",
  ],
  'a serial that gives its sequence away': [
    'CREATE TABLE t (id serial, a int)',
    'ALTER SEQUENCE t_id_seq OWNED BY NONE; ALTER TABLE t ALTER COLUMN id DROP DEFAULT',
    'ALTER TABLE t DROP COLUMN id',
    'ALTER SEQUENCE t_id_seq RENAME TO s',
  ],
  'the sequences of a partitioned table and of an heir': [
    'CREATE TABLE p (id bigserial, at date) PARTITION BY RANGE (at); CREATE TABLE q PARTITION OF p DEFAULT; CREATE TABLE i (a int); CREATE TABLE h (id serial) INHERITS (i)',
    "COMMENT ON SEQUENCE p_id_seq IS 'of p'; COMMENT ON SEQUENCE h_id_seq IS 'of h'",
    'ALTER TABLE p DROP COLUMN id; ALTER TABLE h DROP COLUMN id',
  ],
}

const enums: Readonly<Record<string, History>> = {
  'an enum that a wider one takes the name of': [
    "CREATE TYPE e AS ENUM ('a')",
    "ALTER TYPE e ADD VALUE 'b'",
    "CREATE TYPE e_new AS ENUM ('a', 'b', 'c'); DROP TYPE e; ALTER TYPE e_new RENAME TO e",
  ],
  'one that is put aside, and gone later': [
    "CREATE TYPE \"E\" AS ENUM ('a, b', 'c'); CREATE TABLE t (e \"E\" DEFAULT 'c')",
    `ALTER TYPE "E" ADD VALUE 'd' BEFORE 'c'; ALTER TYPE "E" ADD VALUE 'it''s'`,
    `ALTER TABLE t ALTER COLUMN e DROP DEFAULT; ALTER TYPE "E" RENAME TO e_old; CREATE TYPE "E" AS ENUM ('a', 'b', 'c'); ALTER TABLE t ALTER COLUMN e TYPE "E" USING e::text::"E"; ALTER TABLE t ALTER COLUMN e SET DEFAULT 'b'`,
    'DROP TYPE e_old',
    `ALTER TYPE "E" ADD VALUE 'd'; ALTER TYPE "E" RENAME VALUE 'a' TO 'z'`,
  ],
  'one that is dropped with its columns, in a schema': [
    'CREATE SCHEMA s; CREATE TYPE s.e AS ENUM (); CREATE TABLE t (a int, e s.e)',
    "ALTER TYPE s.e ADD VALUE 'a'; ALTER TYPE s.e ADD VALUE IF NOT EXISTS 'a'",
    "DROP TYPE s.e CASCADE; CREATE TYPE s.e AS ENUM ('a', 'b')",
    'ALTER TABLE t ADD COLUMN e s.e',
  ],
  'a type of another kind under its name': [
    'CREATE DOMAIN e AS text',
    'DROP DOMAIN e',
    "CREATE TYPE e AS ENUM ('a')",
    "ALTER TYPE e ADD VALUE 'b' BEFORE 'a'",
  ],
}

const types: Readonly<Record<string, History>> = {
  'a default that is cast with its column': [
    "CREATE TABLE t (id int, at timestamp NOT NULL DEFAULT '1970-01-01')",
    'ALTER TABLE t ALTER COLUMN at TYPE timestamptz',
  ],
  'defaults of many types': [
    `CREATE SCHEMA s; CREATE TABLE s.t (a varchar(9) DEFAULT 'x', b int DEFAULT 5, c numeric(10,2) DEFAULT '1.5', d date DEFAULT '2020-01-01', e char(3) DEFAULT 'abc',
      f text DEFAULT '7', g text[] DEFAULT '{}', h timestamptz DEFAULT '2020-01-01', i text DEFAULT lower('X'), j int DEFAULT '3', k timestamp DEFAULT now(), l varchar(5)[] DEFAULT '{a}')`,
    `ALTER TABLE s.t ALTER a TYPE text, ALTER b TYPE bigint, ALTER c TYPE float8, ALTER d TYPE timestamp, ALTER e TYPE text,
      ALTER g TYPE varchar(20)[], ALTER h TYPE timestamp, ALTER i TYPE varchar(7), ALTER j TYPE text, ALTER k TYPE timestamptz, ALTER l TYPE text[]`,
    'ALTER TABLE s.t ALTER d TYPE date, ALTER a TYPE varchar(3), ALTER h TYPE date',
    "ALTER TABLE s.t ALTER d SET DEFAULT '2021-01-01', ALTER f DROP DEFAULT, ALTER f TYPE int USING f::int, ALTER f SET DEFAULT '8'",
  ],
  'defaults of a domain and an enum': [
    "CREATE DOMAIN d AS text CHECK (value <> ''); CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (d d DEFAULT 'x', e e DEFAULT 'a')",
    'ALTER TABLE t ALTER d TYPE text, ALTER e TYPE text',
    'ALTER TABLE t RENAME d TO f',
  ],
  'conditions over a column of another type': [
    `CREATE TABLE t (at timestamp CHECK (at > '1970-01-01'), s varchar(9), CHECK (s IN ('a', 'b') OR at IS NULL), d date); CREATE INDEX i ON t (d) WHERE d > '2020-01-01';
      CREATE INDEX j ON t ((s || 'x'))`,
    'ALTER TABLE t ALTER at TYPE timestamptz, ALTER s TYPE text, ALTER d TYPE timestamp',
    'ALTER TABLE t RENAME s TO r',
  ],
}

const apply = async ({ database: { sql } }: Bench, files: History): Promise<void> => {
  for (const text of files) {
    await sql.unsafe(text).simple()
    await sql.unsafe('RESET ALL')
  }
}

const fileOf = (text: string, index: number): readonly [string, string] => [
  `${String(index + 1).padStart(4, '0')}_step.sql`,
  // What goes with a file of an example is meant to.
  `-- @allow drop-column no rows are in it\n-- @allow drop-cascade no rows are in it\n-- @allow drop-table no rows are in it\n${text};\n`,
]

const run = async (bench: Bench, files: History): Promise<string> => {
  const outcome = await runBench(bench, Object.fromEntries(files.map(fileOf)))
  return outcome.exitCode === 0 ? 'as psql does' : outcome.problems.map(renderProblem).join('\n')
}

describe.each(serverVersions)('where psql stopped on PostgreSQL %s', (version) => {
  test.each(
    Object.entries({
      ...namesOfDropped,
      ...keysOverIndexes,
      ...sequencesOfColumns,
      ...enums,
      ...types,
    }).map(([name, files]) => ({
      name,
      files,
    })),
  )('$name', async ({ files }) => {
    const bench = await makeBench(version)
    await apply(bench, files)
    const whole = await readCatalog(bench.database)
    for (let k = 0; k <= files.length; k++) {
      await clearBench(bench)
      await apply(bench, files.slice(0, k))
      expect({ k, ends: await run(bench, files) }).toEqual({ k, ends: 'as psql does' })
      expect({ k, catalog: await readCatalog(bench.database) }).toEqual({ k, catalog: whole })
      expect({ k, ends: await run(bench, files) }).toEqual({ k, ends: 'as psql does' })
    }
  })
})
