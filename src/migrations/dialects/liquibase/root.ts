// Which files Liquibase takes, and in which order: those that the root changelog includes, where it does nothing else; without one
// in the folder, all of them by their paths, as includeAll takes a folder.
// https://docs.liquibase.com/concepts/changelogs/home.html

import { posix } from 'node:path'
import type { Folder, Stray } from '../dialect.ts'
import { byText } from '../listing.ts'
import { includesIn, type Include } from './includes.ts'

export type Order = {
  /** Files of SQL. */
  readonly entries: readonly string[]
  readonly strays: readonly Stray[]
  /** What the root's paths have in front of those in the folder. */
  readonly base: string
}

export const isRootName = (name: string): boolean => /\.(?:xml|ya?ml|json)$/i.test(name)

const settings =
  /(?:^|\/)(?:[\w.-]*\.properties|[\w.-]*\.flowfile\.ya?ml|flow-files|checks-package\.ya?ml)$/i

export const orderOf = (folder: Folder, entries: readonly string[]): Order => {
  const files = entries.filter((entry) => !settings.test(entry))
  const sql = files.filter((entry) => entry.endsWith('.sql')).sort(byText)
  const changelogs = files.filter(isRootName)
  const other = files
    .filter((entry) => !entry.endsWith('.sql') && !isRootName(entry))
    .map((entry): Stray => ({ entry, reason: 'is not a changelog in SQL' }))
  if (changelogs.length === 0) return { entries: sql, strays: other, base: '' }
  const read = new Map(
    changelogs.map((entry) => [entry, includesIn(entry, folder.text(entry) ?? '')]),
  )
  const strays = [...read].flatMap(([entry, found]) =>
    typeof found === 'string' ? [{ entry, reason: found }] : [],
  )
  if (strays.length > 0) return { entries: sql, strays: [...other, ...strays], base: '' }
  const resolver = resolverOf(files, read as ReadonlyMap<string, readonly Include[]>)
  const included = new Set(changelogs.flatMap((entry) => resolver.targetsOf(entry)))
  const [root, second] = changelogs.filter((entry) => !included.has(entry))
  if (root === undefined || second !== undefined) {
    const entry = second ?? changelogs[0] ?? ''
    const reason = `makes it uncertain which changelog is the root: ${[root, second].filter(Boolean).join(' or ') || entry}`
    return { entries: sql, strays: [...other, { entry, reason }], base: '' }
  }
  const ordered = resolver.orderFrom(root)
  const taken = new Set(ordered.entries)
  const left = sql.filter((entry) => !taken.has(entry))
  return {
    ...ordered,
    strays: [
      ...other,
      ...ordered.strays,
      ...left.map((entry) => ({ entry, reason: `is not included by ${root}` })),
    ],
  }
}

type Resolver = {
  readonly targetsOf: (entry: string) => readonly string[]
  readonly orderFrom: (root: string) => Order
}

const resolverOf = (
  files: readonly string[],
  read: ReadonlyMap<string, readonly Include[]>,
): Resolver => {
  const bases = new Set<string>()
  const resolve = (entry: string, include: Include): readonly string[] => {
    const path = include.isRelative
      ? posix.join(posix.dirname(entry), include.path)
      : withinFolder(include, files, bases)
    if (path === undefined) return []
    if (include.kind === 'file') return files.includes(path) ? [path] : []
    const within = path === '.' ? '' : `${path.replace(/\/$/, '')}/`
    return files.filter((each) => each !== entry && each.startsWith(within)).sort(byText)
  }
  const targetsOf = (entry: string): readonly string[] =>
    (read.get(entry) ?? []).flatMap((include) => resolve(entry, include))
  const orderFrom = (root: string): Order => {
    const entries = new Set<string>()
    const strays: Stray[] = []
    const visited = new Set<string>()
    const visit = (entry: string): void => {
      if (visited.has(entry)) {
        strays.push({ entry, reason: 'is included twice' })
        return
      }
      visited.add(entry)
      if (!isRootName(entry)) entries.add(entry)
      for (const include of read.get(entry) ?? []) {
        const targets = resolve(entry, include)
        if (targets.length === 0)
          strays.push({ entry, reason: `includes ${include.path}, which is not in the folder` })
        targets.forEach(visit)
      }
    }
    visit(root)
    const [base = '', ...others] = bases
    // Then none of them is certain.
    return { entries: [...entries], strays, base: others.length === 0 ? base : '' }
  }
  return { targetsOf, orderFrom }
}

/** A path of the tool's search path is one of the folder behind what leads to the folder. */
const withinFolder = (
  { path, kind }: Include,
  files: readonly string[],
  bases: Set<string>,
): string | undefined => {
  const parts = posix
    .normalize(path)
    .split('/')
    .filter((part) => part !== '')
  if (parts.includes('..')) return undefined
  for (let from = 0; from <= parts.length; from++) {
    const rest = parts.slice(from).join('/')
    const isThere =
      kind === 'file'
        ? files.includes(rest)
        : rest === '' || files.some((each) => each.startsWith(`${rest}/`))
    if (!isThere) continue
    bases.add(from === 0 ? '' : `${parts.slice(0, from).join('/')}/`)
    return rest === '' ? '.' : rest
  }
  return undefined
}
