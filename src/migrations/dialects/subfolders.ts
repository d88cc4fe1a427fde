// Tools that have a folder for each migration: 20240101000000_name/migration.sql.

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Dialect, Folder, ListedFile, Listing } from './dialect.ts'
import { byName, listNames, stray, up } from './listing.ts'

/** The sub-folders that hold this file. */
export const holding = ({ names, inside }: Folder, file: string): readonly string[] =>
  names.filter((name) => !name.includes('.') && inside(name).includes(file))

/** These files of it, and those of its folders: of each once, and of none that a link leads to outside. */
export const entriesIn = (
  folder: Folder,
  names: readonly string[] = folder.names,
): readonly string[] => {
  const followed = new Set(['.'])
  const within = (entry: string): readonly string[] => {
    const inside = basename(entry).includes('.') ? [] : folder.inside(entry)
    const real = inside.length === 0 ? undefined : folder.realOf(entry)
    if (real === undefined || followed.has(real)) return [entry]
    followed.add(real)
    return inside
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) => within(`${entry}/${name}`))
  }
  return names.flatMap(within)
}

type Layout = {
  /** What goes up. */
  readonly file: string
  readonly beside: readonly string[]
  /** Undefined for a folder that the tool does not take. */
  readonly versionOf: (name: string) => string | undefined
  readonly transactionOf?: (name: string) => 'off' | undefined
  readonly stampOf?: (name: string) => string | undefined
  readonly order?: (a: ListedFile, b: ListedFile) => number
}

export const listFolders = (folder: Folder, layout: Layout): Listing => {
  const { file, beside, versionOf, transactionOf, stampOf, order = byName } = layout
  const listing = listNames(
    folder.names,
    (name) => {
      if (beside.includes(name)) return { kind: 'beside' }
      const version = versionOf(name)
      if (version === undefined || !folder.inside(name).includes(file))
        return stray(`is not a folder with a ${file} in it`)
      return up(version, {
        ...{ entry: `${name}/${file}`, name },
        ...{ transaction: transactionOf?.(name), stamp: stampOf?.(name) },
      })
    },
    order,
  )
  const downs = listing.files.filter(({ name }) => folder.inside(name).includes('down.sql'))
  return { ...listing, downs: downs.length }
}

export const sha256: NonNullable<Dialect['sum']> = (bytes) =>
  createHash('sha256').update(bytes).digest('hex')

/** 14 digits, down to the second. */
export const secondsOf = (now: Date): string => now.toISOString().replace(/\D/g, '').slice(0, 14)
