// Names in a folder to its files in their order, for all dialects.

import type { ListedFile, Listing } from './dialect.ts'

/** What a name is to a tool. `beside`: a file of its settings. */
export type Kind =
  | ({ readonly kind: 'up' } & Omit<ListedFile, 'entry' | 'name'> & Partial<ListedFile>)
  | { readonly kind: 'code'; readonly version?: string }
  | { readonly kind: 'down' | 'beside' }
  | { readonly kind: 'stray'; readonly reason: string }

type Order = (a: ListedFile, b: ListedFile) => number

export const listNames = (
  names: readonly string[],
  kindOf: (name: string) => Kind,
  order: Order,
): Listing => {
  const files: ListedFile[] = []
  const code: string[] = []
  const strays: { entry: string; reason: string }[] = []
  let downs = 0
  for (const entry of names) {
    const found: Kind = /[\u0000-\u001f\u007f]/.test(entry)
      ? { kind: 'stray', reason: 'has a control character in its name' }
      : kindOf(entry)
    switch (found.kind) {
      case 'up': {
        files.push({ name: entry.replace(/\.sql$/, ''), entry, ...found })
        break
      }
      case 'down':
        downs += 1
        break
      case 'code': {
        const { version } = found
        if (version === undefined) code.push(entry)
        else files.push({ name: entry.replace(/\.\w+$/, ''), entry, version, isCode: true })
        break
      }
      case 'stray':
        strays.push({ entry, reason: found.reason })
        break
      case 'beside':
    }
  }
  return { files: files.sort(order), downs, code, strays }
}

export const up = (version: string, more: Partial<ListedFile> = {}): Kind => ({
  kind: 'up',
  version,
  ...more,
})

export const stray = (reason: string): Kind => ({ kind: 'stray', reason })

/** As tools write it that compare versions as numbers. */
export const numeric = (digits: string): string => digits.replace(/^0+(?=\d)/, '')

/** Of versions that are numbers without leading zeros. */
export const byNumber: Order = (a, b) =>
  a.version.length - b.version.length || byText(a.version, b.version) || byName(a, b)

export const byName: Order = (a, b) => byText(a.entry, b.entry)

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const notNumbered = "is not named like the tool's migrations: a number, '_', a name, .sql"

/** Files such as 0001_name.sql in one folder, with code among them. */
export const numberedFiles = (
  names: readonly string[],
  { code, version, order }: { code?: RegExp; version: (digits: string) => string; order: Order },
): Listing =>
  listNames(
    names,
    (name) => {
      const number = /^\d+/.exec(name)?.[0]
      if (code?.test(name) === true && number !== undefined)
        return { kind: 'code', version: version(number) }
      const digits = /^(\d+)_.+\.sql$/.exec(name)?.[1]
      return digits === undefined ? stray(notNumbered) : up(version(digits))
    },
    order,
  )
