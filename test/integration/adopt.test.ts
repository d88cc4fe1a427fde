// A database that was brought to any point of our own history by other means than schemagate: what is there is recognised,
// the rest runs, and in the end nobody can tell it from a database that was migrated from the start.

import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCatalog, readLedgerRows, type LedgerRowSeen } from '../support/catalog.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import {
  runGate,
  sampleFiles,
  sampleHistory,
  temporaryFolder,
  type Finished,
} from '../support/gate.ts'
import { serverVersions, type ServerVersion } from '../support/servers.ts'

const files = sampleFiles()
const names = files.map((file) => file.replace('.sql', ''))
const count = files.length

type Density = 'all' | 'every fifth'

/** Every point of the history on one version; on the other enough of them to see that it is no different there. */
const points = (version: ServerVersion, density: Density = 'all'): readonly number[] =>
  Array.from({ length: count + 1 }, (_, k) => k).filter(
    (k) => (version === '18' && density === 'all') || k % 5 === 0,
  )

const gateOn = (
  { url }: TestDatabase,
  folder: string,
): ((...args: readonly string[]) => Promise<Finished>) => {
  const environment = { DATABASE_URL: url, MIGRATIONS_DIR: sampleHistory }
  return (...args) => runGate({ args, folder, environment })
}

/** As psql would: the whole file in one message, which is one transaction. */
const bringForward = async ({ client }: TestDatabase, file: string): Promise<void> => {
  const sql = client()
  await sql.unsafe(readFileSync(join(sampleHistory, file), 'utf8')).simple()
  // Nobody may be connected to a database that is copied.
  await sql.end({ timeout: 1 })
}

const gatesAtOnce = 3

type Point = { readonly k: number; readonly database: TestDatabase }

/** Hands out a database for each point, each one a copy of the one that goes on. */
const atEachPoint = async (
  version: ServerVersion,
  visit: (point: Point) => Promise<void>,
  density: Density = 'all',
): Promise<void> => {
  const growing = await createDatabase(version)
  const wanted = new Set(points(version, density))
  const busy = new Set<Promise<void>>()
  for (let k = 0; k <= count; k += 1) {
    const file = files[k - 1]
    if (file !== undefined) await bringForward(growing, file)
    if (!wanted.has(k)) continue
    if (busy.size >= gatesAtOnce) await Promise.race(busy)
    const database = await createDatabase(version, growing.name)
    const visiting = visit({ k, database })
      .then(() => database.drop())
      .finally(() => busy.delete(visiting))
    // Looked at below; until then it must not count as unhandled.
    visiting.catch(() => undefined)
    busy.add(visiting)
  }
  await Promise.all(busy)
}

/** `undefined` where all is well: name, state and mark of each file that is not as it should be. */
const misjudged = (
  rows: readonly LedgerRowSeen[] | undefined,
  k: number,
  rest: 'applied' | 'not recorded',
): readonly string[] => {
  const found = new Map(rows?.map((row) => [row.name, row]))
  return names.flatMap((name, index) => {
    const row = found.get(name)
    const seen =
      row === undefined
        ? 'not recorded'
        : `${row.state}${row.reconciled ? ' (marked)' : ''}${(row.recognised_by ?? '') === '' ? '' : ' with evidence'}`
    const due = index < k ? 'reconciled (marked) with evidence' : rest
    return seen === due ? [] : [`${name}: ${seen}, not ${due}`]
  })
}

describe.each(serverVersions)('adopt tables on PostgreSQL %s', (version) => {
  let fresh: readonly string[] = []

  // afterEach drops what a test made: this one is dropped at once.
  beforeAll(async () => {
    const database = await createDatabase(version)
    const { exitCode } = await gateOn(database, temporaryFolder())('run')
    expect(exitCode).toBe(0)
    fresh = await readCatalog(database)
    await database.drop()
  })

  test('run marks exactly what is there, applies the rest, and ends where a fresh run does', async () => {
    const seen: Record<number, unknown> = {}
    const folder = temporaryFolder()
    await atEachPoint(version, async ({ k, database }) => {
      const gate = gateOn(database, folder)
      const first = await gate('run')
      const rows = await readLedgerRows(database)
      const catalog = await readCatalog(database)
      const second = await gate('run')
      seen[k] = {
        exitCodes: [first.exitCode, second.exitCode],
        misjudged: misjudged(rows, k, 'applied'),
        missing: fresh.filter((line) => !catalog.includes(line)),
        unexpected: catalog.filter((line) => !fresh.includes(line)),
        second: second.stdout.replace(/ \(.*\n/, ''),
      }
    })
    const good = {
      exitCodes: [0, 0],
      misjudged: [],
      missing: [],
      unexpected: [],
      second: `Migration completed successfully: up to date, ${count} recorded`,
    }
    expect(seen).toEqual(Object.fromEntries(points(version).map((k) => [k, good])))
  }, 300_000)

  test('adopt marks exactly what is there and runs nothing', async () => {
    const seen: Record<number, unknown> = {}
    const folder = temporaryFolder()
    await atEachPoint(version, async ({ k, database }) => {
      const gate = gateOn(database, folder)
      const before = await readCatalog(database)
      const adopt = await gate('adopt')
      const after = await readCatalog(database)
      seen[k] = {
        exitCode: adopt.exitCode,
        told: adopt.stdout.trimEnd().split('\n').at(-1),
        misjudged: misjudged(await readLedgerRows(database), k, 'not recorded'),
        ranNothing: String(after) === String(before),
      }
      // What adopt left is what run does.
      if (k % 10 !== 5) return
      const run = await gate('run')
      expect(run).toMatchObject({ exitCode: 0 })
      expect(run.stdout).toContain(
        k === count
          ? `up to date, ${k} recorded`
          : `${count - k} applied, ${k} were recorded before`,
      )
      expect(await readCatalog(database)).toEqual(fresh)
    })
    const good = (k: number): unknown => ({
      exitCode: 0,
      told: expect.stringContaining(
        `Adoption completed: ${k} marked as reconciled, 0 were recorded before, ${count - k} left for 'schemagate run'`,
      ),
      misjudged: [],
      ranNothing: true,
    })
    expect(seen).toEqual(Object.fromEntries(points(version).map((k) => [k, good(k)])))
  }, 300_000)

  test('plan and adopt --dry-run foresee both, and write nothing', async () => {
    const seen: Record<number, unknown> = {}
    const folder = temporaryFolder()
    await atEachPoint(
      version,
      async ({ k, database }) => {
        const gate = gateOn(database, folder)
        const before = await readCatalog(database)
        const plan = await gate('plan')
        const dry = await gate('adopt', '--dry-run')
        seen[k] = {
          exitCodes: [plan.exitCode, dry.exitCode],
          told: [plan, dry].map(({ stdout }) => stdout.trimEnd().split('\n').at(-1)),
          ledger: await readLedgerRows(database),
          wroteNothing: String(await readCatalog(database)) === String(before),
        }
      },
      'every fifth',
    )
    const good = (k: number): unknown => ({
      exitCodes: [0, 0],
      told: [
        `Plan: ${count - k} to run, ${k} already there, 0 recorded. Nothing was changed.`,
        `Plan: ${k} to mark, ${count - k} left for schemagate run, 0 recorded. Nothing was changed.`,
      ],
      ledger: undefined,
      wroteNothing: true,
    })
    const expected = points(version, 'every fifth').map((k) => [k, good(k)])
    expect(seen).toEqual(Object.fromEntries(expected))
  }, 300_000)

  test('a database at the end of the history is the same whether psql or schemagate brought it there', async () => {
    const database = await createDatabase(version)
    for (const file of files) await bringForward(database, file)
    expect(await readCatalog(database)).toEqual(fresh)
  })
})
