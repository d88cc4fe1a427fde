// Which time zone a file has set for its session, at each of its statements. The gate resets it behind each file.

import type { Node } from 'libpg-query'
import { settingsIn } from '../../sql/transaction/settings.ts'
import { ofFile, type Subject } from '../subject/subject.ts'

/** Has the file itself set UTC, or another name of it? Whatever the server, the role or the database sets is not known. */
export const isInUtc = (subject: Subject): boolean => {
  const here = subject.earlier.count()
  return settingsOf(subject).findLast(({ at }) => at < here)?.isUtc === true
}

type Setting = { readonly at: number; readonly isUtc: boolean }

const settingsOf = ofFile((statements): readonly Setting[] =>
  statements.flatMap(({ node }, at) => {
    const zone = zoneSetBy(node)
    return zone === undefined ? [] : [{ at, isUtc: utc.has(zone.toUpperCase()) }]
  }),
)

const utc: ReadonlySet<string> = new Set([
  ...['UTC', 'UCT', 'GMT', 'ZULU', 'UNIVERSAL', 'GREENWICH', 'GMT0', 'GMT+0', 'GMT-0'],
  ...['ETC/UTC', 'ETC/UCT', 'ETC/GMT', 'ETC/ZULU', 'ETC/UNIVERSAL', 'ETC/GREENWICH', '0'],
])

const unknownZone = ''

/** Undefined for what sets none. */
const zoneSetBy = (node: Node): string | undefined => {
  if ('DiscardStmt' in node) return unknownZone
  const set = settingsIn(node).findLast(
    ({ name }) => name === undefined || zoneNames.includes(name),
  )
  if (set !== undefined) return (set.name === undefined ? undefined : set.values[0]) ?? unknownZone
  // These may hold anything.
  return mayHold.some((kind) => kind in node) && /time\s*zone/i.test(JSON.stringify(node))
    ? unknownZone
    : undefined
}

const zoneNames = ['timezone', 'all']
const mayHold = ['DoStmt', 'CallStmt', 'SelectStmt'] as const
