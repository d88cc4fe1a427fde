// The schemas of a search path are told twice: by the first question, without what is slow the first time, and in SQL for those
// who join them. Both say the same, whatever a pooled connection carries.

import { expect, test } from '@jest/globals'
import postgres from 'postgres'
import {
  loginPath,
  readServer,
  schemasOfPath,
  serverQuery,
} from '../../src/database/server/server.ts'
import { createDatabase } from '../support/database.ts'
import { superuser } from '../support/servers.ts'

test.each([
  ['"$user", public', [superuser, 'public'], ['public']],
  ['public,"My Schema",  app', ['public', 'My Schema', 'app'], ['public', 'My Schema']],
  ['""', [], []],
])('%s', async (path, schemas, existing) => {
  const { sql, url } = await createDatabase('18')
  await sql`CREATE SCHEMA "My Schema"`
  const session = postgres(url, { max: 1, connection: { search_path: path } })
  try {
    await session`SET search_path = elsewhere`
    const results = await session.unsafe(serverQuery(undefined)).simple()
    const [row] = results.at(-1) as unknown as postgres.Row[]
    expect(readServer(row ?? {}, 0, undefined).searchPath).toEqual({ schemas, existing })
    const [told] = await session.unsafe(
      `SELECT ${schemasOfPath}::text AS schemas FROM ${loginPath}`,
    )
    expect(JSON.parse(String(told?.['schemas'] ?? '[]'))).toEqual(schemas)
    expect(await session`SHOW search_path`).toEqual([{ search_path: 'elsewhere' }])
  } finally {
    await session.end()
  }
})
