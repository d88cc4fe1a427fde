// The story of a run within the test's own process: for tests that need hundreds of them.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeEndpoint } from '../../src/config/endpoint.ts'
import type { Announce } from '../../src/events.ts'
import type { Config } from '../../src/config/config.ts'
import { migrate } from '../../src/commands/run/migrate.ts'
import type { Intent } from '../../src/reconcile/assessment.ts'
import type { Outcome } from '../../src/commands/run/outcome/outcome.ts'
import { parseLockTimeout, parseStatementTimeout } from '../../src/sql/duration.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import { temporaryFolder } from './gate.ts'
import { password, superuser, type ServerVersion } from './servers.ts'

/** A database, and a folder of files for it. */
export type Bench = { readonly database: TestDatabase; readonly folder: string }

export const makeBench = async (version: ServerVersion): Promise<Bench> => ({
  database: await createDatabase(version),
  folder: join(temporaryFolder(), 'migrations'),
})

/** Nothing else is in the folder then. */
const putFiles = (folder: string, files: Readonly<Record<string, string>>): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

const duration = <D>(parsed: D | undefined): D => {
  if (parsed === undefined) throw new Error('no duration')
  return parsed
}

export const configOf = ({ database: { port, name }, folder }: Bench): Config => ({
  batchFiles: 1_000,
  mirror: 'auto',
  drift: 'off',
  endpoints: {
    first: makeEndpoint(
      {
        name: 'DATABASE_URL',
        hosts: ['127.0.0.1'],
        ports: [port],
        user: superuser,
        database: name,
        sslMode: 'disable',
        rootCertificate: undefined,
        options: undefined,
      },
      password,
    ),
    fallback: undefined,
  },
  gate: { kind: 'open', because: 'the test says so' },
  migrationsDir: folder,
  reading: { dialect: 'auto', variables: {} },
  ledgerSchema: 'schemagate',
  order: 'any',
  lockWaitMs: 10_000,
  onLockTimeout: 'fail',
  databaseWaitMs: 10_000,
  statementTimeout: duration(parseStatementTimeout('30s')),
  lockTimeout: duration(parseLockTimeout('5s')),
  lockRetries: 0,
  migrationRole: undefined,
  scratch: undefined,
  indexTimeout: { ms: 0, text: '0' },
})

type Given = {
  readonly announce?: Announce
  readonly config?: Partial<Config>
}

export const runBench = async (
  bench: Bench,
  files: Readonly<Record<string, string>>,
  intent: Intent = 'run',
  given: Given = {},
): Promise<Outcome> => {
  putFiles(bench.folder, files)
  const bugs: Error[] = []
  const context = {
    announce: given.announce ?? (() => undefined),
    interruption: new AbortController().signal,
    runId: '00000000-0000-4000-8000-000000000000',
    onBug: (error: Error) => bugs.push(error),
  }
  const outcome = await migrate({ ...configOf(bench), ...given.config }, context, intent)
  if (bugs[0] !== undefined) throw bugs[0]
  return outcome
}

/** As a new database has it. */
export const clearBench = async ({ database: { sql } }: Bench): Promise<void> => {
  const others =
    await sql.unsafe(`SELECT format('DROP SCHEMA %I CASCADE', nspname) AS drop FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`)
  await sql.unsafe([...others.map((row) => String(row['drop'])), 'CREATE SCHEMA public'].join('; '))
}
