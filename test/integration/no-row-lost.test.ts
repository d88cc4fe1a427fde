// Files that do and undo, of every tool and of none, on databases with rows: whatever the gate says, no row is lost that was there
// before, unless the file allows it.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { clearBench, makeBench, runBench, type Bench } from '../support/bench.ts'
import { randomHalves, type Halves } from '../support/random-halves.ts'
import { serverVersions } from '../support/servers.ts'
import '../unit/one-realm.ts'

const runs = Number(process.env['HALVES_RUNS'] ?? 24)
const seed = Number(process.env['HALVES_SEED'] ?? Date.now() % 1_000_000)

/** Each row of each table, as text; of whatever schema, because a file may move a table. */
const readRows = async ({ database: { sql } }: Bench): Promise<readonly string[]> => {
  const tables =
    await sql.unsafe(`SELECT format('%I.%I', schemaname, tablename) AS full, tablename AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'schemagate')`)
  const all: string[] = []
  for (const { full, name } of tables) {
    const rows = await sql.unsafe(
      // A table that the file itself has made may lack one of them.
      `SELECT concat_ws(' | ', j ->> 'id', j ->> 'name', j ->> 'note', j ->> 'tags') AS row FROM ${String(full)} t, to_jsonb(t) j`,
    )
    all.push(...rows.map(({ row }) => `${String(name).replace(/_kept$/, '')}: ${String(row)}`))
  }
  return all
}

const put = (bench: Bench, files: readonly string[]) =>
  runBench(bench, Object.fromEntries(files.map((text, index) => [`${index + 1}_step.sql`, text])))

const tally = { refused: 0, failed: 0, ran: 0 }

const losesNothing = async (bench: Bench, halves: Halves): Promise<void> => {
  const { byOthers, recorded, rows, file } = halves
  const { sql } = bench.database
  await clearBench(bench)
  await sql.unsafe('CREATE EXTENSION citext').simple()
  if (recorded.length > 0) expect((await put(bench, recorded)).exitCode).toBe(0)
  await sql.unsafe(byOthers + rows).simple()
  const before = await readRows(bench)
  const { exitCode } = await put(bench, [...recorded, file])
  tally[exitCode === 0 ? 'ran' : exitCode === 4 ? 'refused' : 'failed']++
  const after = await readRows(bench).catch((error: unknown) => [String(error)])
  // What failed half-way, statement by statement, has lost nothing either.
  expect(before.filter((row) => !after.includes(row))).toEqual([])
}

describe.each(serverVersions)('files that do and undo on PostgreSQL %s', (version) => {
  test(
    `lose no row, ${runs} of them (HALVES_SEED=${seed})`,
    async () => {
      const bench = await makeBench(version)
      await fc.assert(
        fc.asyncProperty(randomHalves, async (halves) => {
          try {
            await losesNothing(bench, halves)
          } catch (error) {
            throw new Error(
              `${error instanceof Error ? error.message : String(error)}\n${JSON.stringify(halves, null, 2)}`,
            )
          }
        }),
        { seed, numRuns: runs },
      )
      // Not because nothing ran at all.
      expect(tally.refused).toBeGreaterThan(0)
      expect(tally.ran).toBeGreaterThan(0)
    },
    60_000 + runs * 5_000,
  )
})
