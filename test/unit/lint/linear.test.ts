// Lint of a long history takes a time that grows with its length: no step looks at all files again for each of them. What is
// counted is not time but work: how often V8 has gone through each block of our code.
// https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#method-startPreciseCoverage

import { expect, test } from '@jest/globals'
import { Session, type Profiler } from 'node:inspector/promises'
import { lint } from '../../../src/lint/lint.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'
import { aMigration } from '../a-migration.ts'

const parse = await loadParser()

// Ten tables for all of them, and a table, index, view, function, policy and type of its own for each.
const textOf = (number: number): string => `
CREATE TABLE made_${number} (id bigint PRIMARY KEY, title text NOT NULL, parent bigint REFERENCES shared_${number % 10} (id));
CREATE INDEX made_${number}_title ON made_${number} (lower(title));
ALTER TABLE shared_${number % 10} ADD COLUMN IF NOT EXISTS note_${number} text NOT NULL DEFAULT 'none';
ALTER TABLE shared_${number % 10} ADD CONSTRAINT check_${number} CHECK (note_${number} <> '') NOT VALID;
ALTER TABLE shared_${number % 10} RENAME COLUMN note_${number} TO remark_${number};
CREATE OR REPLACE VIEW recent AS SELECT id FROM shared_${number % 10};
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON made_${number} FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TYPE state_${number} AS ENUM ('new', 'done');
ALTER TABLE made_${number} ALTER COLUMN title TYPE varchar(50), DROP COLUMN parent;
DROP INDEX IF EXISTS made_${number - 1}_title;
DROP TABLE IF EXISTS made_${number - 3};
UPDATE shared_${number % 10} SET remark_${number} = 'x';
INSERT INTO made_${number} (id, title) VALUES (1, 'x') ON CONFLICT DO NOTHING;
DO $$ BEGIN PERFORM 1; END $$;
`

const shared = Array.from(
  { length: 10 },
  (_, each) => `CREATE TABLE shared_${each} (id bigint PRIMARY KEY);`,
).join('\n')

const migrationsOf = (files: number) =>
  Array.from({ length: files }, (_, at) =>
    aMigration(`${at + 1}_step.sql`, at === 0 ? shared : textOf(at)),
  )

const blocksOf = ({ result }: Profiler.TakePreciseCoverageReturnType): number =>
  result
    .filter(({ url }) => url.includes('/src/'))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0)

const workOf = async (session: Session, files: number): Promise<number> => {
  const migrations = migrationsOf(files)
  await session.post('Profiler.takePreciseCoverage')
  const findings = lint(migrations, parse)
  expect(JSON.stringify(findings).length).toBeGreaterThan(files)
  return blocksOf(await session.post('Profiler.takePreciseCoverage'))
}

test('twice as many files are twice the work', async () => {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  try {
    await workOf(session, 20)
    const some = await workOf(session, 40)
    expect(some).toBeGreaterThan(100_000)
    // What grows with the square would come close to 4.
    const twice = await workOf(session, 80)
    expect(twice / some).toBeLessThan(2.3)
    expect((await workOf(session, 160)) / twice).toBeLessThan(2.3)
  } finally {
    session.disconnect()
  }
})
