// `drift --exact` on random objects of every kind: what the files alone have built has none, and each change by hand is found and named.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { databaseUrl } from '../support/database.ts'
import { runGate, type Finished } from '../support/gate.ts'
import { withRole } from '../support/object-changes.ts'
import { propertyRuns, propertySeed } from '../support/property.ts'
import { base, byHandOn, filesOf, histories } from '../support/random-objects.ts'
import { arrange, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

test.each(serverVersions)(
  'PostgreSQL %s: the files alone make no drift, and each change by hand is found and named',
  async (version) => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ before, byHand }) => {
        const scenario = await arrange(version, { ...base, ...filesOf(before) }, withRole)
        const { database, folder } = scenario
        await runs(scenario)
        const environment = {
          DATABASE_URL: database.url,
          SCRATCH_URL: databaseUrl(database.port, 'postgres'),
        }
        const drift = async (): Promise<Finished> =>
          runGate({ args: ['drift', '--exact'], folder, environment })
        expect(await drift()).toMatchObject({ exitCode: 0 })
        const done = byHand.flatMap((each) => byHandOn(before, each) ?? [])
        for (const { sql } of done) await database.sql.unsafe(sql).simple()
        const found = await drift()
        expect(found.exitCode).toBe(done.length === 0 ? 0 : 3)
        for (const { called } of done) expect(found.stdout).toContain(called)
      }),
      { numRuns: Math.ceil(propertyRuns / 6), seed: propertySeed, endOnFailure: true },
    )
  },
  900_000,
)
