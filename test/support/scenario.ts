// A database as somebody left it, a folder of files, and the gate between them.

import { expect } from '@jest/globals'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ledgerStates, readCatalog, readLedgerRows } from './catalog.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import { runGate, workFolder, writeFiles, type Files, type Finished } from './gate.ts'
import type { ServerVersion } from './servers.ts'

export type Scenario = {
  readonly database: TestDatabase
  /** The folder that the gate runs in. */
  readonly folder: string
  readonly gate: (...args: readonly string[]) => Promise<Finished>
  /** Names without the folder. */
  readonly write: (files: Files) => void
  readonly remove: (name: string) => void
}

const inFolder = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text]))

export const arrange = async (
  version: ServerVersion,
  files: Files,
  before = '',
): Promise<Scenario> => {
  const database = await createDatabase(version)
  if (before !== '') await database.sql.unsafe(before).simple()
  const folder = workFolder(inFolder(files))
  return {
    database,
    folder,
    gate: (...args) => runGate({ args, folder, environment: { DATABASE_URL: database.url } }),
    write: (more) => {
      writeFiles(folder, inFolder(more))
    },
    remove: (name) => {
      rmSync(join(folder, 'migrations', name))
    },
  }
}

/** `run` exits 0; yields the ledger as 'name: state' lines, in the order of versions. */
export const runs = async ({ gate, database }: Scenario): Promise<readonly string[]> => {
  const finished = await gate('run')
  expect(finished).toMatchObject({ exitCode: 0 })
  return (await ledgerStates(database)) ?? []
}

/** `plan` and `run` exit 4 alike and leave everything as it was; yields what `run` said. */
export const refuses = async ({ gate, database }: Scenario): Promise<string> => {
  const catalog = await readCatalog(database)
  const ledger = await readLedgerRows(database)
  const plan = await gate('plan')
  const run = await gate('run')
  expect([plan.exitCode, run.exitCode]).toEqual([4, 4])
  expect(await readCatalog(database)).toEqual(catalog)
  expect(await readLedgerRows(database)).toEqual(ledger)
  const problems = run.stdout.slice(run.stdout.indexOf('error['), run.stdout.indexOf('MIGRATION'))
  expect(plan.stdout).toContain(problems)
  return run.stdout
}

export const queried = async (
  { database }: Scenario,
  query: string,
): Promise<readonly unknown[]> => {
  const rows = await database.sql.unsafe(query).values()
  return rows.map((row) => row[0] as unknown)
}
