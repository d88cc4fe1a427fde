// The folder migrations/backfills to a list of backfills in the order of their names, and what is wrong with the other files.
// Offline: a bad file is reported before we connect.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeErrorCode } from '../../../errors/node-error.ts'
import { problem, type Problem } from '../../../errors/problem.ts'
import { isPassedOver } from '../../../files/passed-over.ts'
import { shownFolder } from '../../../migrations/load.ts'
import { checksumOf } from '../../../migrations/migration.ts'
import { readSqlFile } from '../../../migrations/sql-file.ts'
import type { Parse } from '../../../sql/tree/parse.ts'
import type { Backfill } from './backfill.ts'
import { readBackfillDirectives } from './directives.ts'
import { readStatement } from './statement.ts'

export type LoadedBackfills = {
  readonly backfills: readonly Backfill[]
  readonly problems: readonly Problem[]
}

/** What the folder holds: a name is that of a file without its '.sql', whether or not the file is sound. */
export type BackfillFolder = LoadedBackfills & { readonly names: readonly string[] }

/**
 * `folder` is that of the migrations. No folder `backfills` in it: no backfills, and no problem. Of a file that is not wanted
 * nothing is known but its name.
 */
export const loadBackfills = (
  folder: string,
  parse: Parse,
  wanted: 'all' | readonly string[],
): BackfillFolder => {
  const shown = `${shownFolder(folder)}/backfills`
  const entries = listFolder(join(folder, 'backfills'))
  if (typeof entries === 'string')
    return { ...bad([problem('unreadable-file', { file: shown, reason: entries })]), names: [] }
  const files = entries.filter((entry) => !isPassedOver(entry))
  const loaded = files
    .filter((entry) => wanted === 'all' || wanted.some((name) => entry === `${name}.sql`))
    .map((name) => {
      // Shown with a mark, so that it cannot forge a line of the log.
      const file = `${shown}/${name.replace(/[\u0000-\u001f\u007f]/g, '?')}`
      return loadFile(join(folder, 'backfills', name), { name, file }, parse)
    })
  return {
    backfills: loaded.flatMap(({ backfills }) => backfills),
    problems: loaded.flatMap(({ problems }) => problems),
    names: files.filter((entry) => entry.endsWith('.sql')).map((entry) => entry.slice(0, -4)),
  }
}

const bad = (problems: readonly Problem[]): LoadedBackfills => ({ backfills: [], problems })

const listFolder = (path: string): readonly string[] | string => {
  try {
    return readdirSync(path).sort()
  } catch (error) {
    const code = nodeErrorCode(error)
    return code === 'ENOENT' ? [] : code
  }
}

type Entry = { readonly name: string; readonly file: string }

const loadFile = (path: string, { name, file }: Entry, parse: Parse): LoadedBackfills => {
  const read = readSqlFile(path, file)
  const reason = read.kind === 'folder' ? 'it is a folder' : nameProblem(name)
  if (reason !== undefined) return bad([problem('not-a-backfill', { file, reason })])
  return read.kind === 'text'
    ? readBackfill({ name: name.slice(0, -'.sql'.length), file, text: read.text }, parse)
    : bad(read.kind === 'problem' ? [read.problem] : [])
}

// It is a word of the command line and of the log.
const nameProblem = (name: string): string | undefined =>
  /^[a-z0-9][a-z0-9_-]*\.sql$/.test(name)
    ? undefined
    : "its name is not of lower-case letters, digits, '_' and '-', followed by '.sql'"

type Source = { readonly name: string; readonly file: string; readonly text: string }

/** Exported for tests: one file whose text is at hand. */
export const readBackfill = (source: Source, parse: Parse): LoadedBackfills => {
  const { name, file, text } = source
  const read = readBackfillDirectives(file, text)
  if (read.kind === 'problems') return bad(read.problems)
  const { directives } = read
  const checked = readStatement(source, directives.table, parse)
  if (checked.kind === 'problem') return bad([checked.problem])
  const { statement } = checked
  const { table, key } = directives
  const checksum = checksumOf(JSON.stringify([table.schema ?? '', table.name, key, statement.text]))
  return { backfills: [{ name, file, text, statement, checksum, ...directives }], problems: [] }
}
