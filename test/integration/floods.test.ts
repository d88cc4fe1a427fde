// What a server sends, it may send by the million or by the megabyte: a run takes it in little memory, and tells the start of it.

import { expect, test } from '@jest/globals'
import { createDatabase } from '../support/database.ts'
import { runGate, workFolder, type Finished } from '../support/gate.ts'
import { serverVersions } from '../support/servers.ts'

/** In a process that has 64 MB for what it keeps. */
const running = async (text: string, LOG_LEVEL = 'debug'): Promise<Finished> => {
  const { url, name, sql } = await createDatabase(serverVersions[0])
  // Its own log would be as long.
  await sql.unsafe(`ALTER DATABASE ${name} SET log_min_messages = fatal`)
  const folder = workFolder({
    'migrations/1_x.sql': text,
    'migrations/2_y.sql': 'CREATE TABLE y ()',
  })
  const NODE_OPTIONS = '--max-old-space-size=64'
  return runGate({ folder, environment: { DATABASE_URL: url, LOG_LEVEL, NODE_OPTIONS } })
}

const linesWith = ({ stderr }: Finished, words: string): readonly string[] =>
  stderr.split('\n').filter((line) => line.includes(words))

const raising = (times: number, what: string): string =>
  `DO $$ BEGIN FOR i IN 1..${times} LOOP RAISE ${what}; END LOOP; RAISE WARNING 'the last word'; END $$;`

test.each(['', '-- @transaction off\n'])(
  'of 200,000 notices the first are logged, and how many were left out (%j)',
  async (directive) => {
    const finished = await running(`${directive}${raising(200_000, "NOTICE 'row %', i")}`)
    expect(finished.exitCode).toBe(0)
    const notices = linesWith(finished, 'server NOTICE: row ')
    expect(notices.map((line) => line.split('server NOTICE: ')[1])).toEqual(
      Array.from({ length: 100 }, (_, index) => `row ${index + 1}`),
    )
    const leftOut = linesWith(finished, 'are left out')
    expect(leftOut).toHaveLength(1)
    expect(leftOut[0]).toContain(
      'the server sent 200000 notices; only the first 100 are logged, the other 199900 are left out',
    )
    expect(linesWith(finished, 'server WARNING: the last word')).toHaveLength(1)
  },
)

test('of warnings of megabytes, the start of the first is logged, and how many were left out', async () => {
  const finished = await running(raising(99, "WARNING '%', repeat('x', 4000000)"), 'info')
  expect(finished.exitCode).toBe(0)
  expect(linesWith(finished, '(3996000 more characters)')).toHaveLength(17)
  expect(linesWith(finished, 'warnings; only the first 17 are logged, the other 83')).toHaveLength(
    1,
  )
  expect(finished.stderr.length).toBeLessThan(100_000)
})

const failing = `DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'message ' || repeat('x', 50000000),
  DETAIL = 'detail ' || repeat('y', 50000000), HINT = 'hint ' || repeat('z', 50000000); END $$`

const expectBounded = ({ exitCode, stdout, stderr }: Finished): void => {
  expect(exitCode).toBe(1)
  for (const start of ['message xxx', 'detail yyy', 'hint zzz']) expect(stdout).toContain(start)
  expect(stdout).toMatch(/x… \(\d+ more characters\)/)
  expect(stdout.length + stderr.length).toBeLessThan(60_000)
}

test.each(['', '-- @transaction off\n'])(
  'an error of 150 MB is a failed migration like any other (%j)',
  async (directive) => {
    const { url } = await createDatabase(serverVersions[0])
    const folder = workFolder({ 'migrations/1_x.sql': `${directive}${failing}` })
    expectBounded(await runGate({ folder, environment: { DATABASE_URL: url } }))
  },
)
