// A file may raise every SQLSTATE, also those of our own fence and verification: whatever it says with it, it is the file that failed.

import { expect, test } from '@jest/globals'
import { arrangeBackfill, fill, numbered } from '../support/backfill.ts'
import { arrange, queried } from '../support/scenario.ts'

const raising = (state: string, detail = 'not JSON'): string =>
  `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${state}', MESSAGE = 'schemagate fence', DETAIL = '${detail}'; END $$`

const states = ['SG001', 'SG002', 'SG003', 'SG004', 'SG005', 'SG006', 'SG007', 'SG008']
const ours = '[{"id": 0, "expected": "a", "found": "b"}]'
const recorded = 'SELECT name || state FROM schemagate.schema_migrations ORDER BY ordinal'

// The fence of a query raises by a value that is not a number, which a file can write as well.
const raises = [
  ...states.map((state) => raising(state)),
  raising('SG005', ours),
  "SELECT 'schemagate fence SG001'::int",
]

test.each(raises)('in a transaction: %s', async (statement) => {
  const scenario = await arrange('18', { '1_x.sql': `CREATE TABLE t ();\n${statement}` })
  const finished = await scenario.gate('run')
  expect(finished.stdout).toContain('error[migration-failed]')
  expect(finished.exitCode).toBe(1)
  expect(await queried(scenario, recorded)).toEqual([])
})

test.each(raises)('statement by statement: %s', async (statement) => {
  for (const inside of [statement, `BEGIN;\n${statement};\nCOMMIT`]) {
    const scenario = await arrange('18', {
      '1_x.sql': `-- @transaction off\nCREATE TABLE t (a int);\n${inside};\nCREATE TABLE u ()`,
    })
    const finished = await scenario.gate('run')
    expect(finished.stdout).toContain('error[statement-failed]')
    expect(finished.stdout).not.toContain('MIGRATION_ROLE')
    expect(finished.exitCode).toBe(1)
    const rows = 'SELECT state || statements_done FROM schemagate.schema_migrations'
    expect(await queried(scenario, rows)).toEqual(['running1'])
  }
})

test.each(['', '-- @transaction off\n'])(
  'in a function that @verify calls (%j)',
  async (directive) => {
    const scenario = await arrange('18', {
      '1_f.sql': `CREATE FUNCTION f() RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN
        RAISE EXCEPTION USING ERRCODE = 'SG005', DETAIL = 'not JSON'; END $f$`,
      '2_x.sql': `${directive}-- @verify sql SELECT f()\nCREATE TABLE t ()`,
    })
    const finished = await scenario.gate('run')
    expect(finished.stdout).toContain('@verify sql SELECT f()')
    expect(finished.exitCode).toBe(1)
    expect(await queried(scenario, recorded)).not.toContain('xapplied')
  },
)

test('in a trigger that is deferred to the end of the file', async () => {
  const scenario = await arrange('18', {
    '1_x.sql': `CREATE TABLE t (a int);
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
        RAISE EXCEPTION USING ERRCODE = 'SG001'; END $f$;
      CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION f();
      INSERT INTO t VALUES (1)`,
  })
  const finished = await scenario.gate('run')
  expect(finished.stdout).toContain('error[migration-failed]')
  expect(finished.exitCode).toBe(1)
})

test.each(['SG001', 'SG002'])(
  'in a trigger of the table that a backfill fills: %s',
  async (state) => {
    const scenario = await arrangeBackfill(
      '18',
      `${numbered(10)};
      CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
        RAISE EXCEPTION USING ERRCODE = '${state}', MESSAGE = 'schemagate fence'; END $f$;
      CREATE TRIGGER refuse BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()`,
      { fill: fill() },
    )
    const { exitCode, stdout } = await scenario.run('fill', '--strict')
    expect(stdout).toContain('error[backfill-failed]')
    expect(exitCode).toBe(1)
  },
)
