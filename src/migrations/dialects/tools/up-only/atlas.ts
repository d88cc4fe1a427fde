// Atlas: 20240101000000_name.sql in the order of the names, held together by atlas.sum; '-- atlas:txmode none', and checkpoints, which
// stand for all before them. https://atlasgo.io/concepts/migration-directory-integrity

import { createHash } from 'node:crypto'
import { cutUp } from '../../syntax/cut.ts'
import type { Dialect, Folder, Listing, Stray } from '../../dialect.ts'
import { byName, byText, listNames, stray, up } from '../../listing.ts'

const sumFile = 'atlas.sum'
const cut = cutUp({ off: 'where it goes up' })

export const atlas: Dialect = {
  name: 'atlas',
  tool: 'Atlas',
  signs: ({ names }) => (names.includes(sumFile) ? `${sumFile} is in it` : undefined),
  list: (folder) => {
    const listing = listNames(
      folder.names,
      (name) => {
        if (name === sumFile) return { kind: 'beside' }
        if (!name.endsWith('.sql')) return stray("does not end in '.sql'")
        return up(name.replace(/\.sql$/, '').replace(/_.*/s, ''))
      },
      byName,
    )
    const { files, strays } = withoutCheckpoints(listing, folder)
    const sums = sumsIn(folder)
    return {
      ...listing,
      files: files.map((file) => ({ ...file, sum: sums?.get(file.entry)?.replace(/^h1:/, '') })),
      strays: [...strays, ...edited(folder)],
    }
  },
  up: (file, variables) => {
    const up = cut(file, variables)
    const other = file.found.find(({ marker }) => marker.roles.includes('rewrites'))
    return other === undefined || other.text.includes('atlas:checkpoint')
      ? up
      : {
          ...up,
          misfits: [...up.misfits, { reason: `has '${other.text}', which only Atlas can follow` }],
        }
  },
  create: () => ({
    refused: `it keeps the sums of its files in ${sumFile}: 'atlas migrate new' makes an empty one`,
  }),
}

// A new database takes all files, which leads to what a checkpoint stands for; any other must not take the checkpoint.
const withoutCheckpoints = (listing: Listing, folder: Folder): Listing => {
  const isCheckpoint = (entry: string): boolean =>
    /^--\s*atlas:checkpoint\b/m.test(folder.text(entry) ?? '')
  const files = listing.files.filter(({ entry }, at) => at === 0 || !isCheckpoint(entry))
  return { ...listing, files }
}

const sumsIn = (folder: Folder): Map<string, string> | undefined => {
  const [, ...lines] = folder.text(sumFile)?.trim().split(/\r?\n/) ?? []
  return folder.text(sumFile) === undefined
    ? undefined
    : new Map(
        lines.map((line) => {
          const at = line.lastIndexOf(' ')
          return [line.slice(0, at), line.slice(at + 1)] as const
        }),
      )
}

/** What differs from atlas.sum, file by file; each sum there is over all files up to it. */
const edited = (folder: Folder): readonly Stray[] => {
  const wanted = sumsIn(folder)
  if (wanted === undefined) return [{ entry: sumFile, reason: 'does not exist, or cannot be read' }]
  const sum = createHash('sha256')
  const names = folder.names.filter((name) => name.endsWith('.sql')).sort(byText)
  for (const entry of names) {
    const content = folder.text(entry) ?? ''
    sum.update(entry)
    if (/^--\s*atlas:sum\s+ignore\b/m.test(content)) continue
    sum.update(content)
    const found = `h1:${sum.copy().digest('base64')}`
    const known = wanted.get(entry)
    wanted.delete(entry)
    if (known === undefined) return [{ entry, reason: `is not in ${sumFile}` }]
    // Whatever follows one that differs does so as well.
    if (known !== found) return [{ entry, reason: `is not what ${sumFile} says of it` }]
  }
  return [...wanted.keys()].map((entry) => ({
    entry,
    reason: `is in ${sumFile}, and does not exist`,
  }))
}
