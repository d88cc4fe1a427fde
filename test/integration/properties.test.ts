// Whatever a history does, and wherever in it a database was brought by other means: the run recognises that, runs the
// rest, and ends where a run from the start ends.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { renderProblem } from '../../src/report/formats/problem-text.ts'
import type { Intent } from '../../src/reconcile/assessment.ts'
import type { Outcome } from '../../src/commands/run/outcome/outcome.ts'
import { readCatalog } from '../support/catalog.ts'
import { makeBench, runBench, type Bench } from '../support/bench.ts'
import type { TestDatabase } from '../support/database.ts'
import { hasUnseen, randomHistory, type RandomHistory } from '../support/random-history.ts'
import { propertyRuns, propertySeed } from '../support/property.ts'
import { serverVersions } from '../support/servers.ts'
import '../unit/one-realm.ts'

const [runs, seed] = [propertyRuns, propertySeed]
const mostFiles = 10

const fileName = (index: number): string => `${String(index + 1).padStart(4, '0')}_step`

const run = (bench: Bench, files: RandomHistory, intent: Intent = 'run'): Promise<Outcome> =>
  runBench(
    bench,
    Object.fromEntries(files.map((text, index) => [`${fileName(index)}.sql`, text])),
    intent,
  )

const clear = async ({ sql }: TestDatabase): Promise<void> => {
  await sql.unsafe(
    'DROP SCHEMA IF EXISTS schemagate CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
  )
}

/** As psql would: each file in one message, which is one transaction. */
const applyOutside = async ({ sql }: TestDatabase, files: RandomHistory): Promise<void> => {
  for (const text of files) await sql.unsafe(text).simple()
}

/** The catalog after each file, from none on. */
const catalogs = async (database: TestDatabase, files: RandomHistory): Promise<string[]> => {
  await clear(database)
  const found = [(await readCatalog(database)).join('\n')]
  for (const text of files) {
    await applyOutside(database, [text])
    found.push((await readCatalog(database)).join('\n'))
  }
  return found
}

const expectGood = (outcome: Outcome): void => {
  if (outcome.exitCode !== 0) throw new Error(outcome.problems.map(renderProblem).join('\n'))
}

const names = (
  list: readonly { readonly migration: { readonly name: string } }[],
): readonly string[] => list.map(({ migration }) => migration.name)

// Marked is a beginning of the history; where it ends elsewhere than the database stood, the catalog is the same there.
const expectMarked = async (
  marked: readonly string[],
  k: number,
  files: RandomHistory,
  database: TestDatabase,
): Promise<void> => {
  expect(marked).toEqual(files.slice(0, marked.length).map((_, index) => fileName(index)))
  if (marked.length === k) return
  const all = await catalogs(database, files)
  expect({ at: marked.length, catalog: all[marked.length] }).toEqual({
    at: marked.length,
    catalog: all[k],
  })
}

const shown = (files: RandomHistory, k: number): string =>
  files
    .map(
      (text, index) =>
        `${index === k ? `-- the database stood here\n` : ''}-- ${fileName(index)}\n${text}`,
    )
    .join('')

// What would change nothing may be marked instead of run: the database has it already.
const expectOnlyLast = async (
  { applied, reconciled }: Outcome,
  files: RandomHistory,
  database: TestDatabase,
): Promise<void> => {
  expect([...names(applied), ...names(reconciled)]).toEqual([fileName(files.length - 1)])
  if (applied.length > 0) return
  const [before, after] = (await catalogs(database, files)).slice(-2)
  expect(after).toBe(before)
  await clear(database)
}

// Of a file that nothing in the catalog tells of, right behind what is there, nobody can say whether it has run. Its cure where it has
// not is `adopt`, which leaves it to the next run; what `adopt` marks counts as marked.
const runOrAdopt = async (bench: Bench, files: RandomHistory): Promise<Outcome> => {
  const recognised = await run(bench, files)
  const [refused] = recognised.problems
  if (refused?.code !== 'undecided') return recognised
  const adopted = await run(bench, files, 'adopt')
  expectGood(adopted)
  const doubtful =
    files[Number(refused.place?.file.slice('migrations/'.length).slice(0, 4)) - 1] ?? ''
  expect({ doubtful, unseen: hasUnseen(doubtful) }).toEqual({ doubtful, unseen: true })
  return { ...(await run(bench, files)), reconciled: adopted.reconciled }
}

type Case = { readonly files: RandomHistory; readonly k: number }

const recognises = async ({ files, k }: Case, fresh: Bench, outside: Bench): Promise<void> => {
  await clear(fresh.database)
  await clear(outside.database)
  const first = await run(fresh, files.slice(0, -1))
  expectGood(first)
  const appended = await run(fresh, files)
  expectGood(appended)
  await expectOnlyLast(appended, files, outside.database)
  const wanted = await readCatalog(fresh.database)

  await applyOutside(outside.database, files.slice(0, k))
  const recognised = await runOrAdopt(outside, files)
  expectGood(recognised)
  const marked = names(recognised.reconciled)
  expect([...marked, ...names(recognised.applied)]).toEqual(
    files.map((_, index) => fileName(index)),
  )
  expect(await readCatalog(outside.database)).toEqual(wanted)
  const again = await run(outside, files)
  expect([again.kind, again.recorded]).toEqual(['up to date', files.length])
  await expectMarked(marked, k, files, fresh.database)
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(randomHistory(mostFiles), fc.nat({ max: mostFiles }))
  .map(([files, k]) => ({ files, k: Math.min(k, files.length) }))

describe.each(serverVersions)('a random history on PostgreSQL %s', (version) => {
  test(
    `is recognised up to where the database stands, ${runs} of them (PROPERTY_SEED=${seed})`,
    async () => {
      const fresh = await makeBench(version)
      const outside = await makeBench(version)
      await fc.assert(
        fc.asyncProperty(cases, async (each) => {
          try {
            await recognises(each, fresh, outside)
          } catch (error) {
            throw new Error(
              `${error instanceof Error ? error.message : String(error)}\n${shown(each.files, each.k)}`,
            )
          }
        }),
        { seed, numRuns: runs },
      )
    },
    60_000 + runs * 10_000,
  )
})
