// graphile-migrate: committed/000001-name.sql, each with the sum of the one before it and its own in the first lines.
// https://github.com/graphile/migrate

import { createHash } from 'node:crypto'
import { problem, type Problem } from '../../../../errors/problem.ts'
import { placeAt } from '../../../../sql/text/offsets.ts'
import type {
  Dialect,
  Folder,
  ForeignFile,
  Listing,
  Misfit,
  Stray,
  Up,
  Variables,
} from '../../dialect.ts'
import { byName, listNames, stray, up } from '../../listing.ts'

const numbered = /^(\d{6,})(?:-.*)?\.sql$/

export const graphileMigrate: Dialect = {
  name: 'graphile-migrate',
  tool: 'graphile-migrate',
  signs: (folder) =>
    folder.inside('committed').some((name) => numbered.test(name))
      ? 'it has a folder committed'
      : undefined,
  marked: 'each',
  list: (folder) => {
    const isRoot = folder.names.includes('committed')
    const names = isRoot ? folder.inside('committed') : folder.names
    const listing = listNames(
      names.filter((name) => !name.startsWith('.')),
      (name) => {
        const version = numbered.exec(name)?.[1]
        if (version === undefined) return stray('is not named like 000001-name.sql')
        return up(version, isRoot ? { entry: `committed/${name}` } : {})
      },
      byName,
    )
    return { ...listing, strays: [...listing.strays, ...brokenChain(folder, listing)] }
  },
  up: (file, variables) => {
    const filled = fillNames(file, variables)
    const off = /^--!\s*no-transaction\b/.test(bodyOf(file.text).trimStart())
    const tampered = isIntact(file.text)
      ? []
      : [{ reason: 'is not what the sum in its second line says: it was edited' }]
    return {
      ...filled,
      transaction: off ? 'off' : undefined,
      misfits: [...filled.misfits, ...tampered],
    }
  },
  sum: (bytes) => headerOf(bytes.toString('utf8'), 'Hash') ?? '',
  create: () => ({
    refused: "write into current.sql, and 'graphile-migrate commit' makes the file",
  }),
}

const headerOf = (text: string, name: string): string | undefined =>
  new RegExp(`^--! ${name}: (.*?)\\r?$`, 'm').exec(text.split(/\n\r?\n/, 1)[0] ?? '')?.[1]

const bodyOf = (text: string): string => text.slice(text.indexOf('\n\n') + 2)

const isIntact = (text: string): boolean => {
  const [previous, hash] = [headerOf(text, 'Previous'), headerOf(text, 'Hash')]
  if (/^--! AllowInvalidHash/m.test(text.split('\n\n', 1)[0] ?? '')) return true
  const before = previous === undefined || previous === '-' ? '' : previous
  const hashed = `${`${before}\n${bodyOf(text).trim()}`.trim()}\n`
  return hash === `sha1:${createHash('sha1').update(hashed).digest('hex')}`
}

const brokenChain = (folder: Folder, { files }: Listing): readonly Stray[] => {
  let before = '-'
  for (const { entry } of files) {
    const text = folder.text(entry) ?? ''
    const previous = headerOf(text, 'Previous')
    if (previous === undefined)
      return [{ entry, reason: "has no '--! Previous:' in its first line" }]
    if (previous !== before)
      return [
        { entry, reason: 'does not follow the file before it: a file is missing, or was edited' },
      ]
    before = headerOf(text, 'Hash') ?? ''
  }
  return []
}

const names = /:(DATABASE_NAME|DATABASE_OWNER)\b/g

const fillNames = ({ file, text }: ForeignFile, variables: Variables): Up => {
  const problems: Problem[] = []
  const misfits: Misfit[] = []
  const filled = text.replace(names, (placeholder, variable: string, at: number) => {
    const value = variables[variable]
    if (value !== undefined && value !== '') return value
    problems.push(
      problem('unset-placeholder', { file, placeholder, variable }, placeAt(file, text, at)),
    )
    return placeholder
  })
  return { text: filled, kept: text, down: 'none', misfits, problems }
}
