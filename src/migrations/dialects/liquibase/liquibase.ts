// Liquibase's formatted SQL: files of changesets, each of which is a migration of its own, in the order of the root changelog.
// https://docs.liquibase.com/concepts/changelogs/sql-format.html

import { basename } from 'node:path'
import { problem } from '../../../errors/problem.ts'
import { markOfLines } from '../../../sql/text/lines-above.ts'
import { placeAt } from '../../../sql/text/offsets.ts'
import type { Dialect, Folder, ForeignFile, ListedFile, Listing, Stray, Up } from '../dialect.ts'
import { ledgerNameIn } from '../ledger-name.ts'
import { entriesIn } from '../subfolders.ts'
import { attribute, isFalse, isFormatted, isTrue, readChangelog } from './changesets.ts'
import type { Changelog, Changeset } from './changesets.ts'
import { withSemicolons } from './delimiter.ts'
import { isTaken } from './filter.ts'
import { isRootName, orderOf } from './root.ts'
import { sumOfEight, sumOfNine } from './sums.ts'

const tool = 'Liquibase'

export const liquibase: Dialect = {
  name: 'liquibase',
  tool,
  signs: ({ names }) => {
    const root = names.find(
      (name) => name === 'liquibase.properties' || (isRootName(name) && /changelog/i.test(name)),
    )
    return root === undefined ? undefined : `${root} is in it`
  },
  marked: 'each',
  list: (folder) => {
    const order = orderOf(folder, entriesIn(folder))
    const read = order.entries.map((entry) => changesetsOf(folder, entry, order.base))
    return {
      files: read.flatMap(({ files }) => files),
      downs: 0,
      code: [],
      ledger: ledgerNameIn(folder, ledgerNames),
      strays: [...order.strays, ...read.flatMap(({ strays }) => strays)],
    }
  },
  create: ({ number, name, now, body }) => ({
    entry: `${number}_${name}.sql`,
    text: `--liquibase formatted sql\n\n--changeset schemagate:${now.getTime()}\n${body}`,
  }),
}

const ledgerNames = {
  environment: {
    schema: 'LIQUIBASE_LIQUIBASE_SCHEMA_NAME',
    table: 'LIQUIBASE_DATABASE_CHANGELOG_TABLE_NAME',
    lockTable: 'LIQUIBASE_DATABASE_CHANGELOG_LOCK_TABLE_NAME',
  },
  files: ['liquibase.properties'],
  keys: {
    schema: '(?:liquibase.)?liquibaseSchemaName',
    table: '(?:liquibase.)?database[cC]hange[lL]ogTableName',
    lockTable: '(?:liquibase.)?database[cC]hange[lL]ogLockTableName',
  },
} as const

const changesetsOf = (
  folder: Folder,
  entry: string,
  base: string,
): Pick<Listing, 'files' | 'strays'> => {
  const text = folder.text(entry) ?? ''
  if (!isFormatted(text))
    return {
      files: [],
      strays: [{ entry, reason: "does not begin with '--liquibase formatted sql'" }],
    }
  const changelog = readChangelog(text)
  const strays = changelog.faults.map(({ reason, line }): Stray => ({ entry, reason, line }))
  const linesOf = linesOnce()
  const files = changelog.changesets.flatMap((changeset): readonly ListedFile[] => {
    const taken = isTaken(changeset.header, folder.variables)
    if (taken === false) return []
    const unknown = taken === true ? [] : [taken.unknown]
    return [fileOf(changeset, { entry, base, changelog, unknown, linesOf })]
  })
  return { files, strays }
}

type Of = {
  readonly entry: string
  readonly base: string
  readonly changelog: Changelog
  readonly unknown: readonly string[]
  readonly linesOf: (text: string) => readonly string[]
}

/** All changesets of a file are cut from one text. */
const linesOnce = (): Of['linesOf'] => {
  let last: { readonly text: string; readonly lines: readonly string[] } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, lines: text.split('\n') }
    return last.lines
  }
}

const fileOf = (
  changeset: Changeset,
  { entry, base, changelog, unknown, linesOf }: Of,
): ListedFile => {
  const { id, author, header, sql, comment, validSums } = changeset
  const path = attribute(header, 'logicalFilePath') ?? changelog.logicalPath ?? ''
  const isWhole = !sql.includes('${')
  return {
    entry,
    version: `${path === '' ? entry : path}::${id}::${author}`,
    name: `${basename(entry, '.sql')} ${author}:${id}`,
    ...(isTrue(header, 'runOnChange') ? { runs: 'when changed' } : {}),
    transaction: isFalse(header, 'runInTransaction') ? 'off' : undefined,
    sum: isWhole ? sumOfNine(changeset) : undefined,
    row: {
      ...{ id, author, path, base, comment },
      ...{ eight: isWhole ? sumOfEight(changeset) : '', valid: validSums.join(' ') },
      contexts: grouped(attribute(header, 'contextFilter') ?? attribute(header, 'context') ?? ''),
      labels: attribute(header, 'labels') ?? '',
    },
    up: (file) =>
      upOf(file, changeset, {
        lines: linesOf(file.text),
        reasons: [...unknown, ...onlyThere(changeset)],
      }),
  }
}

const grouped = (contexts: string): string => (/[, ]/.test(contexts) ? `(${contexts})` : contexts)

/** For which only Liquibase can run it; where it has run, it does no harm. */
const onlyThere = ({ header, sql, preconditions }: Changeset): readonly string[] => {
  const runner = attribute(header, 'runWith')
  const [filled] = /\$\{[^}]*\}?/.exec(sql) ?? []
  return [
    ...preconditions
      .slice(0, 1)
      .map(({ reason }) => `has '${reason}', which only Liquibase evaluates`),
    ...(isFalse(header, 'failOnError')
      ? ['has failOnError:false, and may fail without notice']
      : []),
    ...(runner === undefined ? [] : [`has runWith:${runner}, and is not for the server itself`]),
    ...(filled === undefined ? [] : [`has '${filled}', which only Liquibase fills in`]),
  ]
}

const upOf = (
  { file }: ForeignFile,
  changeset: Changeset,
  { lines, reasons }: { readonly lines: readonly string[]; readonly reasons: readonly string[] },
): Up => {
  const own = ownLines(lines, changeset)
  const cut = withSemicolons(own, changeset.header)
  const [reason] = [...reasons, ...('reason' in cut ? [cut.reason] : [])]
  const above = markOfLines(changeset.from)
  const place = placeAt(file, `${above}${changeset.header}`, above.length)
  const misfits = [
    ...(isTrue(changeset.header, 'runAlways')
      ? ['has runAlways:true: schemagate runs a changeset once, or when it has changed']
      : []),
    ...(own.includes('\0') ? ['has rows of COPY … FROM stdin, which Liquibase cannot send'] : []),
  ].map((each) => ({ reason: each, place }))
  return {
    text: `${above}${'text' in cut ? cut.text : own}`,
    kept: changeset.sql,
    down: changeset.down,
    misfits,
    ...(reason === undefined
      ? {}
      : { refused: problem('only-by-tool', { file, tool, reason }, place) }),
  }
}

/** From the first that is its own, each in its place, as Liquibase joins them. The others are empty. */
const ownLines = (lines: readonly string[], { from, to, lines: kept }: Changeset): string =>
  lines
    .slice(from, to)
    .map((line, at) => (kept.has(from + at) ? line.replace(/\r$/, '') : ''))
    .join('\n')
