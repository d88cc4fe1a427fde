// Histories with data changes, and an operator's hand between their files. Whatever a run does with such a database: it never exits 0
// with a schema that nobody would have come to, and never does a data change twice. Refusing is fine; with nothing touched.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { renderProblem } from '../../src/report/formats/problem-text.ts'
import type { Outcome } from '../../src/commands/run/outcome/outcome.ts'
import { makeBench, runBench, type Bench } from '../support/bench.ts'
import { readCatalog } from '../support/catalog.ts'
import type { TestDatabase } from '../support/database.ts'
import { handMade, type Hand } from '../support/hand-made.ts'
import { harshHistory, type Extend, type RandomHistory } from '../support/random-history.ts'
import { propertyRuns, propertySeed } from '../support/property.ts'
import { serverVersions } from '../support/servers.ts'
import '../unit/one-realm.ts'

const [runs, seed] = [propertyRuns, propertySeed]
const mostFiles = 9

// Every data change counts itself: in a row of its own, or in that of the file before.
const counting: Extend = (statements, file) => {
  if (file === 0) return ['CREATE TABLE done (step int, n int)', ...statements]
  const all = [
    `INSERT INTO done VALUES (${file}, 1)`,
    `WITH one AS (SELECT ${file} AS step) INSERT INTO done SELECT step, 1 FROM one`,
    `DO $$ BEGIN INSERT INTO done VALUES (${file}, 1); END $$`,
    `UPDATE done SET n = n + 1 WHERE step = ${file - 1}`,
  ]
  const length = statements.join('').length
  const change = all[length % all.length] ?? ''
  if (length % 3 === 0) return statements
  return length % 2 === 0 ? [...statements, change] : [change, ...statements]
}

type Case = {
  readonly files: RandomHistory
  /** So many of them are there, by `how`. */
  readonly k: number
  readonly how: 'psql' | 'the gate'
  readonly hand: Hand
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(
    harshHistory(mostFiles, counting),
    fc.nat({ max: mostFiles }),
    fc.constantFrom<Case['how']>('psql', 'psql', 'the gate'),
    fc.array(fc.nat({ max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
  )
  .map(([files, k, how, numbers]) => ({
    ...{ files, how },
    k: 1 + (k % files.length),
    hand: { numbers, files: files.slice(1 + (k % files.length)) },
  }))

const named = (files: RandomHistory): Readonly<Record<string, string>> =>
  Object.fromEntries(
    files.map((text, index) => [`${String(index + 1).padStart(4, '0')}_step.sql`, text]),
  )

const clear = async ({ sql }: TestDatabase): Promise<void> => {
  await sql.unsafe(
    'DROP SCHEMA IF EXISTS schemagate CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
  )
}

/** As psql would, each file in one transaction; false when one failed. */
const byPsql = async ({ sql }: TestDatabase, files: RandomHistory): Promise<boolean> => {
  try {
    for (const text of files) await sql.unsafe(text).simple()
    return true
  } catch {
    await sql.unsafe('ROLLBACK')
    return false
  }
}

type State = { readonly catalog: string; readonly done: readonly string[] }

const stateOf = async (database: TestDatabase): Promise<State> => {
  const catalog = (await readCatalog(database)).join('\n')
  const rows = catalog.includes('relation public.done')
    ? await database.sql.unsafe('SELECT step, n FROM public.done ORDER BY step, n')
    : []
  return { catalog, done: rows.map((row) => `${String(row['step'])}: ${String(row['n'])}`) }
}

const afterPsql = async (
  database: TestDatabase,
  { files, k, hand }: Case,
  byHand: 'with the hand' | 'without',
): Promise<State | undefined> => {
  await clear(database)
  if (!(await byPsql(database, files.slice(0, k)))) throw new Error('a file that no server takes')
  if (byHand === 'with the hand') await handMade(database, hand)
  return (await byPsql(database, files.slice(k))) ? stateOf(database) : undefined
}

/** What the hand did; undefined where the gate had refused the files before it. */
const arrange = async (
  bench: Bench,
  { files, k, how, hand }: Case,
): Promise<string | undefined> => {
  await clear(bench.database)
  if (how === 'psql') await byPsql(bench.database, files.slice(0, k))
  else if ((await runBench(bench, named(files.slice(0, k)))).exitCode !== 0) return undefined
  return handMade(bench.database, hand)
}

// Nothing is counted more often than by all files once.
const expectNoneTwice = (done: readonly string[], all: readonly string[]): void => {
  const most = new Map(all.map((each) => each.split(': ')).map(([step, n]) => [step, Number(n)]))
  const steps = done.map((each) => each.split(': '))
  const twice = steps.filter(([step], at) => steps[at - 1]?.[0] === step)
  const often = steps.filter(([step, n]) => Number(n) > (most.get(step) ?? 0))
  expect({ twice, often }).toEqual({ twice: [], often: [] })
}

const linesOf = (catalog: string): ReadonlySet<string> => new Set(catalog.split('\n'))

const asItIs = (catalog: string): string => catalog

// What somebody renamed keeps the names that the server chose for its keys: it numbers those of a table that is made again.
const unnumbered = (catalog: string): string =>
  catalog.replaceAll(/(_(?:pkey|key|check|fkey|excl|idx|seq|not_null))\d+\b/g, '$1')

/**
 * How many of the files that psql ran the catalog still shows. Where the hand has undone all that the last ones made, the database
 * stands where it stood before them: they are what is missing, and run. Nobody could tell otherwise; their data changes excepted,
 * which are in no catalog.
 */
const stillShown = async (
  { files, k, how }: Case,
  before: State,
  other: TestDatabase,
): Promise<number> => {
  if (how === 'the gate') return k
  await clear(other)
  const catalogs = [(await stateOf(other)).catalog]
  for (const text of files.slice(0, k)) {
    await byPsql(other, [text])
    catalogs.push((await stateOf(other)).catalog)
  }
  const [now, last] = [linesOf(before.catalog), linesOf(catalogs[k] ?? '')]
  const isUndone = (catalog: string): boolean => {
    const then = linesOf(catalog)
    return (
      catalog !== catalogs[k] &&
      [...last].every((line) => then.has(line) || !now.has(line)) &&
      [...then].every((line) => last.has(line) || now.has(line))
    )
  }
  const undone = catalogs.findIndex(isUndone)
  return undone === -1 ? k : undone
}

const behaves = async (each: Case, bench: Bench, other: Bench): Promise<string> => {
  const plain = await afterPsql(other.database, each, 'without')
  if (plain === undefined) throw new Error('a file that no server takes')
  const wanted = await afterPsql(other.database, each, 'with the hand')
  const did = await arrange(bench, each)
  if (did === undefined) return 'refused before the hand'
  const before = await stateOf(bench.database)
  const outcome = await runBench(bench, named(each.files))
  const after = await stateOf(bench.database)
  try {
    const shown = await stillShown(each, before, other.database)
    // A file counts itself, or the one before.
    const ofShown = after.done.filter((row) => shown === each.k || Number.parseInt(row) < shown - 1)
    expectNoneTwice(ofShown, plain.done)
    expect([0, 1, 4]).toContain(outcome.exitCode)
    if (outcome.exitCode === 4) expect(after).toEqual(before)
    if (outcome.exitCode === 0) {
      // In a database that was never managed, who makes by hand what a file makes has done that file, as far as anybody can tell.
      if (did === '' || each.how === 'the gate') expect(after.done).toEqual(plain.done)
      const read = did.includes(' RENAME ') ? unnumbered : asItIs
      const there = linesOf(read(after.catalog))
      const missing = [...linesOf(read(plain.catalog))].filter((line) => !there.has(line))
      // As psql would have left it; or all that the files make is there, and what the hand made besides.
      if (missing.length > 0) expect(after.catalog).toEqual(wanted?.catalog)
      if (did === '') expect(after.catalog).toEqual(plain.catalog)
    }
  } catch (error) {
    throw new Error(`${did}\n${saidOf(outcome)}\n${String(error)}`)
  }
  return outcome.problems[0]?.code ?? 'exit 0'
}

const saidOf = ({ problems, reconciled, applied }: Outcome): string =>
  [
    ...problems.map(renderProblem),
    `marked: ${reconciled.map(({ migration }) => migration.name).join(', ')}`,
    `applied: ${applied.map(({ migration }) => migration.name).join(', ')}`,
  ].join('\n')

const shown = ({ files, k, how }: Case): string =>
  files
    .map(
      (text, index) => `${index === k ? `-- by ${how} up to here\n` : ''}-- ${index + 1}\n${text}`,
    )
    .join('')

describe.each(serverVersions)('with an operator at work on PostgreSQL %s', (version) => {
  test(
    `no run ends where nobody would have come, ${runs} of them (PROPERTY_SEED=${seed})`,
    async () => {
      const [bench, other] = [await makeBench(version), await makeBench(version)]
      const ends = new Map<string, number>()
      const property = fc.asyncProperty(cases, async (each) => {
        try {
          const end = await behaves(each, bench, other)
          ends.set(end, (ends.get(end) ?? 0) + 1)
        } catch (error) {
          throw new Error(`${String(error)}\n${shown(each)}`)
        }
      })
      await fc.assert(property, { seed, numRuns: runs })
      process.stderr.write(`${JSON.stringify(Object.fromEntries(ends))}\n`)
    },
    60_000 + runs * 10_000,
  )
})
