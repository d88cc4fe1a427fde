import { describe, expect, test } from '@jest/globals'
import { makeEndpoint } from '../../src/config/endpoint.ts'
import { readPoolerMode, type PoolerMode } from '../../src/database/connect/pooler-mode.ts'
import { openSession } from '../../src/database/session/session.ts'
import { createDatabase } from '../support/database.ts'
import { startPooler } from '../support/pooler.ts'
import { password, serverVersions, superuser } from '../support/servers.ts'

const modeSeen = async (port: number, database: string): Promise<PoolerMode> => {
  const endpoint = makeEndpoint(
    {
      name: 'DATABASE_URL',
      hosts: ['127.0.0.1'],
      ports: [port],
      user: superuser,
      database,
      sslMode: 'disable',
      rootCertificate: undefined,
      options: undefined,
    },
    password,
  )
  const context = { announce: () => undefined, interruption: new AbortController().signal }
  const a = openSession(endpoint, 'status', context)
  const b = openSession(endpoint, 'status', context)
  try {
    return await readPoolerMode(a, b)
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

describe.each(serverVersions)('the mode of a pooler in front of PostgreSQL %s', (version) => {
  test('a server without a pooler has none', async () => {
    const { port, name } = await createDatabase(version)
    expect(await modeSeen(port, name)).toBe('no pooler')
  })

  test.each([
    ['transaction', 1, {}, 'transaction'],
    ['transaction', 2, {}, 'transaction'],
    ['transaction', 5, { server_round_robin: '1' }, 'transaction'],
    ['session', 2, {}, 'session'],
    ['session', 5, { server_round_robin: '1' }, 'session'],
    ['session', 1, {}, 'unknown'],
  ] as const)('pool_mode %s with %i connections, %j: %s', async (mode, size, settings, told) => {
    const { port, name, sql } = await createDatabase(version)
    const pooler = await startPooler(port, size, { pool_mode: mode, ...settings })
    try {
      expect(await modeSeen(pooler.port, name)).toBe(told)
      const [left] = await sql.unsafe(
        `SELECT count(*)::int AS n FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
      )
      expect(left?.['n']).toBe(0)
    } finally {
      await pooler.stop()
    }
  })
})
