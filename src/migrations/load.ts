// The folder to a list of migrations in the order of their versions, or every problem at once. Offline: a bad
// folder fails before we connect.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, isAbsolute, normalize, sep } from 'node:path'
import { nodeErrorCode } from '../errors/node-error.ts'
import { problem, type Problem } from '../errors/problem.ts'
import { placeAt } from '../sql/offsets.ts'
import { decode, decodeLenient, type Decoded } from './decode.ts'
import { readDirectives } from './directives.ts'
import { readFileName } from './file-name.ts'
import { checksumOf, compareVersions, type Migration, type MigrationVersion } from './migration.ts'

export type LoadedMigrations = {
  readonly migrations: readonly Migration[]
  readonly problems: readonly Problem[]
}

// Folders of other work that live beside the migrations (DESIGN.md sections 8 and 11).
const companions = ['contracts', 'indexes', 'backfills']

export const loadMigrations = (folder: string): LoadedMigrations => {
  const shown = shownFolder(folder)
  const entries = listFolder(folder)
  if (typeof entries === 'string')
    return alone(problem('folder-missing', { folder: shown, reason: entries }))
  // Kubernetes mounts a ConfigMap as links beside '..data': hidden names are nobody's migrations.
  const names = entries.filter((name) => !name.startsWith('.') && !companions.includes(name))
  if (names.length === 0) return alone(problem('folder-empty', { folder: shown }))
  const loaded = names.map((name) =>
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
  const problems = [...loaded.flatMap((each) => each.problems), ...duplicates(migrations)]
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
        return 'does not exist'
      case 'ENOTDIR':
        return 'is a file, not a folder'
      default:
        return `cannot be read (${nodeErrorCode(error)})`
    }
  }
}

const loadFile = (path: string, entry: string, file: string): LoadedMigrations => {
  try {
    const named = readFileName(entry)
    if (named.kind === 'other') {
      const reason = statSync(path).isDirectory() ? itIsAFolder : named.reason
      return alone(problem('not-a-migration', { file, reason }))
    }
    // What it is, reading tells: asking before would cost every start as much again for each file.
    return readMigration(readText(path), named, file)
  } catch (error) {
    const code = nodeErrorCode(error)
    if (code === 'EISDIR') return alone(problem('not-a-migration', { file, reason: itIsAFolder }))
    const reason = code === 'ENOENT' ? 'it is a link that leads nowhere' : code
    return alone(problem('unreadable-file', { file, reason }))
  }
}

const itIsAFolder = 'it is a folder'

type Named = { readonly version: MigrationVersion; readonly name: string }

// As text is the fastest way that Node.js has: it opens, reads and decodes in one go, and no bytes are left to be cleared away.
const readText = (path: string): Decoded =>
  decodeLenient(readFileSync(path, 'utf8')) ?? decode(readFileSync(path))

const readMigration = (
  decoded: Decoded,
  { version, name }: Named,
  file: string,
): LoadedMigrations => {
  if (decoded.kind === 'bad') {
    const { reason, cure, before } = decoded
    const place = { ...placeAt(file, before, before.length), excerpt: '' }
    return alone(problem('not-utf8', { file, reason, cure }, place))
  }
  const { text } = decoded
  const { directives, problems } = readDirectives(file, text)
  return {
    migrations: [{ version, name, file, text, checksum: checksumOf(text), directives }],
    problems,
  }
}

/** In the order of their versions, equal ones stand together. */
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
