// A file of Liquibase's formatted SQL to its changesets, line by line as Liquibase reads it.
// https://docs.liquibase.com/concepts/changelogs/sql-format.html

import { hasStatement } from '../../../sql/text/has-statement.ts'

/** A fact of a file, and its line, from 0. */
type Fault = { readonly reason: string; readonly line: number }

export type Changeset = {
  readonly id: string
  readonly author: string
  /** Its first line. */
  readonly header: string
  /** The lines that it begins on, and that the next begins on; from 0. */
  readonly from: number
  readonly to: number
  /** Those between that are SQL. */
  readonly lines: ReadonlySet<number>
  readonly sql: string
  readonly comment: string
  readonly validSums: readonly string[]
  readonly preconditions: readonly Fault[]
  readonly down: 'has down part' | 'none'
  /** Nothing comes behind it. */
  readonly isLast: boolean
}

export type Changelog = {
  readonly changesets: readonly Changeset[]
  /** For which Liquibase would not take the file. */
  readonly faults: readonly Fault[]
  /** From its first line: the path by which the ledger knows it. */
  readonly logicalPath: string | undefined
}

const firstLine = /^\s*--\s*liquibase\s*formatted.*$/i

/** Does it begin as Liquibase's do? */
export const isFormatted = (text: string): boolean =>
  firstLine.test(/\S.*/.exec(text.replace(/^\uFEFF/, ''))?.[0] ?? '')

const changesetLine = /^\s*--\s*changeset\s+(?=\S)("[^"]+"|[^:]+):\s*("[^"]+"|\S+).*$/i
const badChangeset = /^-\s*changeset\s|^\s*--\s*changeset\b/i
const ignoreLines = /^--\s*ignoreLines:(\w+)\s*$/i
const rollbackBlock = /^\s*\/\*\s*liquibase\s*rollback\s*$/i

// What a line within a changeset is, beside SQL.
const kinds = {
  comment: /^--\s*comment:? (.*)$/i,
  sum: /^--\s*validCheckSum:? (.*)$/i,
  rollback: /^\s*--\s*rollback (.*)$/i,
  precondition: /^\s*--\s*(precondition-[a-z0-9-]+|preconditions)\b(.*)$/i,
} as const

type Open = Omit<Changeset, 'to' | 'lines' | 'sql' | 'isLast'> & {
  lines: Set<number>
  comment: string
  validSums: string[]
  preconditions: Fault[]
  down: Changeset['down']
}

export const readChangelog = (text: string): Changelog => {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const changesets: Changeset[] = []
  const faults: Fault[] = []
  let open: Open | undefined
  let isEarly = false
  const close = (to: number, isLast: boolean): void => {
    if (open === undefined) return
    const sql = trimmed([...open.lines].map((line) => lines[line] ?? '').join('\n'))
    if (sql === '') faults.push({ reason: 'has a changeset without SQL', line: open.from })
    changesets.push({ ...open, to, sql, isLast })
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, ignored] = ignoreLines.exec(line) ?? []
    if (ignored !== undefined) {
      const end = endOfIgnored(lines, at, ignored)
      if (end === undefined)
        faults.push({ reason: `has '${line.trim()}' without its end`, line: at })
      at = end ?? lines.length
      continue
    }
    if (/^\s*-+\s*property\s/i.test(line)) {
      faults.push({ reason: "has a '--property', which only Liquibase fills in", line: at })
      continue
    }
    const [, author, id] = changesetLine.exec(line) ?? []
    if (author !== undefined && id !== undefined && line.includes(`${author}:${id}`)) {
      close(at, false)
      open = begun(line, at, { author: unquoted(author), id: unquoted(id) })
    } else if (badChangeset.test(line)) {
      const reason = `has '${line.trim()}', and Liquibase wants '--changeset author:id'`
      faults.push({ reason, line: at })
    } else if (open === undefined) {
      if (isEarly || !hasStatement(line)) continue
      isEarly = true
      faults.push({ reason: early, line: at })
    } else at = readLine(open, lines, at)
  }
  close(lines.length, true)
  return { changesets, faults, logicalPath: attribute(headOf(lines), 'logicalFilePath') }
}

const early = 'has statements before its first changeset, which Liquibase does not run'

const headOf = (lines: readonly string[]): string =>
  lines.find((line) => firstLine.test(line)) ?? ''

const begun = (header: string, from: number, of: Pick<Changeset, 'author' | 'id'>): Open => ({
  ...of,
  ...{ header, from, lines: new Set<number>(), comment: '' },
  ...{ validSums: [], preconditions: [], down: 'none' },
})

/** The last line that belongs to what begins at `at`. */
const readLine = (open: Open, lines: readonly string[], at: number): number => {
  const line = lines[at] ?? ''
  const [, comment] = kinds.comment.exec(line) ?? []
  const [, sum] = kinds.sum.exec(line) ?? []
  const [, precondition] = kinds.precondition.exec(line) ?? []
  if (comment !== undefined) open.comment = comment
  else if (sum !== undefined) open.validSums.push(sum.trim())
  else if (kinds.rollback.test(line)) open.down = 'has down part'
  else if (rollbackBlock.test(line)) {
    open.down = 'has down part'
    return lineBehind(lines, at, (each) => each.trimEnd().endsWith('*/')) ?? lines.length
  } else if (precondition !== undefined) open.preconditions.push({ reason: line.trim(), line: at })
  else open.lines.add(at)
  return at
}

const endOfIgnored = (lines: readonly string[], at: number, what: string): number | undefined => {
  if (/^\d+$/.test(what)) return at + Number(what)
  if (what.toLowerCase() !== 'start') return undefined
  return lineBehind(lines, at, (each) => ignoreLines.exec(each)?.[1]?.toLowerCase() === 'end')
}

// Not with findIndex(), which would go through all the lines above for each.
const lineBehind = (
  lines: readonly string[],
  at: number,
  fits: (line: string) => boolean,
): number | undefined => {
  for (let line = at + 1; line < lines.length; line++) if (fits(lines[line] ?? '')) return line
  return undefined
}

/** The value of `name:value` in a line; the last counts. */
export const attribute = (line: string, name: string): string | undefined => {
  const found = [...line.matchAll(new RegExp(`\\b${name}:("[^"]*"|\\S*)`, 'gi'))].at(-1)?.[1]
  return found === undefined ? undefined : unquoted(found)
}

export const isTrue = (line: string, name: string): boolean =>
  attribute(line, name)?.toLowerCase() === 'true'

export const isFalse = (line: string, name: string): boolean =>
  attribute(line, name)?.toLowerCase() === 'false'

const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1')

// As Java's trim().
const trimmed = (text: string): string => text.replace(/^[\0-\u0020]+|[\0-\u0020]+$/g, '')
