// Random objects, edited at random by their files and by hand: a run makes them as a new database has them, and the next one finds
// nothing to do.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Files } from '../support/gate.ts'
import { withRole } from '../support/object-changes.ts'
import { propertyRuns, propertySeed } from '../support/property.ts'
import { base, byHandOn, filesOf, histories } from '../support/random-objects.ts'
import { arrange, runs } from '../support/scenario.ts'
import { serverVersions } from '../support/servers.ts'

test.each(serverVersions)(
  'PostgreSQL %s: a run makes what a new database has, whatever was edited, and the next one does nothing',
  async (version) => {
    await fc.assert(
      fc.asyncProperty(histories, fc.boolean(), async ({ before, after, byHand }, alters) => {
        const scenario = await arrange(version, { ...base, ...filesOf(before) }, withRole)
        await runs(scenario)
        for (const each of byHand) {
          await scenario.database.sql.unsafe(byHandOn(before, each)?.sql ?? '').simple()
        }
        const now: Files = {
          ...filesOf(after),
          ...(alters ? { '0002_more.sql': 'ALTER TABLE app.base ADD COLUMN more date' } : {}),
        }
        scenario.write(now)
        await runs(scenario)
        const fresh = await arrange(version, { ...base, ...now }, withRole)
        await runs(fresh)
        const dumps = [await scenario.gate('schema', 'dump'), await fresh.gate('schema', 'dump')]
        expect(dumps[0]?.stdout).toEqual(dumps[1]?.stdout)
        expect(dumps[0]?.exitCode).toBe(0)
        expect(await scenario.gate('drift')).toMatchObject({ exitCode: 0 })
        const again = await scenario.gate('run')
        expect(again.stdout).toContain('up to date')
        expect(again.stderr).not.toContain('lock acquired')
      }),
      { numRuns: Math.ceil(propertyRuns / 4), seed: propertySeed, endOnFailure: true },
    )
  },
  900_000,
)
