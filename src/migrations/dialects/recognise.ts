// Whose folder is it? What the names say for certain counts first; else the markers in the files, where every file fits the tool and
// no other. What is not certain is ours, and refused as such where a file has another tool's marker.

import { problem, type Problem } from '../../errors/problem.ts'
import { readFileName } from '../file-name.ts'
import type { Dialect, Listing } from './dialect.ts'
import type { DialectChoice, DialectName } from './dialect-names.ts'
import { dialects } from './dialects.ts'
import type { OpenFolder } from './open-folder.ts'

export type Theirs = {
  readonly kind: 'theirs'
  readonly dialect: Dialect
  readonly listing: Listing
  /** 'its files end in .up.sql and .down.sql' */
  readonly because: string
}

export type Recognised =
  | { readonly kind: 'ours' }
  | Theirs
  | { readonly kind: 'unclear'; readonly problems: readonly Problem[] }

export const recognise = (folder: OpenFolder, choice: DialectChoice): Recognised => {
  if (choice === 'schemagate') return { kind: 'ours' }
  if (choice !== 'auto') return chosen(folder, choice)
  const signed = dialects.flatMap((dialect) => {
    const because = dialect.signs?.(folder)
    return because === undefined ? [] : [{ dialect, because }]
  })
  const [first, second] = signed
  if (first === undefined) return byMarkers(folder)
  if (second !== undefined) return unclear(folder, [first.dialect, second.dialect])
  return bySigns(folder, first)
}

const chosen = (folder: OpenFolder, choice: DialectName): Recognised => {
  const dialect = dialects.find(({ name }) => name === choice)
  return dialect === undefined
    ? { kind: 'ours' }
    : {
        ...{ kind: 'theirs', dialect, listing: dialect.list(folder) },
        because: `MIGRATIONS_DIALECT=${choice}`,
      }
}

const unclear = (folder: OpenFolder, found: readonly Dialect[]): Recognised => {
  const tools = found.map(({ tool }) => tool)
  const names = found.map(({ name }) => name)
  return {
    kind: 'unclear',
    problems: [problem('dialect-unclear', { folder: folder.shown, tools, names })],
  }
}

type Signed = { readonly dialect: Dialect; readonly because: string }

const bySigns = (folder: OpenFolder, { dialect, because }: Signed): Recognised => {
  const listing = dialect.list(folder)
  const { files, strays } = listing
  // As many files of our own: then it is our folder, and the other tool's are named in it.
  const own = strays.filter(
    ({ entry }) => folder.names.includes(entry) && readFileName(entry).kind === 'migration',
  )
  if (own.length > 0 && own.length >= files.length) return { kind: 'ours' }
  const other = dialect.name === 'golang-migrate' ? sqlxIfMarked(folder, listing) : undefined
  return other ?? { kind: 'theirs', dialect, listing, because }
}

// Both have files that end in .up.sql, and take them in the same order; only sqlx has a marker.
const sqlxIfMarked = (folder: OpenFolder, { files }: Listing): Theirs | undefined => {
  const dialect = dialects.find(({ name }) => name === 'sqlx')
  const isMarked = files.some(({ entry }) => hasMarker(folder, entry, 'sqlx'))
  return dialect === undefined || !isMarked
    ? undefined
    : {
        ...{ kind: 'theirs', dialect, listing: dialect.list(folder) },
        because: "its files end in .up.sql, and one begins with '-- no-transaction'",
      }
}

const hasMarker = (folder: OpenFolder, entry: string, tool: string): boolean =>
  folder.read(entry).found.some(({ marker }) => marker.tool === tool)

const byMarkers = (folder: OpenFolder): Recognised => {
  const tools = new Set(
    folder.names
      .filter((name) => name.endsWith('.sql'))
      .flatMap((name) => folder.read(name).found.map(({ marker }) => marker.tool)),
  )
  if (tools.size === 0) return { kind: 'ours' }
  for (const dialect of dialects) {
    if (dialect.marked === undefined || !tools.has(dialect.tool)) continue
    const listing = dialect.list(folder)
    const { strays } = listing
    // One that cannot be read as text has no say.
    const files = listing.files.filter(
      ({ entry, isCode }) => isCode !== true && folder.read(entry).sql.kind !== 'problem',
    )
    const marked = files.filter(({ entry }) => hasMarker(folder, entry, dialect.tool))
    // Most of them: then it is this tool's folder, and the tool would not take the others.
    if (marked.length * 2 <= files.length + strays.length) continue
    const because =
      marked.length === files.length
        ? `each file has a marker of it: '${markerIn(folder, files[0]?.entry ?? '', dialect.tool)}'`
        : `${marked.length} of its ${files.length} files have a marker of it`
    return { kind: 'theirs', dialect, listing, because }
  }
  return { kind: 'ours' }
}

const markerIn = (folder: OpenFolder, entry: string, tool: string): string =>
  folder.read(entry).found.find(({ marker }) => marker.tool === tool)?.text ?? ''
