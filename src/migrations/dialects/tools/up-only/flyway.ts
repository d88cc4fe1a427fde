// Flyway: V1.2__name.sql, in the order of its versions, part by part as numbers, in folders of any depth. U… undoes, B… stands for
// all up to its version, R__name.sql runs behind them when it has changed, and what is set in a .sql.conf beside a file holds for it.
// https://documentation.red-gate.com/flyway/flyway-concepts/migrations

import { basename } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Dialect, Folder, ListedFile, Listing } from '../../dialect.ts'
import { versionOfRepeatable } from '../../../migration.ts'
import { fillPlaceholders } from '../../syntax/flyway-placeholders.ts'
import { canonicalVersion } from '../../flyway-version.ts'
import { ledgerNameIn } from '../../ledger-name.ts'
import { entriesIn } from '../../subfolders.ts'
import { byName, byText, listNames, numeric, stray, up, type Kind } from '../../listing.ts'

const versioned = /^([VBU])(\d+(?:[._]\d+)*)__.*\.sql$/
const scripted = /^[VRBU].*__.*\.(?:java|class|kt|groovy|py|js|ts|sh|bash|ps1|cmd|bat|exe)$/
const callback = /^(?:before|after)[A-Z]\w*(?:__.*)?\.sql$/

export const flyway: Dialect = {
  name: 'flyway',
  tool: 'Flyway',
  signs: (folder) =>
    entriesIn(folder).some((entry) => versioned.test(basename(entry)))
      ? 'its files are named V1__name.sql'
      : undefined,
  list: (folder) => {
    const entries = entriesIn(folder)
    const listing = listNames(entries, (entry) => kindOf(folder, entry, entries), byVersion)
    const ledger = ledgerNameIn(folder, {
      environment: { schema: 'FLYWAY_DEFAULT_SCHEMA', table: 'FLYWAY_TABLE' },
      files: ['flyway.conf', 'flyway.toml'],
      keys: { schema: '(?:flyway.)?defaultSchema', table: '(?:flyway.)?table' },
    })
    return { ...withoutBaselines(listing), ledger }
  },
  up: (file, variables) => {
    const up = fillPlaceholders(file, variables)
    // With their values: it runs again when one of them changes.
    return file.listed.runs === undefined || up.kept === undefined
      ? up
      : { ...up, kept: up.text, sum: sumOfText(up.text) }
  },
  sum: sumOfLines,
  create: ({ number, name, body }) => ({
    entry: `V${numeric(number)}__${name}.sql`,
    text: body,
  }),
}

const kindOf = (folder: Folder, entry: string, entries: readonly string[]): Kind => {
  const name = basename(entry)
  const [, prefix, version = ''] = versioned.exec(name) ?? []
  if (prefix === 'U') return { kind: 'down' }
  if (prefix !== undefined) {
    const number = canonicalVersion(version)
    return up(prefix === 'B' ? `B${number}` : number, {
      name: name.replace(/\.sql$/, ''),
      ...settingsIn(folder.text, `${entry}.conf`, entries),
    })
  }
  if (scripted.test(name)) return { kind: 'code' }
  if (name.endsWith('.sql.conf') || name === 'flyway.toml' || name === 'flyway.conf')
    return { kind: 'beside' }
  const described = /^R__(.+)\.sql$/.exec(name)?.[1]
  if (described !== undefined)
    return up(versionOfRepeatable(described.replaceAll(' ', '_')), {
      name: name.replace(/\.sql$/, ''),
      runs: 'when changed',
      ...settingsIn(folder.text, `${entry}.conf`, entries),
    })
  return callback.test(name)
    ? stray('is a callback, and schemagate runs nothing around migrations')
    : stray('is not named like a migration of Flyway, such as V1__name.sql')
}

const compareParts = (a: ListedFile, b: ListedFile): number => {
  const [one = [], other = []] = [a, b].map(({ version }) => version.replace('B', '').split('.'))
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [x, y] = [one[at] ?? '0', other[at] ?? '0']
    if (x !== y) return x.length - y.length || byText(x, y)
  }
  return 0
}

const byVersion = (a: ListedFile, b: ListedFile): number => compareParts(a, b) || byName(a, b)

// What a baseline stands for runs file by file where the files are there: it leads to the same, and a database that has some of
// them goes on behind those.
const withoutBaselines = (listing: Listing): Listing => {
  const repeatables = listing.files.filter(({ runs }) => runs !== undefined).sort(byDescription)
  const isBaseline = ({ version, runs }: ListedFile): boolean =>
    runs === undefined && version.startsWith('B')
  const versions = listing.files.filter((file) => file.runs === undefined && !isBaseline(file))
  const [first] = versions
  const baseline = listing.files.findLast(
    (file) => isBaseline(file) && (first === undefined || compareParts(file, first) < 0),
  )
  const begins = baseline === undefined ? [] : [baseline]
  return { ...listing, files: [...begins, ...versions, ...repeatables] }
}

const byDescription = (a: ListedFile, b: ListedFile): number =>
  byText(describedBy(a), describedBy(b)) || byName(a, b)

const describedBy = ({ name }: ListedFile): string => name.replaceAll('_', ' ')

type Settings = Pick<ListedFile, 'transaction' | 'placeholders' | 'misfit'>

const settingsIn = (text: Folder['text'], entry: string, entries: readonly string[]): Settings => {
  if (!entries.includes(entry)) return {}
  const settings: Record<string, string> = {}
  for (const line of (text(entry) ?? '').split(/\r?\n/)) {
    const [, key, value] = /^\s*([A-Za-z]\w*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) settings[key] = value
  }
  const { executeInTransaction, placeholderReplacement, encoding = 'UTF-8', ...others } = settings
  const [other] = Object.keys(others)
  return {
    transaction: executeInTransaction === 'false' ? 'off' : undefined,
    placeholders: placeholderReplacement === 'false' ? 'kept' : undefined,
    misfit:
      other === undefined && /^utf-?8$/i.test(encoding)
        ? undefined
        : `has a setting beside it that schemagate does not follow: ${other ?? 'encoding'}`,
  }
}

// Over its lines without their ends, and without the byte-order mark.
function sumOfLines(bytes: Buffer): string {
  return sumOfText(bytes.toString('utf8').replace(/^\uFEFF/, ''))
}

const sumOfText = (text: string): string => String(crc32(text.replace(/\r\n|[\r\n]/g, '')) | 0)
