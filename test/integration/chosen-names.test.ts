// The names that we predict for constraints and indexes without one are those that PostgreSQL itself chooses.

import { describe, expect, test } from '@jest/globals'
import { readHistory } from '../../src/schema/history/history.ts'
import { loadParser } from '../../src/sql/tree/parse.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { serverVersions } from '../support/servers.ts'
import { aMigration } from '../unit/a-migration.ts'

const parse = await loadParser()

const predicted = (script: string): readonly string[] => {
  const { timelines } = readHistory([aMigration('1_a.sql', script)], { parse })
  const present = timelines.filter(({ changes }) => changes.at(-1)?.value.kind !== 'absent')
  const names = present.flatMap(({ object, on }) => {
    if (object.kind === 'constraint') return [`${object.table}: constraint ${object.name}`]
    return object.kind === 'index' && on !== undefined ? [`${on.name}: index ${object.name}`] : []
  })
  return [...new Set(names)].sort()
}

// Since PostgreSQL 18 NOT NULL is a constraint of its own too; it is followed as a facet of its column.
const real = async ({ sql }: TestDatabase, script: string): Promise<readonly string[]> => {
  await sql.unsafe(script)
  const rows = await sql.unsafe(`
    SELECT conrelid::regclass::oid, c.relname || ': constraint ' || conname AS line
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE contype IN ('p', 'u', 'x', 'c', 'f')
      AND c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT i.indrelid, t.relname || ': index ' || c.relname
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))`)
  return rows.map(({ line }) => line as string).sort()
}

const long = (letter: string, count: number): string => letter.repeat(count)

const scripts: readonly (readonly [what: string, script: string])[] = [
  [
    'each kind of constraint',
    `CREATE TABLE p (x int PRIMARY KEY);
    CREATE TABLE t (a int UNIQUE, b int CHECK (b > 0), c int REFERENCES p, d int PRIMARY KEY)`,
  ],
  [
    'keys over several columns',
    `CREATE TABLE t (a int, b int, c int, PRIMARY KEY (a, b), UNIQUE (b, c), UNIQUE (c) INCLUDE (a), FOREIGN KEY (b, c) REFERENCES t (a, b))`,
  ],
  [
    'checks over no, one, and several columns, wherever they stand',
    `CREATE TABLE t (a int CHECK (b > 0), b int CHECK (a > b), c int CHECK (c > 0 AND c < 9), CHECK (true), CHECK (t.c <> 5),
      CHECK (coalesce(a, 1) = 1))`,
  ],
  [
    'several checks without a name',
    `CREATE TABLE t (a int CHECK (a > 0) CHECK (a < 9), CHECK (a <> 5), b int, CHECK (a > b), CHECK (b > a))`,
  ],
  [
    'checks first, then keys, then foreign keys, whatever the order in the text',
    `CREATE TABLE t (a int PRIMARY KEY REFERENCES t, b int REFERENCES t UNIQUE CHECK (b > 0),
      CONSTRAINT t_b_key CHECK (b > 1), CONSTRAINT t_b_fkey UNIQUE (a, b))`,
  ],
  [
    'a name given behind one that is chosen',
    `CREATE TABLE t (a int, b int, FOREIGN KEY (a) REFERENCES t (b), CONSTRAINT t_a_fkey CHECK (a > 0), UNIQUE (b), CHECK (b > 0))`,
  ],
  [
    'the primary key before other keys',
    'CREATE TABLE t (a int UNIQUE, b int PRIMARY KEY, UNIQUE (a, b))',
  ],
  [
    'a key that is said twice',
    'CREATE TABLE t (a int UNIQUE PRIMARY KEY, b int UNIQUE, UNIQUE (b))',
  ],
  [
    'a key that is said twice, once with a name',
    'CREATE TABLE t (a int PRIMARY KEY CONSTRAINT u UNIQUE, b int UNIQUE, CONSTRAINT v UNIQUE (b))',
  ],
  [
    'exclusion constraints',
    `CREATE TABLE t (a box, b tsrange, EXCLUDE USING gist (b WITH &&), EXCLUDE USING gist (a WITH &&, b WITH &&),
      EXCLUDE (lower(b) WITH =))`,
  ],
  [
    'names of other tables in the schema',
    `CREATE TABLE u (a int, CONSTRAINT t_a_check CHECK (a > 0), CONSTRAINT t_a_key CHECK (a > 1), CONSTRAINT t_a_fkey UNIQUE (a));
    CREATE TABLE t_pkey (); CREATE TABLE t_b_key (); CREATE TABLE t_b_check (); CREATE VIEW t_b_idx AS SELECT 1 AS x;
    CREATE SEQUENCE t_a_idx;
    CREATE TABLE t (a int PRIMARY KEY CHECK (a > 0) REFERENCES u (a), b int UNIQUE CHECK (b > 0), UNIQUE (a, b), c int);
    CREATE INDEX ON t (b); CREATE INDEX ON t (a); ALTER TABLE t ADD UNIQUE (a) INCLUDE (c)`,
  ],
  [
    'indexes that are alike',
    'CREATE TABLE t (a int); CREATE INDEX ON t (a); CREATE INDEX ON t (a); CREATE UNIQUE INDEX ON t (a)',
  ],
  [
    'indexes over several columns, and columns twice',
    `CREATE TABLE t (a int, b int, a1 int); CREATE INDEX ON t (a, b); CREATE INDEX ON t (a) INCLUDE (b);
    CREATE INDEX ON t (a, a); CREATE INDEX ON t (a, a1, a); CREATE INDEX ON t (b DESC) WHERE a > 0`,
  ],
  [
    'indexes over expressions',
    `CREATE TABLE t (a text, b int, c int[], d timestamptz);
    CREATE INDEX ON t (lower(a)); CREATE INDEX ON t (lower(a), upper(a)); CREATE INDEX ON t ((b + 1)); CREATE INDEX ON t ((b + 1), (b + 2));
    CREATE INDEX ON t ((b::text)); CREATE INDEX ON t (((b + 1)::text)); CREATE INDEX ON t (coalesce(a, '')); CREATE INDEX ON t ((c[1]));
    CREATE INDEX ON t ((CASE WHEN b > 0 THEN 1 ELSE 2 END)); CREATE INDEX ON t ((CASE WHEN b > 0 THEN 1 ELSE b END));
    CREATE INDEX ON t (greatest(b, 1)); CREATE INDEX ON t (least(b, 1)); CREATE INDEX ON t (nullif(b, 1)); CREATE INDEX ON t ((ARRAY[b]));
    CREATE INDEX ON t ((a || 'x')); CREATE INDEX ON t ((a COLLATE "C")); CREATE INDEX ON t ((a IS NULL)); CREATE INDEX ON t ((b));
    CREATE INDEX ON t (date_trunc('day', d AT TIME ZONE 'UTC')); CREATE INDEX ON t ((d AT TIME ZONE 'UTC'));
    CREATE INDEX ON t (pg_catalog.length(a)); CREATE INDEX ON t (substring(a from 1 for 2)); CREATE INDEX ON t (extract(epoch from d at time zone 'UTC'));
    CREATE INDEX ON t ((a = 'x' AND b = 1)); CREATE INDEX ON t ((b = ANY (c))); CREATE INDEX ON t (trim(a)); CREATE INDEX ON t ((('1'::text)))`,
  ],
  [
    'long names',
    `CREATE TABLE ${long('t', 63)} (${long('a', 63)} int PRIMARY KEY, ${long('b', 40)} int UNIQUE CHECK (${long('b', 40)} > 0), c int UNIQUE,
      FOREIGN KEY (${long('b', 40)}) REFERENCES ${long('t', 63)}, UNIQUE (${long('a', 63)}, ${long('b', 40)}, c));
    CREATE INDEX ON ${long('t', 63)} (${long('b', 40)}); CREATE INDEX ON ${long('t', 63)} (${long('b', 40)}, ${long('a', 63)});
    CREATE INDEX ON ${long('t', 63)} (${long('b', 40)}); CREATE INDEX ON ${long('t', 63)} (c)`,
  ],
  [
    'short tables with long columns',
    `CREATE TABLE t (${long('a', 63)} int UNIQUE, ${long('b', 30)} int, ${long('c', 30)} int, UNIQUE (${long('b', 30)}, ${long('c', 30)}));
    CREATE INDEX ON t (${long('a', 63)}, ${long('a', 63)}); CREATE INDEX ON t (${long('b', 30)}, ${long('c', 30)}, ${long('a', 63)})`,
  ],
  [
    'characters of several bytes',
    `CREATE TABLE "${long('ü', 31)}" ("${long('日', 20)}" int UNIQUE, "${long('é', 25)}x" int CHECK ("${long('é', 25)}x" > 0), "a😀" int UNIQUE);
    CREATE INDEX ON "${long('ü', 31)}" ("${long('日', 20)}", "a😀");
    CREATE TABLE "x${long('ü', 31)}" ("y${long('😀', 15)}" int UNIQUE, a int REFERENCES "x${long('ü', 31)}" ("y${long('😀', 15)}"));
    CREATE TABLE "Ein Tisch" ("Größe" int PRIMARY KEY, "a b" int UNIQUE)`,
  ],
  [
    'serial and identity before a name of their sequences',
    `CREATE TABLE t (a serial, b int GENERATED ALWAYS AS IDENTITY); CREATE TABLE a (b int, seq int); CREATE INDEX ON a (b)`,
  ],
  [
    'columns and constraints that are added together',
    `CREATE TABLE p (x int PRIMARY KEY); CREATE TABLE t (a int);
    ALTER TABLE t ADD CHECK (a > 0), ADD COLUMN b int CHECK (b > 0) UNIQUE REFERENCES p, ADD CHECK (a < 5), ADD UNIQUE (b),
      ADD COLUMN c int CHECK (a > 1) REFERENCES p PRIMARY KEY, ADD FOREIGN KEY (b) REFERENCES p, ADD UNIQUE (a, b)`,
  ],
  [
    'constraints that are dropped and added together',
    `CREATE TABLE t (a int CHECK (a > 0) UNIQUE);
    ALTER TABLE t ADD CHECK (a > 1), ADD UNIQUE (a), DROP CONSTRAINT t_a_key, DROP CONSTRAINT t_a_check`,
  ],
  [
    'a renamed table and column',
    `CREATE TABLE t (a int UNIQUE); ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME a TO b;
    ALTER TABLE u ADD UNIQUE (b) DEFERRABLE; CREATE TABLE t (a int UNIQUE); CREATE INDEX ON u (b); CREATE INDEX ON t (a)`,
  ],
  [
    'what is dropped before',
    `CREATE TABLE t (a int UNIQUE, b int); CREATE INDEX ON t (b); DROP INDEX t_b_idx; CREATE INDEX ON t (b);
    ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD a int UNIQUE; DROP TABLE t; CREATE TABLE t (a int UNIQUE)`,
  ],
  [
    'an index that becomes a constraint',
    `CREATE TABLE t (a int, b int, c int); CREATE UNIQUE INDEX i ON t (a); CREATE UNIQUE INDEX j ON t (b); CREATE UNIQUE INDEX k ON t (c);
    ALTER TABLE t ADD PRIMARY KEY USING INDEX i; ALTER TABLE t ADD CONSTRAINT t_b_key UNIQUE USING INDEX j;
    ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX k; ALTER INDEX i RENAME TO t_c_key; ALTER TABLE t ADD UNIQUE (c) INCLUDE (a); ALTER TABLE t ADD UNIQUE (b, a)`,
  ],
  [
    'partitioned and inherited tables',
    `CREATE TABLE t (a int CHECK (a > 0)) PARTITION BY RANGE (a); CREATE TABLE i (b int CHECK (b > 0)); CREATE TABLE j (c int CHECK (b > c)) INHERITS (i)`,
  ],
]

describe.each(serverVersions)('names that PostgreSQL %s chooses', (version) => {
  test.each(scripts)('for %s', async (_, script) => {
    const database = await createDatabase(version)
    const names = await real(database, script)
    // What a child inherits keeps the name that it has above, and an index keeps its definition under the constraint.
    const own = names.filter((line) => line !== 'j: constraint i_b_check')
    const isOfConstraint = (line: string): boolean =>
      own.includes(line.replace(': index ', ': constraint '))
    expect(predicted(script).filter((line) => own.includes(line) || !isOfConstraint(line))).toEqual(
      own,
    )
  })
})
