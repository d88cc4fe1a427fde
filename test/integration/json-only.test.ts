// With LOG_FORMAT=json a machine reads both streams: every line is JSON, and the one that tells of a failure has all that an alert needs.
// That each is of schema/output.schema.json, test/support/gate.ts holds for every run of every test.

import { describe, expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { runGate, workFolder } from '../support/gate.ts'
import { checkPrintedJson } from '../support/printed-json.ts'

const good = {
  'migrations/1_t.sql': 'CREATE TABLE t (id bigint PRIMARY KEY, filled int);',
  'migrations/contracts/api.json':
    '{"service":"api","tables":{"t":{"columns":{"id":{"type":"bigint"}}}}}',
  'migrations/indexes/t_filled.sql': 'CREATE INDEX CONCURRENTLY t_filled ON t (filled)',
  'migrations/backfills/fill.sql':
    '-- @table t\n-- @key id\nUPDATE t SET filled = 1 WHERE filled IS NULL AND :batch;',
}

type Line = Readonly<Record<string, unknown>>

const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

const commands = [
  ['plan', '--verbose'],
  ['adopt', '--dry-run'],
  ['doctor'],
  ['run'],
  ['run'],
  ['indexes'],
  ['backfill', '--all'],
  ['status'],
  ['validate'],
  ['wait'],
  ['plan'],
  ['adopt'],
  ['lint'],
  ['lint', '--json'],
  ['contract', 'diff', 'api'],
  ['new', 'more'],
]

test('every command prints lines of JSON, and one line of it is the report', async () => {
  const { url } = await createDatabase('18')
  const folder = workFolder(good)
  for (const args of commands) {
    const environment = { DATABASE_URL: url, LOG_FORMAT: 'json' }
    const { stdout, stderr, exitCode } = await runGate({ args, folder, environment })
    expect({ args, exitCode }).toEqual({ args, exitCode: 0 })
    expect({ args, reports: linesOf(stdout).length }).toEqual({ args, reports: 1 })
    expect(
      linesOf(stderr).every(({ time, run_id }) => time !== undefined && run_id !== undefined),
    ).toBe(true)
  }
})

describe('a failure', () => {
  const failing = { ...good, 'migrations/2_bad.sql': 'CREATE TABLE u (\n  id integre\n);' }
  const last = (stderr: string): Line | undefined =>
    linesOf(stderr).findLast(({ level }) => level === 'error')

  test('of a run has code, exit code, place, SQLSTATE, database and next step', async () => {
    const { url, name } = await createDatabase('18')
    const environment = { DATABASE_URL: url, LOG_FORMAT: 'json' }
    const { stdout, stderr, exitCode } = await runGate({ folder: workFolder(failing), environment })
    expect(exitCode).toBe(1)
    expect(linesOf(stdout)).toHaveLength(1)
    expect(last(stderr)).toMatchObject({
      ...{
        code: 'migration-failed',
        exit_code: 1,
        file: 'migrations/2_bad.sql',
        line: 2,
        column: 6,
      },
      ...{ sqlstate: '42704', database: name, next_step: expect.stringContaining('correct it') },
      message: expect.stringContaining('MIGRATION FAILED'),
    })
  })

  test('of a contract names file and next step', async () => {
    const { url, name } = await createDatabase('18')
    const folder = workFolder({
      'migrations/1_t.sql': 'CREATE TABLE t (id bigint);',
      'migrations/contracts/api.json': '{"service":"api","tables":{"jobs":{"columns":{}}}}',
    })
    for (const args of [['run'], ['validate'], ['wait', '--timeout', '1']]) {
      const environment = { DATABASE_URL: url, LOG_FORMAT: 'json' }
      const { stderr, exitCode } = await runGate({ args, folder, environment })
      expect({ args, exitCode, line: last(stderr) }).toMatchObject({
        exitCode: 3,
        line: {
          code: 'contract-violated',
          exit_code: 3,
          database: name,
          next_step: expect.any(String),
        },
      })
    }
  })

  test.each([
    [
      ['plan'],
      { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/none', DATABASE_WAIT_SECONDS: '0' },
      69,
    ],
    [['status'], {}, 2],
    [['nonsense'], {}, 2],
    [['run', '--nonsense'], {}, 2],
    [['new'], {}, 2],
    [['lint'], { MIGRATIONS_DIR: 'nowhere' }, 2],
    [['backfill'], {}, 2],
    [['contract', 'snapshot'], {}, 2],
  ])('of %j is a line with code and exit code', async (args, environment, exitCode) => {
    const finished = await runGate({
      args,
      folder: workFolder(good),
      environment: { LOG_FORMAT: 'json', ...environment },
    })
    expect(finished.exitCode).toBe(exitCode)
    expect(linesOf(finished.stdout)).toHaveLength(1)
    expect(last(finished.stderr)).toMatchObject({
      ...{ exit_code: exitCode, code: expect.any(String), next_step: expect.any(String) },
    })
  })
})

test('a field that the schema does not know is found', () => {
  const line = { time: '2026-01-01T00:00:00.000Z', level: 'info', message: 'm', run_id: 'r' }
  const printed = (more: object) => ({ stdout: '', stderr: JSON.stringify({ ...line, ...more }) })
  checkPrintedJson(['run'], printed({}))
  expect(() => {
    checkPrintedJson(['run'], printed({ unheard: 1 }))
  }).toThrow('unheard')
  expect(() => {
    checkPrintedJson(['new'], { stdout: '{"file":"f","unheard":1}', stderr: '' })
  }).toThrow('unheard')
})
