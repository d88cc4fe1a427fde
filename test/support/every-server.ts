// For tests that mostly wait: on all servers at once.

import { test } from '@jest/globals'
import { serverVersions, type ServerVersion } from './servers.ts'

export const onEveryServer = (
  fact: string,
  body: (version: ServerVersion) => Promise<void>,
): void => {
  test(`${fact}, on PostgreSQL ${serverVersions.join(' and ')}`, async () => {
    await Promise.all(serverVersions.map(body))
  }, 90_000)
}
