// The declared indexes: migrations/indexes/*.sql, each one CREATE INDEX CONCURRENTLY with a name. Offline.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeErrorCode } from '../../errors/node-error.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import { shownFolder } from '../../migrations/load.ts'
import { checksumOf, type Migration, type MigrationVersion } from '../../migrations/migration.ts'
import { readSqlFile } from '../../migrations/sql-file.ts'
import type { Parse } from '../../sql/tree/parse.ts'

export type DeclaredFiles = {
  /** As migrations, numbered in the order of their names: the modules below read them as such. */
  readonly files: readonly Migration[]
  readonly problems: readonly Problem[]
}

export const loadDeclared = (migrationsDir: string, parse: Parse): DeclaredFiles => {
  const folder = join(migrationsDir, 'indexes')
  const shown = `${shownFolder(migrationsDir)}/indexes`
  const files: Migration[] = []
  const problems: Problem[] = []
  const entries = entriesOf(folder)
  if ('reason' in entries)
    return { files, problems: [problem('unreadable-file', { file: shown, ...entries })] }
  for (const entry of entries) {
    const file = `${shown}/${entry}`
    const read = readSqlFile(join(folder, entry), file)
    if (read.kind === 'problem') {
      problems.push(read.problem)
      continue
    }
    const text = read.kind === 'text' ? read.text : ''
    const reason = read.kind === 'folder' ? 'it is a folder' : reasonAgainst(text, parse)
    if (reason !== undefined) problems.push(problem('not-an-index-file', { file, reason }))
    else
      files.push({
        version: String(files.length + 1) as MigrationVersion,
        name: entry.replace(/\.sql$/, ''),
        file,
        text,
        checksum: checksumOf(text),
        directives: {},
      })
  }
  return { files, problems }
}

const entriesOf = (folder: string): readonly string[] | Unlisted => {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && name.endsWith('.sql'))
      .sort()
  } catch (error) {
    const code = nodeErrorCode(error)
    return code === 'ENOENT' ? [] : { reason: code === 'ENOTDIR' ? 'it is not a folder' : code }
  }
}

type Unlisted = { readonly reason: string }

const reasonAgainst = (text: string, parse: Parse): string | undefined => {
  const parsed = parse(text)
  if (parsed.kind === 'unreadable') return `the parser cannot read it (${parsed.message})`
  const [only, ...more] = parsed.statements
  if (only === undefined || more.length > 0)
    return `it holds ${parsed.statements.length} statements, not one`
  if (!('IndexStmt' in only.node) || only.node.IndexStmt.concurrent !== true)
    return 'its statement is not CREATE INDEX CONCURRENTLY'
  return only.node.IndexStmt.idxname === undefined ? 'its index has no name' : undefined
}
