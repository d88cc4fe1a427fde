import '../../../one-realm.ts'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backfillDirectives } from '../../../../../src/commands/backfill/file/directives.ts'
import { loadBackfills, readBackfill } from '../../../../../src/commands/backfill/file/load.ts'
import type { Backfill } from '../../../../../src/commands/backfill/file/backfill.ts'
import { renderProblem } from '../../../../../src/report/formats/problem-text.ts'
import { loadParser, type Parse } from '../../../../../src/sql/tree/parse.ts'

let parse: Parse
beforeAll(async () => {
  parse = await loadParser()
})

const read = (text: string): ReturnType<typeof readBackfill> =>
  readBackfill({ name: 'b', file: 'migrations/backfills/b.sql', text }, parse)

const good = (text: string): Backfill => {
  const { backfills, problems } = read(text)
  expect(problems).toEqual([])
  const [only] = backfills
  if (only === undefined) throw new Error('no backfill')
  return only
}

const update = 'UPDATE t SET a = 1 WHERE :batch AND a IS NULL;'
const top = '-- @table t\n-- @key id\n'

describe('the directives', () => {
  test('say table and key; the pace has defaults', () => {
    expect(
      good(
        `-- Why.\n-- @table App."Call Log"\n-- @key Business_id, "Id"\nUPDATE app."Call Log" SET a = 1 WHERE :batch`,
      ),
    ).toMatchObject({
      table: { schema: 'app', name: 'Call Log' },
      key: ['business_id', 'Id'],
      lockedRows: 'wait',
      done: undefined,
      pace: {
        batchSize: 5_000,
        targetDuration: { ms: 100 },
        pause: { ms: 0 },
        maxReplicationLag: { ms: 10_000 },
        lockTimeout: { ms: 500 },
        timeBudget: undefined,
        workers: 1,
      },
    })
  })

  test('set the pace, locked rows and the done-condition', () => {
    const text = `${top}-- @batch-size 500
-- @target-duration 1s
-- @pause 20ms
-- @max-replication-lag 2s
-- @lock-timeout 100ms
-- @time-budget 10min
-- @workers 16
-- @skip-locked on
-- @done sql SELECT NOT EXISTS (SELECT FROM t WHERE a IS NULL);
${update}`
    expect(good(text)).toMatchObject({
      lockedRows: 'skip',
      done: { sql: 'SELECT NOT EXISTS (SELECT FROM t WHERE a IS NULL)' },
      pace: {
        batchSize: 500,
        targetDuration: { ms: 1_000 },
        pause: { ms: 20 },
        maxReplicationLag: { ms: 2_000 },
        lockTimeout: { ms: 100 },
        timeBudget: { ms: 600_000 },
        workers: 16,
      },
    })
    for (const directive of backfillDirectives) expect(text).toContain(`@${directive}`)
  })

  test.each(['0', '17', '2.5', '-1', '', 'many'])('do not take %p workers', (workers) => {
    const { problems } = read(`${top}-- @workers ${workers}\n${update}`)
    expect(problems.map(({ code }) => code)).toEqual(['malformed-directive'])
  })

  test('that are wrong are all told, with their places', () => {
    const { problems } = read(
      `-- @tabel t\n-- @key id;\n-- @batch-size 0\n-- @pause 5\n-- @workers 17\n-- @skip-locked off\n-- @done SELECT true\n-- @pause 1s\n${update}`,
    )
    expect(problems.map(renderProblem).join('\n')).toMatchSnapshot()
  })
})

test('the checksum covers table, key and statement, and neither comments nor the pace', () => {
  const first = good(`${top}${update}`).checksum
  expect(good(`-- More words.\n${top}-- @pause 1s\n\n${update}`).checksum).toBe(first)
  for (const other of [
    `-- @table t\n-- @key id, a\n${update}`,
    `${top}${update.replace('1', '2')}`,
    `-- @table x.t\n-- @key id\n${update}`,
  ])
    expect(good(other).checksum).not.toBe(first)
})

describe('the folder', () => {
  const inFolder = (
    files: Readonly<Record<string, string>>,
    wanted: 'all' | readonly string[] = 'all',
  ): ReturnType<typeof loadBackfills> => {
    const folder = mkdtempSync(join(tmpdir(), 'schemagate-test-'))
    try {
      mkdirSync(join(folder, 'migrations/backfills/inner'), { recursive: true })
      for (const [name, text] of Object.entries(files))
        writeFileSync(join(folder, 'migrations/backfills', name), text)
      return loadBackfills(join(folder, 'migrations'), parse, wanted)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('gives backfills by name, and every file that is none', () => {
    const { backfills, problems } = inFolder({
      'b.sql': top + update,
      'a-1.sql': top + update,
      '.hidden': '',
      'README.md': '',
      LICENSE: '',
      'notes.txt': '',
      'Big.sql': '',
      'c.sql': 'caf\u00e9 \0',
    })
    expect(backfills.map(({ name, file }) => [name, file])).toEqual([
      ['a-1', 'migrations/backfills/a-1.sql'],
      ['b', 'migrations/backfills/b.sql'],
    ])
    expect(problems.map(({ title }) => title)).toEqual([
      "migrations/backfills/Big.sql is not a backfill file: its name is not of lower-case letters, digits, '_' and '-', followed by '.sql'",
      'migrations/backfills/c.sql is not UTF-8: it holds a NUL character',
      'migrations/backfills/inner is not a backfill file: it is a folder',
      "migrations/backfills/notes.txt is not a backfill file: its name is not of lower-case letters, digits, '_' and '-', followed by '.sql'",
    ])
  })

  test('is read only as far as it is wanted; a name is known all the same', () => {
    const files = { 'b.sql': top + update, 'a.sql': 'SELECT 1', 'README.md': '' }
    const { backfills, problems, names } = inFolder(files, ['b', 'README.md'])
    expect(backfills.map(({ name }) => name)).toEqual(['b'])
    expect(problems).toEqual([])
    expect(names).toEqual(['a', 'b'])
  })

  test('that is not there holds none', () => {
    expect(loadBackfills(join(tmpdir(), 'schemagate-nowhere'), parse, 'all')).toEqual({
      backfills: [],
      problems: [],
      names: [],
    })
  })
})

test('the sample history has its backfills', () => {
  const { backfills, problems } = loadBackfills(
    join(import.meta.dirname, '../../../../../migrations'),
    parse,
    'all',
  )
  expect(problems).toEqual([])
  expect(backfills.map(({ name }) => name)).toEqual([
    'call_log_duration_sec',
    'leads_last_call_direction',
  ])
})
