// What differs, as text and as JSON.

import packageJson from '../../../package.json' with { type: 'json' }
import {
  describeItem,
  driftOfItem,
  type Drift,
  type DriftItem,
  type Unseen,
} from '../../reconcile/drift/item.ts'
import { tableDriftJson } from '../../report/formats/table-drift.ts'
import { oneLine } from '../../report/visible.ts'

export type DriftReport = {
  readonly drift: Drift
  /** Files that the ledger has. */
  readonly recorded: number
  /** Files that it does not have: nothing is said of what they will make. */
  readonly pending: number
  /** Patterns of drift.ignore. */
  readonly ignored: readonly string[]
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

export const driftSummary = ({ drift, recorded }: DriftReport): string =>
  drift.items.length === 0
    ? `no drift: ${counted(drift.compared, 'object')} as ${counted(recorded, 'recorded file')} make${recorded === 1 ? 's' : ''} them`
    : `${counted(drift.items.length, 'difference')} from what ${counted(recorded, 'recorded file')} make${recorded === 1 ? 's' : ''}`

const at = ({ place, file }: Pick<Unseen, 'place' | 'file'>): string =>
  place === undefined ? file : `${place.file}:${place.line}`

const originOf = ({ kind, place }: DriftItem): string => {
  if (place === undefined)
    return kind === 'extra' ? 'no file makes it' : 'made by the recorded files'
  return `${kind === 'extra' ? 'dropped by' : 'made by'} ${place.file}:${place.line}`
}

/** Lines below the name of what differs. */
export const detailsOf = (item: DriftItem): readonly string[] => [
  originOf(item),
  ...(item.kind === 'different'
    ? [
        `files:    ${oneLine(item.expected ?? '(nothing)')}`,
        `database: ${oneLine(item.found ?? '(nothing)')}`,
      ]
    : []),
  ...(item.perhaps === undefined ? [] : [perhapsBy(item.perhaps)]),
]

const perhapsBy = (unseen: Unseen): string =>
  unseen.because === 'has changed since'
    ? `perhaps by ${at(unseen)}, which has changed since it ran, and runs again`
    : `perhaps by ${unseen.what} in ${at(unseen)}, whose text does not show it`

const itemText = (item: DriftItem, word: string): readonly string[] => [
  `${word.padEnd(11)} ${oneLine(describeItem(item))}`,
  ...detailsOf(item).map((line) => `            ${line}`),
]

export const renderDrift = (report: DriftReport): string => {
  const { items, unsure, unseen } = report.drift
  return [
    ...items.flatMap((item) => itemText(item, item.kind)),
    ...unsure.flatMap((item) => itemText(item, 'cannot tell')),
    ...(unseen.length === 0
      ? []
      : [
          `not seen:   ${counted(unseen.length, 'statement')} whose text does not show what ${unseen.length === 1 ? 'it does' : 'they do'}:`,
          ...unseen.map((each) => `            ${at(each)} ${each.what}`),
        ]),
    ...(report.ignored.length === 0
      ? []
      : [`ignored by drift.ignore: ${report.ignored.join(', ')}`]),
    ...(report.pending === 0
      ? []
      : [`${counted(report.pending, 'pending file')} not looked at: only what is recorded counts`]),
    driftSummary(report),
    ...(items.length === 0 ? [] : ['', ...advice]),
    '',
  ].join('\n')
}

const advice = [
  'The database was only read. What somebody changed by hand for good belongs into a new migration: with IF NOT EXISTS or',
  'IF EXISTS it does nothing here and the same everywhere else. What was not meant is put back by the SQL of the file that',
  'made it. What other programs make is named in drift.ignore beside the migrations, one pattern a line.',
]

const driftItemJson = (item: DriftItem): Readonly<Record<string, unknown>> => ({
  ...tableDriftJson(driftOfItem(item)),
  ...(item.perhaps === undefined ? {} : { perhaps: unseenJson(item.perhaps) }),
})

const unseenJson = ({ file, place, what }: Unseen): Readonly<Record<string, unknown>> => ({
  file,
  line: place?.line,
  what,
})

export const driftJson = (
  { drift, recorded, pending, ignored }: DriftReport,
  exitCode: number,
): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  exit_code: exitCode,
  ...{ recorded, pending, ignored, compared: drift.compared },
  differences: drift.items.map(driftItemJson),
  unsure: drift.unsure.map(driftItemJson),
  unseen: drift.unseen.map(unseenJson),
})
