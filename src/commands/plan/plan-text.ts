// A plan for people: a line for each migration with its reason, then what each statement would lock, and the hazards.

import type {
  Plan,
  PlannedLock,
  PlannedLoss,
  PlannedMeeting,
  PlannedMigration,
} from './make-plan.ts'
import { objectLine } from './objects.ts'
import { describeDrift } from '../../errors/run/drift-problems.ts'
import type { EvidenceItem } from '../../reconcile/assessment.ts'
import { describeObject } from '../../schema/effects/effect.ts'
import { sizeInBrackets, sizeInWords, type TableSize } from '../../reconcile/table-size.ts'
import { strongest, type LockLevel } from '../../sql/locks/table-lock.ts'
import { renderProblem } from '../../report/formats/problem-text.ts'
import { continued, oneLine } from '../../report/visible.ts'

export type Detail = 'brief' | 'verbose'

export const renderPlan = (plan: Plan, detail: Detail): string =>
  [
    ...shown(plan).flatMap(detail === 'brief' ? briefLines : verboseLines),
    ...(plan.objects ?? []).map((each) => oneLine(objectLine(each))),
    ...(plan.drift ?? []).map((each) => `drift   ${oneLine(describeDrift(each))}`),
    ...tableLines(shown(plan)),
    ...plan.refusals.map(renderProblem),
    ...dialectLines(plan),
    planSummary(plan),
    '',
  ].join('\n')

const dialectLines = ({ dialect }: Plan): readonly string[] =>
  dialect === undefined
    ? []
    : [
        `The folder is read as one of ${dialect.tool}: ${dialect.because}.` +
          (dialect.downParts === 0
            ? ''
            : ` Its ${dialect.downParts} down parts exist, and schemagate never runs them.`),
      ]

const shown = ({ intent, migrations }: Plan): readonly PlannedMigration[] =>
  intent === 'run' ? migrations : migrations.filter(({ reconciled }) => reconciled.action !== 'run')

const stateWords = ({ reconciled: { state }, reason }: PlannedMigration): string =>
  `${state === 'absent' ? 'to do' : state}: ${continued(reason)}`

const isLate = ({ reconciled: { outOfOrder } }: PlannedMigration): string =>
  outOfOrder ? ' (out of order: merged late)' : ''

const widestBrief = 110

/** One line, and what may hurt. */
const briefLines = (planned: PlannedMigration): readonly string[] => {
  const { migration, action } = planned.reconciled
  const line = `${action.padEnd(6)}  ${migration.file}${isLate(planned)}  ${oneLine(stateWords(planned))}`
  return [
    line.length > widestBrief ? `${line.slice(0, widestBrief - 1)}…` : line,
    ...evidenceOf(planned),
    ...dangerLines(planned),
  ]
}

const verboseLines = (planned: PlannedMigration): readonly string[] => {
  const { reconciled, statements, statementModeReason } = planned
  return [
    `${reconciled.action.padEnd(6)}  ${reconciled.migration.file}${isLate(planned)}`,
    `          ${stateWords(planned)}`,
    ...(statementModeReason === undefined
      ? []
      : [`          statement by statement, not in one transaction: ${statementModeReason}`]),
    ...evidenceOf(planned),
    ...statements.flatMap(({ line, text, locks }) => [
      `          line ${line}: ${text.replaceAll('\n', `\n${' '.repeat(12)}`)}`,
      ...locks.map((lock) => `            ${continued(lockWords(lock))}`),
    ]),
    ...dangerLines(planned),
  ]
}

const evidenceOf = ({ reconciled: { action, items } }: PlannedMigration): readonly string[] =>
  action === 'refuse' ? items.filter(isTelling).flatMap(evidenceLines) : []

const dangerLines = ({ meets, losses, hazards }: PlannedMigration): readonly string[] => [
  ...meets.map(meetingLine),
  ...losses.map(lossLine),
  ...hazards.map(
    ({ level, rule, place, message }) =>
      `          ${level}[${rule}] line ${place.line}: ${continued(message)}`,
  ),
]

/** Which tables of now are locked, how strongly at most, and by how many files. */
const tableLines = (migrations: readonly PlannedMigration[]): readonly string[] => {
  const tables = lockedByName(migrations)
  if (tables.length === 0) return []
  const rows = [
    ['TABLE', 'STRONGEST LOCK', 'SIZE', 'FILES'],
    ...tables.map(({ table, level, size, files }) => [
      oneLine(table),
      level,
      sizeInWords(size.bytes) + rowsInWords(size),
      String(files),
    ]),
  ]
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return [
    '',
    ...rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')),
    '',
  ]
}

const rowsInWords = ({ rows }: TableSize): string =>
  rows === undefined ? '' : `, about ${rows.toLocaleString('en')} rows`

type LockedTable = {
  readonly table: string
  readonly level: LockLevel
  readonly size: TableSize
  readonly files: number
}

// What is not there yet locks nobody out.
const lockedByName = (migrations: readonly PlannedMigration[]): readonly LockedTable[] => {
  const found = new Map<string, LockedTable>()
  for (const { statements } of migrations) {
    const locks = statements.flatMap((statement) => statement.locks)
    const counted = new Set<string>()
    for (const { table, level, size } of locks) {
      if (size === undefined) continue
      const { level: before = level, files = 0 } = found.get(table) ?? {}
      found.set(table, {
        ...{ table, size, level: strongest([before, level]) ?? level },
        files: counted.has(table) ? files : files + 1,
      })
      counted.add(table)
    }
  }
  return [...found.values()].sort((one, other) => other.size.bytes - one.size.bytes)
}

const meetingLine = ({ after, object, line }: PlannedMeeting): string =>
  `          warning: ${line === undefined ? '' : `line ${line}: `}${continued(object)}: ${after} is already there; a new database runs this file first, and may end up different`

const lossWords = {
  explained: 'removes',
  allowed: 'removes, as allowed:',
  refused: 'must not remove',
} as const

const lossLine = ({ what, line, size, verdict, because }: PlannedLoss): string =>
  `          ${line === undefined ? '' : `line ${line} `}${lossWords[verdict]} ${what}${sizeInBrackets(size)}: ${because}`

const isTelling = ({ verdict }: EvidenceItem): boolean => verdict !== 'done'

const evidenceLines = ({ object, property, expected, found }: EvidenceItem): readonly string[] => [
  `          ${continued(`${describeObject(object)}, ${property}: expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`)}`,
]

const lockWords = ({ table, level, size }: PlannedLock): string =>
  `${level} on ${table}${sizeInBrackets(size)}`

const planSummary = ({ intent, migrations, known, refusals, objects = [] }: Plan): string => {
  const count = (action: string): number =>
    migrations.filter(({ reconciled }) => reconciled.action === action).length
  if (refusals.length > 0)
    return `schemagate ${intent} would refuse (exit code 4): ${refusals.length} problem${refusals.length === 1 ? '' : 's'}; nothing was changed`
  const compared = objects.filter(({ action }) => action !== 'orphan').length
  if (migrations.length + compared === 0)
    return `nothing pending, ${known.recorded} recorded; nothing was changed`
  const recorded = `${known.recorded} recorded. Nothing was changed.`
  return intent === 'adopt'
    ? `Plan: ${count('mark')} to mark, ${count('run')} left for schemagate run, ${recorded}`
    : `Plan: ${count('run')} to run, ${count('mark')} already there, ${compared === 0 ? '' : `${compared} object${compared === 1 ? '' : 's'} to compare or drop, `}${recorded}`
}
