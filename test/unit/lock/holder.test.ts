import { expect, test } from '@jest/globals'
import type { LockHolder } from '../../../src/events.ts'
import { describeHolder, nameMessage } from '../../../src/lock/holder.ts'
import { loadParser } from '../../../src/sql/parse.ts'

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
test.each(['m/1_a.sql', 'db*/1_*.sql', 'db/*x/1_a.sql', '**/*/1_*-.sql'])(
  'a message is a comment and its statements, whatever the name of the file: %s',
  (file) => {
    const parsed = parse(`${nameMessage(file)} SELECT 1`)
    expect(parsed.kind === 'parsed' && parsed.statements.length).toBe(1)
  },
)
