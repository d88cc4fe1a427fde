import { expect, test } from '@jest/globals'
import { readEvidence } from '../../../src/catalog/read-evidence.ts'
import type { Session } from '../../../src/database/session/session.ts'
import { loadDeparser } from '../../../src/sql/tree/deparse.ts'
import { loadParser } from '../../../src/sql/tree/parse.ts'
import { historyOf } from '../schema/history/history-lines.ts'

const deparse = await loadDeparser(await loadParser())

test('what is asked of a long history is written with turns of the event loop, so that a lease can be renewed', async () => {
  const sql = Array.from({ length: 500 }, (_, n) => `CREATE TABLE t${n} (id int PRIMARY KEY)`)
  let turns = 0
  let counting = true
  const count = (): void => {
    turns++
    if (counting) setImmediate(count)
  }
  // Stands for the moment in which the question is whole; nothing after it is looked at.
  const send = (): Promise<never> => {
    counting = false
    return Promise.reject(new Error('it was asked'))
  }
  setImmediate(count)
  await expect(
    readEvidence({ send } as unknown as Session, {
      timelines: historyOf(sql).timelines,
      checks: [],
      deparse,
      timeoutMs: 1_000,
      role: undefined,
    }),
  ).rejects.toThrow('it was asked')
  expect(turns).toBeGreaterThanOrEqual(50)
})
