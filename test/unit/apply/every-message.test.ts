// For every message that a run of steps sends, and everything that can go wrong with it: what the result says is true, and the
// ledger says the same.

import { describe, expect, test } from '@jest/globals'
import { applySteps, type ApplyResult } from '../../../src/apply/apply.ts'
import type { Step } from '../../../src/apply/attempt.ts'
import type { BatchBounds } from '../../../src/apply/batch/bounds.ts'
import { stepsOf } from '../../../src/commands/run/steps.ts'
import { startCourse } from '../../../src/database/ledger/course.ts'
import type { Server } from '../../../src/database/server/server.ts'
import type { RunEvent } from '../../../src/events.ts'
import { prepareFor } from '../../../src/migrations/prepare/behind-pooler.ts'
import type { Migration, MigrationVersion } from '../../../src/migrations/migration.ts'
import { analyse } from '../../../src/schema/history/analyse.ts'
import { aMigration } from '../a-migration.ts'
import { faultsOf, lockedBy, serverOf, timeouts } from './scripted-run.ts'
import {
  ledgerSchema,
  scriptedServer,
  type Fault,
  type LedgerState,
  type ScriptedServer,
} from './scripted-server.ts'

type Scenario = {
  readonly files: Readonly<Record<string, string>>
  readonly connectionKind?: Server['connectionKind']
  /** On an empty database: so much is one transaction. */
  readonly batch?: BatchBounds
  /** The first file was begun by an earlier run: so many statements done, and the next one begun. */
  readonly begun?: { readonly done: number; readonly of: readonly string[] }
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'files that are sent ahead of the answers': {
    files: {
      '1_a.sql': 'CREATE TABLE a (id int);',
      '2_b.sql': 'ALTER TABLE a ADD COLUMN b int; INSERT INTO a VALUES (1, 2);',
      '3_c.sql': 'CREATE TABLE c (id int);',
      '4_d.sql': 'COMMENT ON TABLE c IS $$d$$;',
    },
  },
  'files of which several are one transaction': {
    batch: { files: 3, bytes: 10_000, statements: 100, locks: 1_000 },
    files: {
      '1_a.sql': 'CREATE TABLE a (id int);',
      '2_b.sql': 'ALTER TABLE a ADD COLUMN b int; INSERT INTO a VALUES (1, 2);',
      '3_c.sql': 'CREATE TABLE c (id int);',
      '4_d.sql': 'COMMENT ON TABLE c IS $$d$$;',
      '5_e.sql': 'CREATE INDEX IF NOT EXISTS e ON a (b);',
      '6_f.sql': 'SELECT 1;',
      '7_g.sql': 'CREATE TABLE g (id int);',
    },
  },
  'files behind a pooler, of which several are one transaction': {
    connectionKind: 'POOLER',
    batch: { files: 2, bytes: 10_000, statements: 100, locks: 1_000 },
    files: {
      '1_a.sql': 'CREATE TABLE a (id int);',
      '2_b.sql': 'CREATE TABLE b (id int);',
      '3_c.sql': 'CREATE TABLE c (id int);',
    },
  },
  'files behind a pooler': {
    connectionKind: 'POOLER',
    files: { '1_a.sql': 'CREATE TABLE a (id int);', '2_b.sql': 'CREATE TABLE b (id int);' },
  },
  'a file that the parser cannot read': {
    files: {
      '1_a.sql': 'CREATE TABLE a (id int);',
      '2_b.sql': 'CREATE NOVELTY b;',
      '3_c.sql': 'SELECT 1;',
    },
  },
  'a file that alters the login, and one behind it': {
    files: { '1_a.sql': 'ALTER ROLE u SET work_mem = 64;', '2_b.sql': 'CREATE TABLE b (id int);' },
  },
  'concurrent statements': {
    files: {
      '1_a.sql': 'CREATE TABLE a (id int);',
      '2_b.sql': `CREATE INDEX CONCURRENTLY a_id ON a (id);
        REINDEX INDEX CONCURRENTLY a_id;
        DROP INDEX CONCURRENTLY a_id;`,
      '3_c.sql': 'CREATE TABLE c (id int);',
    },
  },
  'statements, some with a transaction, some without': {
    files: {
      '1_a.sql': 'CREATE TABLE a (id int);',
      '2_b.sql': `SET work_mem = '64MB';
        BEGIN; INSERT INTO a VALUES (1); INSERT INTO a VALUES (2); COMMIT;
        VACUUM a;
        CALL tidy();
        INSERT INTO a VALUES (3);`,
      '3_c.sql': 'CREATE TABLE c (id int);',
    },
  },
  'statements behind a pooler': {
    connectionKind: 'POOLER',
    files: {
      '1_a.sql': 'VACUUM a; INSERT INTO a VALUES (3);',
      '2_b.sql': 'CREATE TABLE b (id int);',
    },
  },
  'statements that an earlier run has begun': {
    files: {
      '1_a.sql': 'VACUUM; VACUUM ANALYZE; INSERT INTO a VALUES (1);',
      '2_b.sql': 'SELECT 1;',
    },
    begun: { done: 1, of: ['VACUUM'] },
  },
  'a database that an earlier run may have made': {
    files: { '1_a.sql': 'CREATE DATABASE other; VACUUM;', '2_b.sql': 'SELECT 1;' },
    begun: { done: 0, of: [] },
  },
}

const migrationsOf = ({ files }: Scenario): readonly Migration[] =>
  Object.entries(files).map(([name, text]) => aMigration(name, text))

const stepsFor = async (scenario: Scenario, server: Server): Promise<readonly Step[]> => {
  const migrations = migrationsOf(scenario)
  const analysis = await analyse(migrations, server.searchPath)
  const { prepared, problems } = prepareFor(server, migrations, analysis.parse, new Set())
  expect(problems).toEqual([])
  const progress = new Map<MigrationVersion, NonNullable<Step['resumes']>>()
  const [first] = prepared
  if (scenario.begun !== undefined && first !== undefined) {
    const { done } = scenario.begun
    progress.set(first.migration.version, { done, started: done + 1, checksums: [] })
  }
  const found = { analysis, assessments: [], rows: [], eventTriggers: true, progress }
  return stepsOf(prepared, found, server)
}

// Reading files takes longer than applying them to a script.
const read = new Map<Scenario, Promise<readonly Step[]>>()
const remember = (scenario: Scenario, server: Server): Promise<readonly Step[]> => {
  const steps = stepsFor(scenario, server)
  read.set(scenario, steps)
  return steps
}

const ledgerBefore = ({ begun }: Scenario): ReadonlyMap<string, LedgerState> =>
  new Map(
    begun === undefined
      ? []
      : [['1', { state: 'running', ordinal: 1, done: begun.done, started: begun.done + 1 }]],
  )

type Ended = {
  readonly result: ApplyResult
  readonly server: ScriptedServer
  /** Files of which 'applied' was said when the ledger did not have them. */
  readonly saidTooEarly: readonly string[]
}

const run = async (
  scenario: Scenario,
  fault?: { readonly message: number; readonly is: Fault },
): Promise<Ended> => {
  const server = serverOf(scenario.connectionKind ?? 'DIRECT')
  const steps = await (read.get(scenario) ?? remember(scenario, server))
  const interrupt = new AbortController()
  const scripted = scriptedServer(fault, interrupt, ledgerBefore(scenario))
  const locked = lockedBy(scripted)
  const course = startCourse('8c9e0b57-0000-4000-8000-000000000000')
  course.pending = migrationsOf(scenario)
  const saidTooEarly: string[] = []
  const announce = (event: RunEvent): void => {
    if (event.kind !== 'migration applied') return
    const { version = '' } = migrationsOf(scenario).find(({ file }) => file === event.file) ?? {}
    if (scripted.ledger.get(version)?.state !== 'applied') saidTooEarly.push(event.file)
  }
  const result = await applySteps(steps, {
    ...{ locked, server, ledgerSchema, course, ...timeouts },
    lastOrdinal: scenario.begun === undefined ? 0 : 1,
    rows: [],
    runId: course.runId,
    lockRetries: 0,
    batch: scenario.batch,
    mirror: undefined,
    indexTimeout: { ms: 0, text: '0' },
    announce,
    interruption: interrupt.signal,
    onBug: (error) => {
      throw error
    },
  })
  return { result, server: scripted, saidTooEarly }
}

const filesIn = (list: readonly { readonly file: string }[]): readonly string[] =>
  list.map(({ file }) => file)

/** What the result says that is not true, or that the ledger does not say. */
const liesOf = (
  scenario: Scenario,
  { result, server, saidTooEarly }: Ended,
  fault: Fault,
): readonly string[] => {
  const lies = saidTooEarly.map((file) => `${file} said to be applied too early`)
  const lie = (file: string, words: string): void => {
    lies.push(`${file} ${words}`)
  }
  const applied = filesIn(result.applied.map(({ migration }) => migration))
  const inDoubt = filesIn(result.inDoubt)
  const notAttempted = filesIn(result.notAttempted)
  const isLost = fault.kind === 'lost before' || fault.kind === 'lost after'
  for (const { file, version } of migrationsOf(scenario)) {
    const row = server.ledger.get(version)
    const partly = result.partlyDone.find(({ migration }) => migration.file === file)
    const isInDoubt = inDoubt.includes(file)
    if (applied.includes(file) && row?.state !== 'applied') lie(file, 'applied, and has no row')
    if (row?.state === 'applied' && !applied.includes(file) && !isInDoubt)
      lie(file, 'has a row, and is neither applied nor in doubt')
    if (row?.state === 'running' && partly === undefined && !isInDoubt)
      lie(file, 'runs, and is neither partly done nor in doubt')
    if (row?.state === 'running' && partly !== undefined && partly.done !== row.done && !isInDoubt)
      lie(file, `has ${row.done} statements done, and is reported with ${partly.done}`)
    if (partly !== undefined && row === undefined && !isInDoubt)
      lie(file, 'partly done, without a row')
    if (notAttempted.includes(file) && row !== undefined && scenario.begun === undefined)
      lie(file, 'not attempted, and has a row')
    if (isInDoubt && !isLost) lie(file, 'in doubt, and every answer came')
    // What has answered is in no doubt for the next run either.
    if (
      !isLost &&
      row?.state === 'running' &&
      row.started > row.done &&
      scenario.begun === undefined
    )
      lie(file, 'has a statement in doubt in the ledger, and every answer came')
    if ([applied, inDoubt, notAttempted].filter((list) => list.includes(file)).length > 1)
      lie(file, 'listed twice')
  }
  const isWhole = applied.length === migrationsOf(scenario).length
  // Behind the last step, the settings of the login are asked for.
  const isBehind = server.sent.at(-1)?.includes(' AS stored') ?? false
  if (isWhole !== (result.problems.length === 0) && !(isWhole && isBehind))
    lies.push(`applied ${applied.join()} with ${result.problems.map(({ title }) => title).join()}`)
  if (fault.kind === 'cancelled' && !result.problems.every(({ code }) => code === 'interrupted'))
    lies.push(`cancelled: ${result.problems.map(({ code }) => code).join()}`)
  if (isLost && !result.problems.every(({ code }) => code === 'connection-lost'))
    lies.push(`lost: ${result.problems.map(({ code }) => code).join()}`)
  if (!isLost && server.isInFailedTransaction())
    lies.push('the session is left in a failed transaction')
  return lies
}

describe.each(Object.entries(scenarios))('%s', (_name, scenario) => {
  test('go through where nothing goes wrong', async () => {
    const { result, server } = await run(scenario)
    expect(result.problems).toEqual([])
    expect(filesIn(result.applied.map(({ migration }) => migration))).toEqual(
      filesIn(migrationsOf(scenario)),
    )
    expect([...server.ledger.values()].map(({ state }) => state)).toEqual(
      migrationsOf(scenario).map(() => 'applied'),
    )
  })

  test('whatever goes wrong with any message, the result tells the truth', async () => {
    const { server } = await run(scenario)
    const lies: string[] = []
    const faults = faultsOf(server.sent)
    for (const { message, is, shown } of faults)
      try {
        const ended = await run(scenario, { message, is })
        lies.push(...liesOf(scenario, ended, is).map((lie) => `${shown}: ${lie}`))
      } catch (error) {
        lies.push(`${shown}: throws ${String(error)}`)
      }
    expect(lies).toEqual([])
    expect(faults.length).toBeGreaterThan(server.sent.length * 3)
  })
})
