// The folder to a list of migrations in the order of their versions, or every problem at once. Offline: a bad
// folder fails before we connect.

import { readdirSync } from 'node:fs'
import { basename, isAbsolute, normalize, sep } from 'node:path'
import { nodeErrorCode } from '../errors/node-error.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { isPassedOver } from '../files/passed-over.ts'
import { isLink, readRegularFile } from '../files/regular-file.ts'
import type { Variables } from './dialects/dialect.ts'
import type { DialectChoice } from './dialects/dialect-names.ts'
import { openFolder, type OpenFolder } from './dialects/open-folder.ts'
import { readForeign, type DialectSeen } from './dialects/read-foreign.ts'
import { recognise } from './dialects/recognise.ts'
import { readDirectives } from './directives/directives.ts'
import { readFileName } from './file-name.ts'
import { foreignNames } from './foreign/foreign-names.ts'
import { compareVersions, versionOf, type Migration } from './migration.ts'
import { baseVersionOf, filesBesideBase } from './replaces.ts'
import { ours } from './sql-file.ts'

export type LoadedMigrations = {
  readonly migrations: readonly Migration[]
  readonly problems: readonly Problem[]
  /** Undefined where the files are ours. */
  readonly dialect?: DialectSeen
}

/** How a folder is to be read. */
export type Reading = {
  readonly dialect: DialectChoice
  /** What files of other tools may leave open. Not enumerable where it comes from the environment. */
  readonly variables: Variables
}

// Folders of other work that live beside the migrations (docs/design/contracts.md, deferred-work.md).
const companions = ['contracts', 'indexes', 'backfills']

/** The folder of objects that are defined once (docs/design/objects.md). */
export const definitions = 'objects'

/** Ours, or those of another tool; the one way in which every command reads a folder. */
export const loadMigrations = (
  path: string,
  { dialect, variables }: Reading = { dialect: 'auto', variables: {} },
): LoadedMigrations => {
  const shown = shownFolder(path)
  const entries = listFolder(path)
  if (typeof entries === 'string')
    return failedBy(problem('folder-missing', { folder: shown, reason: entries }))
  const names = entries.filter((name) => !isPassedOver(name) && !companions.includes(name))
  if (names.length === 0) return failedBy(problem('folder-empty', { folder: shown }))
  const folder = openFolder(path, shown, { names, variables })
  const whose = recognise(folder, dialect)
  if (whose.kind === 'unclear') return { migrations: [], problems: whose.problems }
  // Of our own folders; another tool may have migrations in a folder of that name.
  const own = names.filter((name) => name !== definitions)
  if (whose.kind === 'ours')
    return own.length === 0
      ? failedBy(problem('folder-empty', { folder: shown }))
      : loadOwn({ ...folder, names: own })
  const { files, problems, dialect: seen } = readForeign(folder, whose, variables)
  const loaded = withDuplicates(files, problems)
  const isEmpty = loaded.migrations.length + loaded.problems.length === 0
  return isEmpty
    ? failedBy(problem('folder-empty', { folder: shown }))
    : { ...loaded, dialect: seen }
}

const loadOwn = (folder: OpenFolder): LoadedMigrations => {
  const { path, shown, names } = folder
  const foreign = foreignNames(path, shown, names)
  const loaded = foreign.others.map((name) => loadFile(folder, name))
  const migrations = loaded
    .flatMap((each) => each.migrations)
    .sort((a, b) => compareVersions(a.version, b.version))
  const beside = filesBesideBase(migrations)
  return withDuplicates(migrations, [
    ...foreign.problems,
    ...loaded.flatMap((each) => each.problems),
    ...beside,
  ])
}

const withDuplicates = (
  migrations: readonly Migration[],
  problems: readonly Problem[],
): LoadedMigrations => ({ migrations, problems: [...problems, ...duplicates(migrations)] })

/** The folder as messages show it: as it was given when relative, else its last name; never absolute. */
export const shownFolder = (folder: string): string => {
  const clean = normalize(folder).replaceAll(sep, '/').replace(/\/$/, '')
  return isAbsolute(clean) || clean.startsWith('..') ? basename(clean) : clean || '.'
}

const failedBy = (only: Problem): LoadedMigrations => ({ migrations: [], problems: [only] })

const listFolder = (folder: string): readonly string[] | string => {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    switch (nodeErrorCode(error)) {
      case 'ENOENT':
        return isLink(folder) ? 'is a link that leads nowhere' : 'does not exist'
      case 'ELOOP':
        return 'is a link that leads back to itself'
      case 'EACCES':
        return 'cannot be read: permission denied'
      case 'ENOTDIR':
        return 'is a file, not a folder'
      default:
        return `cannot be read (${nodeErrorCode(error)})`
    }
  }
}

const loadFile = (folder: OpenFolder, entry: string): LoadedMigrations => {
  const file = folder.fileOf(entry)
  const named = readFileName(entry)
  if (named.kind === 'other') {
    const reason = isFolder(folder.pathOf(entry)) ? itIsAFolder : named.reason
    return failedBy(problem('not-a-migration', { file, reason }))
  }
  // What it is, reading tells: asking before would cost every start as much again for each file.
  const { found, ...kept } = folder.read(entry)
  const read = ours(file, kept.sql, found)
  if (read.kind === 'folder')
    return failedBy(problem('not-a-migration', { file, reason: itIsAFolder }))
  if (read.kind === 'problem') return failedBy(read.problem)
  const { version, name } = named
  const { text, rows, checksum } = read
  const { directives, problems } = readDirectives(file, text)
  const { replaces } = directives
  if (replaces !== undefined && versionOf(replaces.to) !== version)
    return failedBy(problem('base-number', { file, ...replaces }))
  return {
    migrations: [
      {
        version: replaces === undefined ? version : baseVersionOf(version),
        ...{ name, file, text, rows, checksum, directives },
      },
    ],
    problems,
  }
}

const itIsAFolder = 'it is a folder'

const isFolder = (path: string): boolean => readRegularFile(path, 0).kind === 'folder'

const duplicates = (migrations: readonly Migration[]): readonly Problem[] => {
  const seen = new Set<string>()
  const doubled = new Set(
    migrations.flatMap(({ version }) => (seen.size === seen.add(version).size ? [version] : [])),
  )
  return [...doubled].map((version) => {
    const files = migrations.filter((each) => each.version === version).map(({ file }) => file)
    return problem('duplicate-version', { version, files })
  })
}
