// The files of migrations/objects/ as text: what a start with nothing to do needs of them. Offline, without the SQL parser.

import { readdirSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { nodeErrorCode } from '../errors/node-error.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { isPassedOver } from '../files/passed-over.ts'
import type { DialectSeen } from '../migrations/dialects/read-foreign.ts'
import { definitions, shownFolder } from '../migrations/load.ts'
import {
  checksumOf,
  type Checksum,
  type Migration,
  type MigrationVersion,
} from '../migrations/migration.ts'
import { directiveLines } from '../migrations/directives/directives.ts'
import { readSqlFile } from '../migrations/sql-file.ts'

export type ObjectText = {
  /** The path within the folder, by which the ledger knows it: 'views/customer.sql'. */
  readonly entry: string
  /** As messages show it. */
  readonly file: string
  readonly text: string
  readonly checksum: Checksum
  /** Does it say '@drop': that what it made, and does not define any more, is to go? */
  readonly leavings: 'kept' | 'dropped'
  /** Comments alone define nothing. */
  readonly content: 'statements' | 'none'
}

/** As a migration behind all others: what reads the history reads these files, too. */
export const asMigration = ({
  entry,
  file,
  text,
  checksum,
}: Pick<ObjectText, 'entry' | 'file' | 'text' | 'checksum'>): Migration => ({
  ...{ version: `objects/${entry}` as MigrationVersion, name: entry, file, text, checksum },
  directives: {},
})

type LoadedObjects = {
  readonly objects: readonly ObjectText[]
  readonly problems: readonly Problem[]
}

/**
 * In the order of their paths. A folder that is not there has no files; nor has one in the folder of another tool, of which it is
 * whatever that tool makes of it.
 */
export const loadObjects = (
  migrationsDir: string,
  dialect: DialectSeen | undefined,
): LoadedObjects => {
  if (dialect !== undefined) return { objects: [], problems: [] }
  const folder = join(migrationsDir, definitions)
  const shown = `${shownFolder(migrationsDir)}/${definitions}`
  const listed = entriesOf(folder)
  if ('reason' in listed)
    return { objects: [], problems: [problem('unreadable-file', { file: shown, ...listed })] }
  const loaded = listed.entries.map((entry) => loadOne(join(folder, entry), entry, shown))
  return {
    objects: loaded.flatMap((each) => ('code' in each ? [] : [each])),
    problems: loaded.flatMap((each) => ('code' in each ? [each] : [])),
  }
}

type Listed = { readonly entries: readonly string[] } | { readonly reason: string }

const entriesOf = (folder: string): Listed => {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => !each.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .map((entry) => entry.replaceAll(sep, '/'))
    return { entries: entries.filter((entry) => !entry.split('/').some(isPassedOver)).sort() }
  } catch (error) {
    const code = nodeErrorCode(error)
    // What is wrong with the folder around it has a problem of its own.
    if (code === 'ENOENT' || !isReadable(dirname(folder))) return { entries: [] }
    return { reason: code === 'ENOTDIR' ? 'it is not a folder' : code }
  }
}

const isReadable = (folder: string): boolean => {
  try {
    readdirSync(folder)
    return true
  } catch {
    return false
  }
}

const loadOne = (path: string, entry: string, shown: string): ObjectText | Problem => {
  const file = `${shown}/${entry.replace(/[\u0000-\u001f\u007f]/g, '?')}`
  if (!entry.endsWith('.sql'))
    return problem('not-an-object-file', { file, reason: 'its name does not end in .sql' })
  const read = readSqlFile(path, file)
  if (read.kind === 'problem') return read.problem
  if (read.kind === 'folder')
    return problem('not-an-object-file', { file, reason: 'it is a folder' })
  if (read.rows.length > 0)
    return problem('not-an-object-file', { file, reason: 'it has rows of a COPY' })
  const isDropped = directiveLines(file, read.text).some(({ name }) => name === 'drop')
  return {
    ...{ entry, file, text: read.text, checksum: checksumOf(read.text) },
    leavings: isDropped ? 'dropped' : 'kept',
    content: /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*$/.test(read.text) ? 'none' : 'statements',
  }
}
