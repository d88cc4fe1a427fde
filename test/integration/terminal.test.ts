// What stands on a real pseudo-terminal of 80 or 120 columns while a command works, and when it has ended.

import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { sampleHistory, temporaryFolder, workFolder, type Files } from '../support/gate.ts'
import { watchGate, type TerminalOptions, type Watched } from '../support/terminal.ts'

const widths = [80, 120]

const watch = (
  { url }: TestDatabase,
  files: Files,
  { environment = {}, ...options }: Partial<TerminalOptions> = {},
): Watched =>
  watchGate({
    folder: workFolder(files),
    environment: { DATABASE_URL: url, ...environment },
    columns: 80,
    ...options,
  })

/** What differs from run to run has a name instead. */
const plain = (lines: readonly string[]): string =>
  lines
    .join('\n')
    .replace(/127\.0\.0\.1:\d+/g, 'HOST:PORT')
    .replace(/gate_[0-9a-f]{12}/g, 'DATABASE')
    .replace(/ +\d+(?:\.\d)? m?s\b/g, ' TIME')
    .replace(/\(\d+\.\d+ s\)/g, '(TIME)')
    .replace(/schemagate \d+\.\d+\.\d+/g, 'schemagate VERSION')
    .replace(/PostgreSQL \d+\.\d+/g, 'PostgreSQL VERSION')
    .replace(/\bpid \d+/g, 'pid PID')
    // The name of a test's database is long.
    .replace(/ VERSION\n {4}direct$/m, ' VERSION   direct')

const ended = async (watched: Watched): Promise<{ code: number | null; text: string }> => {
  const code = await watched.exitCode
  return { code, text: plain(await watched.lines()) }
}

const three = {
  'migrations/0109_call_log_timing.sql': 'CREATE TABLE call_log (id int);',
  'migrations/0110_call_log_summary_status.sql': 'ALTER TABLE call_log ADD COLUMN s int;',
  'migrations/0111_business_settings_summary.sql': 'CREATE TABLE settings (id int);',
  'migrations/contracts/api.json':
    '{"service":"api","tables":{"call_log":{"columns":{"s":{"type":"integer"}}}}}',
}

describe.each(widths)('on %d columns', (columns) => {
  test('a header, a line for each migration, and one that closes', async () => {
    const database = await createDatabase('18')
    const first = await ended(watch(database, three, { columns }))
    expect(first).toEqual({
      code: 0,
      text: [
        '  schemagate VERSION   DATABASE @ HOST:PORT   PostgreSQL VERSION   direct',
        '  ✓ 0109_call_log_timing TIME',
        '  ✓ 0110_call_log_summary_status TIME',
        '  ✓ 0111_business_settings_summary TIME',
        '  3 of 3   contracts: api ✓ TIME',
        'Migration completed successfully: 3 applied, 0 were recorded before (TIME)',
      ].join('\n'),
    })
    expect(await ended(watch(database, three, { columns }))).toEqual({
      code: 0,
      text: [
        '  schemagate VERSION   DATABASE @ HOST:PORT   PostgreSQL VERSION   direct',
        '  contracts: api ✓ TIME',
        'Migration completed successfully: up to date, 3 recorded (TIME)',
      ].join('\n'),
    })
  })

  test('two hundred files take twenty lines at most, and what moves is one line', async () => {
    const database = await createDatabase('18')
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        `migrations/${String(at + 1).padStart(4, '0')}_table.sql`,
        `CREATE TABLE table_${at} (id int);`,
      ]),
    )
    const watched = watch(database, files, { columns })
    const working = await watched.sees(/ [█░]+ \d+ of 200 /)
    expect(working.filter((line) => line.includes(' of 200 '))).toHaveLength(1)
    expect(await watched.exitCode).toBe(0)
    const lines = await watched.lines()
    expect(lines.length).toBeLessThanOrEqual(20)
    expect(plain(lines)).toContain('  ✓ 190 migrations TIME\n  ✓ 0191_table TIME\n')
    expect(plain(lines)).toContain(
      '\n  200 of 200 TIME\nMigration completed successfully: 200 applied',
    )
  })

  test('a failure stands below in full, its words whole, the place in sight', async () => {
    const database = await createDatabase('18')
    const { code, text } = await ended(
      watch(
        database,
        {
          'migrations/1_users.sql': 'CREATE TABLE users (id int);',
          'migrations/2_orders.sql':
            'CREATE TABLE orders (id int, some_column_name text NOT NULL, another_name_that_is_long text, third TIMESTMAP NOT NULL);',
          'migrations/3_more.sql': 'CREATE TABLE more (id int);',
        },
        { columns },
      ),
    )
    expect(code).toBe(1)
    expect(text).toMatchSnapshot()
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([])
  })
})

/** A session that has read the table and left its transaction open. */
const blockTable = async ({ sql, client }: TestDatabase): Promise<() => Promise<unknown>> => {
  await sql.unsafe('CREATE TABLE busy (id int)')
  const blocker = client()
  await blocker.unsafe(`SET application_name = 'reporting'; BEGIN; SELECT FROM busy`)
  return () => blocker.unsafe('COMMIT')
}

test('who blocks a migration stands at it while it waits, and is gone afterwards', async () => {
  const database = await createDatabase('18')
  const release = await blockTable(database)
  const watched = watch(
    database,
    {
      'migrations/1_first.sql': 'CREATE TABLE first (id int);',
      'migrations/2_busy.sql': 'ALTER TABLE busy ADD COLUMN added int;',
    },
    { environment: { MIGRATION_LOCK_TIMEOUT: '60s' } },
  )
  // Its line comes before the one that closes the picture, which may be in the next piece.
  const text = plain(await watched.sees(/blocked by pid[^]*1 of 2/))
  expect(text).toMatch(
    /\n {2}✓ 1_first TIME\n {2}▸ 2_busy TIME\n {6}blocked by pid PID \(reporting, user postgres\), idle in transaction\s+for/,
  )
  expect(text).toContain('1 of 2')
  await release()
  const after = await ended(watched)
  expect(after.code).toBe(0)
  expect(after.text).not.toContain('blocked by')
})

test('a second gate shows who holds the lock', async () => {
  const database = await createDatabase('18')
  const release = await blockTable(database)
  const files = { 'migrations/1_busy.sql': 'ALTER TABLE busy ADD COLUMN added int;' }
  const environment = { MIGRATION_LOCK_TIMEOUT: '60s' }
  const first = watch(database, files, { environment })
  await first.sees('blocked by pid')
  const second = watch(database, files, { environment })
  const waiting = await second.sees('another process holds the migration lock')
  expect(waiting.every((line) => line.length <= 80)).toBe(true)
  await release()
  expect([await first.exitCode, await second.exitCode]).toEqual([0, 0])
  expect((await second.lines()).join('\n')).not.toContain('holds the migration lock')
})

test('a database that is not there is waited for on one line', async () => {
  const watched = watchGate({
    folder: workFolder(three),
    environment: {
      DATABASE_URL: 'postgresql://nobody:secret@127.0.0.1:1/none',
      DATABASE_WAIT_SECONDS: '2',
    },
    columns: 80,
  })
  expect(await watched.sees('waiting for DATABASE_URL (127.0.0.1:1/none)')).toHaveLength(1)
  expect(await watched.exitCode).toBe(69)
  expect((await watched.lines())[0]).toMatch(/^error\[database-unreachable\]/)
})

test('a violated contract has its mark', async () => {
  const database = await createDatabase('18')
  const contract = (service: string, table: string): string =>
    JSON.stringify({ service, tables: { [table]: { columns: {} } } })
  const { code, text } = await ended(
    watch(database, {
      'migrations/1_t.sql': 'CREATE TABLE t (id int);',
      'migrations/contracts/api.json': contract('api', 't'),
      'migrations/contracts/worker.json': contract('worker', 'jobs'),
    }),
  )
  expect(code).toBe(3)
  expect(text).toContain('\n  1 of 1   contracts: api ✓ worker ✗ TIME\n')
})

test('warnings stand above; many are counted', async () => {
  const database = await createDatabase('18')
  const files = Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8].map((each) => [
      `migrations/${each}_warns.sql`,
      `CREATE TABLE t${each} (id int); DO $$ BEGIN RAISE WARNING 'number ${each}'; END $$;`,
    ]),
  )
  const { code, text } = await ended(watch(database, files))
  expect(code).toBe(0)
  expect(text.match(/^ {2}! server WARNING: number \d$/gm)).toHaveLength(5)
  expect(text).toContain('\n  ! and 3 more warnings (LOG_LEVEL=warn shows all)\n')
})

test.each([
  ['NO_COLOR', { NO_COLOR: '1' }, ''],
  ['TERM=dumb', { TERM: 'dumb' }, '\u001b[32m'],
  ['FORCE_COLOR', { FORCE_COLOR: '1' }, '\u001b[32m'],
  ['LOG_LEVEL=debug', { LOG_LEVEL: 'debug' }, '\u001b[32m'],
])('with %s there are lines of a log, and nothing moves', async (_, environment, colour) => {
  const database = await createDatabase('18')
  const watched = watch(database, three, { environment })
  expect(await watched.exitCode).toBe(0)
  const raw = watched.raw()
  expect(raw).toContain(
    ` ${colour}info${colour === '' ? '' : '\u001b[39m'}  MIGRATION CHECKPOINT: `,
  )
  expect(raw).toContain('applied  migrations/0109_call_log_timing.sql ')
  expect(raw.replace(/\u001b\[\d+m/g, '')).not.toContain('\u001b')
})

test('LOG_FORMAT=json is JSON on a terminal, too', async () => {
  const watched = watch(await createDatabase('18'), three, { environment: { LOG_FORMAT: 'json' } })
  expect(await watched.exitCode).toBe(0)
  const lines = watched.raw().trim().split('\r\n')
  expect(lines.length).toBeGreaterThan(5)
  expect(lines.filter((line) => !line.startsWith('{"'))).toEqual([])
})

test('where stdout goes to a file, the whole report does, and the terminal says how it ended', async () => {
  const folder = temporaryFolder()
  const stdoutTo = join(folder, 'report')
  const { code, text } = await ended(watch(await createDatabase('18'), three, { stdoutTo }))
  expect(code).toBe(0)
  expect(text).toMatch(/\n {2}3 of 3 {3}contracts: api ✓ TIME\nMigration completed successfully: /)
  const report = readFileSync(stdoutTo, 'utf8')
  expect(report).toMatch(/^applied {2}migrations\/0109_call_log_timing\.sql /)
  expect(report).not.toContain('\u001b')
})

test('Ctrl-C leaves what was done, marks what was not, and says the rest', async () => {
  const database = await createDatabase('18')
  const watched = watch(database, {
    'migrations/1_first.sql': 'CREATE TABLE first (id int);',
    'migrations/2_slow.sql': 'SELECT pg_sleep(600);',
  })
  await watched.sees('▸ 2_slow')
  watched.press('\u0003')
  const { code, text } = await ended(watched)
  expect(code).toBe(130)
  expect(text).toMatch(/\n {2}✓ 1_first TIME\n {2}✗ 2_slow TIME\n {2}1 of 2 {3}✗ stopped TIME\n/)
  expect(text).toContain('error[interrupted')
})

test('names that steer a terminal steer none', async () => {
  const database = await createDatabase('18')
  const watched = watch(database, {
    'migrations/1_t.sql': `CREATE TABLE t (id int); DO $$ BEGIN RAISE WARNING E'\\x1b[2J\\x1b]0;title\\x07gone'; END $$;`,
  })
  expect(await watched.exitCode).toBe(0)
  expect((await watched.lines()).join('\n')).toContain(
    '! server WARNING: \\x1b[2J\\x1b]0;title\\x07gone',
  )
  expect(watched.raw()).not.toContain('\u001b[2J\u001b]0')
})

test('a dump shows on a terminal what names would steer it, and writes them to a file as they are', async () => {
  const database = await createDatabase('18')
  await database.sql.unsafe('CREATE TABLE "t\u001b]0;title\u0007" (id int)')
  const args = ['schema', 'dump', '--no-owner']
  const watched = watch(database, {}, { args })
  expect(await watched.exitCode).toBe(0)
  expect((await watched.lines()).join('\n')).toContain(
    'CREATE TABLE public."t\\x1b]0;title\\x07" (',
  )
  expect(watched.raw()).not.toContain('\u001b]0')
  const stdoutTo = join(temporaryFolder(), 'schema.sql')
  expect(await watch(database, {}, { args, stdoutTo }).exitCode).toBe(0)
  expect(readFileSync(stdoutTo, 'utf8')).toContain('"t\u001b]0;title\u0007"')
})

test('a colour of the failure report is one of a terminal only', async () => {
  const files = { 'migrations/1_t.sql': 'CREATE TABLE t (id integre);' }
  const watched = watch(await createDatabase('18'), files)
  expect(await watched.exitCode).toBe(1)
  expect(watched.raw()).toContain('\u001b[1m\u001b[31merror[migration-failed]:')
  const stdoutTo = join(temporaryFolder(), 'report')
  expect(await watch(await createDatabase('18'), files, { stdoutTo }).exitCode).toBe(1)
  expect(readFileSync(stdoutTo, 'utf8')).not.toContain('\u001b')
})

describe.each(widths)('bars on %d columns', (columns) => {
  test('that of a backfill keeps rate and time left', async () => {
    const database = await createDatabase('18')
    await database.sql.unsafe(
      'CREATE TABLE t (id bigint PRIMARY KEY, filled int); INSERT INTO t SELECT generate_series(1, 20000); ANALYZE t',
    )
    const name = 'fill_the_recording_mode_of_all_calls_that_have_none'
    const watched = watch(
      database,
      {
        [`migrations/backfills/${name}.sql`]:
          '-- @table t\n-- @key id\n-- @batch-size 100\nUPDATE t SET filled = 1 WHERE filled IS NULL AND :batch;',
      },
      { args: ['backfill', '--all'], columns },
    )
    const working = await watched.sees(
      / [█░]{16} +\d+ % {2}[\d,]+ rows\/s {2}(\d+ min )?\d+ s left {2}[\d,]+ rows/,
    )
    expect(working.every((line) => line.length <= columns)).toBe(true)
    expect(await watched.exitCode).toBe(0)
    expect(plain(await watched.lines())).toMatch(new RegExp(`\\n  ✓ ${name} TIME\\n`))
  })

  test('that of an index says phase and share', async () => {
    const database = await createDatabase('18')
    await database.sql.unsafe('CREATE TABLE t (id int, a int); CREATE TABLE u (a int)')
    const writer = database.client()
    await writer.unsafe(`SET application_name = 'reporting'; BEGIN; INSERT INTO t VALUES (1, 1)`)
    const watched = watch(
      database,
      { 'migrations/indexes/a.sql': 'CREATE INDEX CONCURRENTLY t_a ON t (a)' },
      { args: ['indexes'], columns },
    )
    await watched.sees(
      /▸ t_a +\d.*\n.*waiting for writers before build[^]*waits for pid \d+ \(reporting\)/,
    )
    await writer.unsafe('COMMIT')
    const { code, text } = await ended(watched)
    expect(code).toBe(0)
    expect(text).toMatch(/\n {2}✓ t_a TIME\nbuilt/)
  })
})

test('the bar of an index keeps rate and time left', async () => {
  const database = await createDatabase('18')
  // A row fills a block, and takes the build ten milliseconds.
  await database.sql.unsafe(`CREATE TABLE t (id int, filler text);
    ALTER TABLE t ALTER filler SET STORAGE PLAIN;
    INSERT INTO t SELECT n, repeat('x', 5000) FROM generate_series(1, 1000) n;
    CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(0.01); RETURN $1; END $$`)
  const watched = watch(
    database,
    { 'migrations/indexes/a.sql': 'CREATE INDEX CONCURRENTLY t_a ON t (slow(id))' },
    { args: ['indexes'] },
  )
  const working = await watched.sees(
    / [█░]{16} +\d+ % {2}building index: scanning table\n +\d+ blocks\/s {2}\d+ s left in this phase/,
  )
  expect(working.every((line) => line.length <= 80)).toBe(true)
  expect(await watched.exitCode).toBe(0)
})

test('the sample history fits a screen', async () => {
  const database = await createDatabase('18')
  const watched = watch(database, {}, { environment: { MIGRATIONS_DIR: sampleHistory } })
  expect(await watched.exitCode).toBe(0)
  const lines = await watched.lines()
  expect(lines.length).toBeLessThanOrEqual(20)
  expect(lines.at(-2)).toMatch(/^ {2}55 of 55 {3}contracts: api ✓ calls ✓ worker ✓ {3}\d/)
})
