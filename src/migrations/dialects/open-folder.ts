// A folder that is being looked at: each of its files is read once, however many dialects ask.

import { readdirSync, realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { mostOfSource, readRegularFile } from '../../files/regular-file.ts'
import { findMarkers, type FoundMarker } from '../foreign/find-markers.ts'
import { readSqlText, type SqlFile, type SumOfBytes } from '../sql-file.ts'
import type { Folder } from './dialect.ts'

export type OpenFolder = Folder & {
  readonly pathOf: (entry: string) => string
  /** As messages show it. */
  readonly fileOf: (entry: string) => string
  readonly read: (entry: string, sum?: SumOfBytes) => FileRead
}

type FileRead = {
  readonly sql: SqlFile
  /** Every tool's markers in it. */
  readonly found: readonly FoundMarker[]
}

export const openFolder = (
  path: string,
  shown: string,
  { names, variables }: Pick<Folder, 'names' | 'variables'>,
): OpenFolder => {
  // Put together by hand: join() would go through the whole path again for each of thousands of files.
  const pathOf = (entry: string): string => `${path}${sep}${entry}`
  // Shown with a mark, so that it cannot forge a line of the log.
  const fileOf = (entry: string): string =>
    `${shown}/${entry.replace(/[\u0000-\u001f\u007f]/g, '?')}`
  const reads = new Map<string, FileRead & { readonly sum: SumOfBytes | undefined }>()
  const insides = new Map<string, readonly string[]>()
  return {
    ...{ path, shown, names, variables, pathOf, fileOf },
    inside: (name) => {
      const inside = insides.get(name) ?? namesIn(pathOf(name))
      insides.set(name, inside)
      return inside
    },
    realOf: (entry) => realWithin(path, pathOf(entry)),
    text: (entry) => {
      const read = readRegularFile(pathOf(entry), mostOfSource)
      return read.kind === 'bytes' ? read.bytes.toString('utf8') : undefined
    },
    read: (entry, sum) => {
      const known = reads.get(entry)
      if (known !== undefined && (sum === undefined || sum === known.sum)) return known
      const sql = readSqlText(pathOf(entry), fileOf(entry), sum)
      const read = { sql, found: sql.kind === 'text' ? findMarkers(sql.text) : [], sum }
      reads.set(entry, read)
      return read
    },
  }
}

const realWithin = (root: string, path: string): string | undefined => {
  try {
    const within = relative(realpathSync(root), realpathSync(path))
    if (within === '') return '.'
    return within === '..' || within.startsWith(`..${sep}`) ? undefined : within
  } catch {
    return undefined
  }
}

const namesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}
