// The folder to a list of migrations in the order of their versions, or every problem at once. Offline: a bad
// folder fails before we connect.

import { readdirSync } from 'node:fs'
import { basename, isAbsolute, normalize, sep } from 'node:path'
import { nodeErrorCode } from '../errors/node-error.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { isPassedOver } from '../files/passed-over.ts'
import { isLink, readRegularFile } from '../files/regular-file.ts'
import { readDirectives } from './directives.ts'
import { readFileName } from './file-name.ts'
import { foreignNames } from './foreign/foreign-names.ts'
import { compareVersions, type Migration } from './migration.ts'
import { readSqlFile } from './sql-file.ts'

export type LoadedMigrations = {
  readonly migrations: readonly Migration[]
  readonly problems: readonly Problem[]
}

// Folders of other work that live beside the migrations (docs/design/contracts.md, deferred-work.md).
const companions = ['contracts', 'indexes', 'backfills']

export const loadMigrations = (folder: string): LoadedMigrations => {
  const shown = shownFolder(folder)
  const entries = listFolder(folder)
  if (typeof entries === 'string')
    return alone(problem('folder-missing', { folder: shown, reason: entries }))
  const names = entries.filter((name) => !isPassedOver(name) && !companions.includes(name))
  if (names.length === 0) return alone(problem('folder-empty', { folder: shown }))
  const foreign = foreignNames(folder, shown, names)
  const loaded = foreign.others.map((name) =>
    // Shown with a mark, so that it cannot forge a line of the log.
    // Put together by hand: join() would go through the whole path again for each of thousands of files.
    loadFile(
      `${folder}${sep}${name}`,
      name,
      `${shown}/${name.replace(/[\u0000-\u001f\u007f]/g, '?')}`,
    ),
  )
  const migrations = loaded
    .flatMap((each) => each.migrations)
    .sort((a, b) => compareVersions(a.version, b.version))
  const problems = [
    ...foreign.problems,
    ...loaded.flatMap((each) => each.problems),
    ...duplicates(migrations),
  ]
  return { migrations, problems }
}

/** The folder as messages show it: as it was given when relative, else its last name; never absolute. */
export const shownFolder = (folder: string): string => {
  const clean = normalize(folder).replaceAll(sep, '/').replace(/\/$/, '')
  return isAbsolute(clean) || clean.startsWith('..') ? basename(clean) : clean || '.'
}

const alone = (only: Problem): LoadedMigrations => ({ migrations: [], problems: [only] })

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

const loadFile = (path: string, entry: string, file: string): LoadedMigrations => {
  const named = readFileName(entry)
  if (named.kind === 'other') {
    const reason = isFolder(path) ? itIsAFolder : named.reason
    return alone(problem('not-a-migration', { file, reason }))
  }
  // What it is, reading tells: asking before would cost every start as much again for each file.
  const read = readSqlFile(path, file)
  if (read.kind === 'folder')
    return alone(problem('not-a-migration', { file, reason: itIsAFolder }))
  if (read.kind === 'problem') return alone(read.problem)
  const { version, name } = named
  const { text, rows, checksum } = read
  const { directives, problems } = readDirectives(file, text)
  return {
    migrations: [{ version, name, file, text, rows, checksum, directives }],
    problems,
  }
}

const itIsAFolder = 'it is a folder'

const isFolder = (path: string): boolean => readRegularFile(path, 0).kind === 'folder'

/** In the order of their versions, equal ones are together. */
const duplicates = (migrations: readonly Migration[]): readonly Problem[] => {
  const doubled = new Set(
    migrations
      .filter(({ version }, at) => version === migrations[at - 1]?.version)
      .map(({ version }) => version),
  )
  return [...doubled].map((version) => {
    const files = migrations.filter((each) => each.version === version).map(({ file }) => file)
    return problem('duplicate-version', { version, files })
  })
}
