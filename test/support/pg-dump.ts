// PostgreSQL's own programs pg_dump and psql (Debian: postgresql-client), as an operator uses them.

import { execFileSync } from 'node:child_process'
import { password } from './servers.ts'
import type { TestDatabase } from './database.ts'

const inside = ({ url }: Pick<TestDatabase, 'url'>, text?: string) => ({
  env: { ...process.env, PGPASSWORD: password, PGDATABASE: url, PGOPTIONS: '' },
  encoding: 'utf8' as const,
  maxBuffer: 1 << 28,
  ...(text === undefined ? {} : { input: text }),
})

/** The database as a script; the ledger's schema is left out. */
export const pgDump = (database: Pick<TestDatabase, 'url'>, ...options: string[]): string =>
  execFileSync(
    'pg_dump',
    ['--exclude-schema=schemagate', ...options, `--dbname=${database.url}`],
    inside(database),
  )

/** Ends at the first error. */
export const psql = (database: Pick<TestDatabase, 'url'>, script: string): void => {
  const options = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-']
  execFileSync('psql', [...options, `--dbname=${database.url}`], {
    ...inside(database, script),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}
