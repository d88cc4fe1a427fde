// Random objects, edited at random by their files and by hand: a run makes them as a new database has them, and the next one finds
// nothing to do.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readCatalog } from '../support/catalog.ts'
import type { Files } from '../support/gate.ts'
import { propertyRuns, propertySeed } from '../support/property.ts'
import { arrange, queried, runs } from '../support/scenario.ts'

const base: Files = {
  '0001_base.sql': 'CREATE SCHEMA app; CREATE TABLE app.base (a int, b text);\n',
}

type Kind = 'view' | 'materialized view' | 'function'

type RandomObject = {
  readonly kind: Kind
  /** Names an object of a lower number, or the table. */
  readonly on: number
  /** Another one is another type. */
  readonly variant: number
}

const values = ['1', "'x'::text", '2.5', 'now()::date'] as const
const types = ['int', 'text', 'numeric', 'date'] as const

const textOf = (objects: readonly RandomObject[], at: number): string => {
  const { kind, on, variant } = objects[at] ?? { kind: 'view', on: 0, variant: 0 }
  const value = values[variant] ?? '1'
  if (kind === 'function')
    return `CREATE FUNCTION app.o${at}() RETURNS ${types[variant] ?? 'int'} LANGUAGE sql AS $$ SELECT ${value} $$;\n`
  const lower = on % (at + 1)
  const other = lower === at ? undefined : objects[lower]
  const from = other === undefined || other.kind === 'function' ? 'app.base' : `app.o${lower}`
  const called = other?.kind === 'function' ? `, app.o${lower}() AS c` : ''
  return `CREATE ${kind.toUpperCase()} app.o${at} AS SELECT x.a, ${value} AS v${called} FROM ${from} x;\nGRANT SELECT ON app.o${at} TO PUBLIC;\n`
}

const filesOf = (objects: readonly RandomObject[]): Files =>
  // Names against the order of their needs.
  Object.fromEntries(objects.map((_, at) => [`objects/${9 - at}.sql`, textOf(objects, at)]))

const kinds: readonly Kind[] = ['view', 'view', 'materialized view', 'function']
const object = fc.record({ on: fc.nat(9), variant: fc.nat(3) })

const histories = fc
  .array(fc.constantFrom(...kinds), { minLength: 2, maxLength: 6 })
  .chain((chosen) => {
    const once = fc.tuple(
      ...chosen.map((kind) => object.map((rest): RandomObject => ({ ...rest, kind }))),
    )
    return fc.record({
      before: once,
      after: once,
      byHand: fc.uniqueArray(fc.nat(chosen.length - 1), { maxLength: 2 }),
    })
  })

test('a run makes what a new database has, whatever was edited, and the next one does nothing', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ before, after, byHand }) => {
      const scenario = await arrange('18', { ...base, ...filesOf(before) })
      await runs(scenario)
      for (const at of byHand) {
        const kind = before[at]?.kind ?? 'view'
        await queried(scenario, `DROP ${kind} IF EXISTS app.o${at} CASCADE`)
      }
      scenario.write(filesOf(after))
      await runs(scenario)
      const fresh = await arrange('18', { ...base, ...filesOf(after) })
      await runs(fresh)
      expect(await readCatalog(scenario.database)).toEqual(await readCatalog(fresh.database))
      expect(
        await queried(
          scenario,
          "SELECT relname || relacl::text FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('v', 'm') ORDER BY 1",
        ),
      ).toEqual(
        await queried(
          fresh,
          "SELECT relname || relacl::text FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('v', 'm') ORDER BY 1",
        ),
      )
      const again = await scenario.gate('run')
      expect(again.stdout).toContain('up to date')
      expect(again.stderr).not.toContain('lock acquired')
    }),
    { numRuns: Math.ceil(propertyRuns / 4), seed: propertySeed, endOnFailure: true },
  )
}, 900_000)
