import { expect, test } from '@jest/globals'
import { analyse } from '../../../../src/schema/history/analyse.ts'
import { aMigration } from '../../a-migration.ts'

test('a long history is read with turns of the event loop between its files, so that a lease can be renewed', async () => {
  const files = Array.from({ length: 2_000 }, (_, at) => ({
    ...aMigration(`${at + 1}_t.sql`),
    text: `CREATE TABLE t${at} (id int PRIMARY KEY);\n`,
  }))
  let turns = 0
  let counting = true
  const count = (): void => {
    turns++
    if (counting) setImmediate(count)
  }
  setImmediate(count)
  const { history } = await analyse(files, { schemas: ['public'], existing: ['public'] })
  counting = false
  expect(history.migrations).toHaveLength(2_000)
  expect(turns).toBeGreaterThanOrEqual(100)
})
