// PostgreSQL's own programs pg_dump and psql (Debian: postgresql-client), as an operator uses them.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { password } from './servers.ts'
import type { TestDatabase } from './database.ts'

const inside = ({ url }: Pick<TestDatabase, 'url'>, text?: string) => ({
  env: { ...process.env, PGPASSWORD: password, PGDATABASE: url, PGOPTIONS: '' },
  encoding: 'utf8' as const,
  maxBuffer: 1 << 28,
  ...(text === undefined ? {} : { input: text }),
})

export type Clients = {
  /** The database as a script; the ledger's schema is left out. */
  readonly pgDump: (database: Pick<TestDatabase, 'url'>, ...options: string[]) => string
  /** Ends at the first error. */
  readonly psql: (database: Pick<TestDatabase, 'url'>, script: string) => void
}

const clientsIn = (folder: string): Clients => ({
  pgDump: (database, ...options) =>
    execFileSync(
      join(folder, 'pg_dump'),
      ['--exclude-schema=schemagate', ...options, `--dbname=${database.url}`],
      inside(database),
    ),
  psql: (database, script) => {
    const options = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-']
    execFileSync(join(folder, 'psql'), [...options, `--dbname=${database.url}`], {
      ...inside(database, script),
      stdio: ['pipe', 'ignore', 'pipe'],
    })
  },
})

export const { pgDump, psql } = clientsIn('')

/** scripts/postgres-clients unpacks them. */
export const newerClients = (version: '17' | '18'): Clients =>
  clientsIn(join(import.meta.dirname, '../../build/postgres-clients', version))
