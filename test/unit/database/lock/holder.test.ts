import { expect, test } from '@jest/globals'
import type { LockHolder } from '../../../../src/events.ts'
import { describeHolder } from '../../../../src/database/lock/holder.ts'
import type { LockKey } from '../../../../src/database/lock/locked-session.ts'
import { migrationNamed, nameMessage } from '../../../../src/database/lock/named-statement.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'

const parse = await loadParser()

const holder: LockHolder = {
  pid: 42,
  applicationName: 'schemagate/1 lock',
  user: 'owner',
  address: 'local',
  ageSeconds: 9,
  runs: undefined,
}

test.each([
  [holder, 'pid 42, schemagate/1 lock, user owner, from local, for 9 s'],
  [
    { ...holder, runs: 'm/1_a.sql' },
    'pid 42, schemagate/1 lock, user owner, from local, for 9 s, runs m/1_a.sql',
  ],
  [
    { ...holder, applicationName: '' },
    'pid 42, no application_name, user owner, from local, for 9 s',
  ],
  [undefined, 'unknown (it has just let go)'],
])('the holder %j is described', (who, words) => {
  expect(describeHolder(who)).toBe(words)
})

// PostgreSQL's comments nest: one that is opened and never closed would swallow the whole message.
test.each([
  'm/1_a.sql',
  'db*/1_*.sql',
  'db/*x/1_a.sql',
  '**/*/1_*-.sql',
  '1_a.sql */ DROP TABLE t; /* .sql',
  '1_a.sql */ /* lock 7 */.sql',
  '1_a\n-- b.sql',
  "1_'\\'.sql",
  '1_%2A%.sql',
])('a message is a comment and its statements, whatever the name of the file: %j', (file) => {
  const message = `${nameMessage(file, -5n as LockKey)} SELECT 1`
  const parsed = parse(message)
  expect(parsed.kind === 'parsed' && parsed.statements.length).toBe(1)
  expect(migrationNamed(message)).toBe(file)
  expect(message).toContain('*/ /* lock -5 */ SELECT 1')
})

test('no two files have the same comment, and no two locks', () => {
  const files = ['i.sql', 'i*.sql', 'i%2A.sql', 'i%252A.sql']
  const names = files.flatMap((file) => [5n, 7n].map((key) => nameMessage(file, key as LockKey)))
  expect(new Set(names).size).toBe(2 * files.length)
})
