// The files of another tool's folder as migrations, or every reason why they are none.

import { problem, type Problem } from '../../errors/problem.ts'
import { readDirectives } from '../directives/directives.ts'
import type { FoundMarker } from '../foreign/find-markers.ts'
import { foreignText } from '../foreign/foreign-text.ts'
import { checksumOf, type Migration, type MigrationVersion } from '../migration.ts'
import { unfilled } from '../sql-file.ts'
import { placeOfLine } from '../../sql/text/offsets.ts'
import type { Dialect, ListedFile, Listing, Misfit, Stray, Up, Variables } from './dialect.ts'
import type { OpenFolder } from './open-folder.ts'
import type { Theirs } from './recognise.ts'

/** What was seen of the tool, for people. */
export type DialectSeen = {
  readonly name: string
  readonly tool: string
  readonly because: string
  /** Files that undo, or have a part that does. They are never run. */
  readonly downParts: number
  readonly create: Dialect['create']
}

export type ReadForeign = {
  /** In the tool's order. */
  readonly files: readonly Migration[]
  readonly problems: readonly Problem[]
  readonly dialect: DialectSeen
}

export const readForeign = (
  folder: OpenFolder,
  { dialect, listing, because }: Theirs,
  variables: Variables,
): ReadForeign => {
  const { tool, name, create } = dialect
  const placed = placesIn(folder)
  const markersOf = markersBy(tool)
  const misfit = (file: string, { reason, place }: Up['misfits'][number]): Problem =>
    problem('dialect-misfit', { file, tool, reason, because }, place)
  const unreadable = unreadableIn(folder, listing, dialect.sum)
  const read = listing.files
    .filter(({ entry }) => !unreadable.has(entry))
    .map((listed) =>
      readFile(folder, listed, { dialect, variables, ledger: listing.ledger, markersOf }),
    )
  const [code, ...others] = listing.code.map((entry) => folder.fileOf(entry))
  return {
    files: read.flatMap(({ migration }) => (migration === undefined ? [] : [migration])),
    problems: [
      ...listing.strays
        .filter(({ entry }) => !unreadable.has(entry))
        .map((stray) => misfit(folder.fileOf(stray.entry), placed(stray))),
      ...unreadable.values(),
      ...(code === undefined ? [] : [problem('code-migration', { file: code, tool, others })]),
      ...read.flatMap(({ file, misfits }) => misfits.map((each) => misfit(file, each))),
      ...read.flatMap(({ problems }) => problems),
    ],
    dialect: {
      ...{ name, tool, because, create },
      downParts: listing.downs + read.filter(({ down }) => down === 'has down part').length,
    },
  }
}

/** Of files that are not UTF-8, which is all that is to be said of them, however many migrations are in one. */
const unreadableIn = (
  folder: OpenFolder,
  { files, strays }: Listing,
  sum: Dialect['sum'],
): ReadonlyMap<string, Problem> =>
  new Map(
    [...files, ...strays.filter(({ entry }) => entry.endsWith('.sql'))].flatMap(({ entry }) => {
      const { sql } = folder.read(entry, sum)
      return sql.kind === 'problem' && sql.problem.code === 'not-utf8'
        ? [[entry, sql.problem] as const]
        : []
    }),
  )

const placesIn = (folder: OpenFolder): ((stray: Stray) => Misfit) => {
  const texts = new Map<string, string>()
  const textOf = (entry: string): string => {
    const known = texts.get(entry) ?? (folder.text(entry) ?? '').replaceAll('\r\n', '\n')
    texts.set(entry, known)
    return known
  }
  return ({ entry, reason, line }) =>
    line === undefined
      ? { reason }
      : { reason, place: placeOfLine(folder.fileOf(entry), textOf(entry), line) }
}

type Read = Pick<Up, 'down' | 'misfits'> & {
  readonly file: string
  readonly problems: readonly Problem[]
  readonly migration?: Migration
}

type With = {
  readonly dialect: Dialect
  readonly variables: Variables
  readonly ledger: Listing['ledger']
  readonly markersOf: (found: readonly FoundMarker[]) => Markers
}

type Markers = { readonly own: readonly FoundMarker[]; readonly strange: readonly FoundMarker[] }

/** Looked through once for all the migrations of a file. */
const markersBy = (tool: string): With['markersOf'] => {
  const known = new WeakMap<readonly FoundMarker[], Markers>()
  return (found) => {
    const markers = known.get(found) ?? {
      own: found.filter(({ marker }) => marker.tool === tool),
      // A heading that any tool may have is only a comment to one that has markers of its own, or files of their own for what undoes.
      strange: found.filter(({ marker }) => ![tool, 'another tool'].includes(marker.tool)),
    }
    known.set(found, markers)
    return markers
  }
}

const readFile = (
  folder: OpenFolder,
  listed: ListedFile,
  { dialect, variables, ledger, markersOf }: With,
): Read => {
  const { entry, version, name } = listed
  const file = folder.fileOf(entry)
  const { sql, found } = folder.read(entry, dialect.sum)
  const none = { file, down: 'none', misfits: [], problems: [] } as const
  if (sql.kind === 'folder') return { ...none, misfits: [{ reason: 'is a folder' }] }
  if (sql.kind === 'problem') return { ...none, problems: [sql.problem] }
  const { text, rows, checksum, sourceChecksum } = sql
  if (listed.isCode === true) {
    const facts = { file, tool: dialect.tool, reason: 'is code' }
    const source = {
      dialect: dialect.name,
      entry,
      stamp: undefined,
      checksum: undefined,
      ...(ledger && { ledger }),
    }
    const code = { version: version as MigrationVersion, ...{ name, file, checksum, source } }
    return {
      ...none,
      migration: { ...code, text: '', directives: {}, refused: problem('only-by-tool', facts) },
    }
  }
  const { own, strange } = markersOf(found)
  const cut = listed.up ?? dialect.up
  const up: Up = cut?.({ listed, file, text, found: own }, variables) ?? { text, ...whole }
  const { directives, problems } = readDirectives(file, up.text)
  const foreign = foreignText(file, text, strange) ?? unfilled(file, up.text)
  const isOff = (listed.transaction ?? up.transaction) === 'off'
  return {
    file,
    down: up.down,
    misfits: up.misfits,
    problems: [...(foreign === undefined ? [] : [foreign]), ...(up.problems ?? []), ...problems],
    migration: {
      version: version as MigrationVersion,
      ...{ name, file, rows },
      text: up.text,
      checksum: up.kept === undefined || rows.length > 0 ? checksum : checksumOf(up.kept),
      directives: isOff ? { ...directives, transaction: 'off' } : directives,
      source: {
        ...{ dialect: dialect.name, entry, stamp: listed.stamp },
        checksum: listed.sum ?? up.sum ?? sourceChecksum,
        ...(ledger === undefined ? {} : { ledger }),
        ...(listed.row === undefined ? {} : { row: listed.row }),
      },
      ...(listed.runs === undefined ? {} : { runs: listed.runs }),
      ...(up.refused === undefined ? {} : { refused: up.refused }),
    },
  }
}

const whole = { down: 'none', misfits: [] } as const
