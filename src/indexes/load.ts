// The declared indexes: migrations/indexes/*.sql, each one CREATE INDEX CONCURRENTLY with a name. Offline.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeErrorCode } from '../errors/node-error.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { decode } from '../migrations/decode.ts'
import { shownFolder } from '../migrations/load.ts'
import { checksumOf, type Migration, type MigrationVersion } from '../migrations/migration.ts'
import type { Parse } from '../sql/parse.ts'

export type DeclaredFiles = {
  /** As migrations, numbered in the order of their names: the rooms below read them as such. */
  readonly files: readonly Migration[]
  readonly problems: readonly Problem[]
}

export const loadDeclared = (migrationsDir: string, parse: Parse): DeclaredFiles => {
  const folder = join(migrationsDir, 'indexes')
  const shown = `${shownFolder(migrationsDir)}/indexes`
  const files: Migration[] = []
  const problems: Problem[] = []
  for (const entry of entriesOf(folder)) {
    const file = `${shown}/${entry}`
    const read = readText(join(folder, entry), file)
    if (typeof read !== 'string') {
      problems.push(read)
      continue
    }
    const reason = reasonAgainst(read, parse)
    if (reason !== undefined) problems.push(problem('not-an-index-file', { file, reason }))
    else
      files.push({
        version: String(files.length + 1) as MigrationVersion,
        name: entry.replace(/\.sql$/, ''),
        file,
        text: read,
        checksum: checksumOf(read),
        directives: {},
      })
  }
  return { files, problems }
}

const entriesOf = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.') && name.endsWith('.sql'))
        .sort()
    : []

const readText = (path: string, file: string): string | Problem => {
  try {
    const decoded = decode(readFileSync(path))
    return decoded.kind === 'text'
      ? decoded.text
      : problem('not-utf8', { file, reason: decoded.reason, cure: decoded.cure })
  } catch (error) {
    return problem('unreadable-file', { file, reason: nodeErrorCode(error) })
  }
}

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
