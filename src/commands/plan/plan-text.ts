// A plan for people: a line for each migration with its reason, then what each statement would lock, and the hazards.

import type {
  Plan,
  PlannedLock,
  PlannedLoss,
  PlannedMeeting,
  PlannedMigration,
} from './make-plan.ts'
import type { EvidenceItem } from '../../reconcile/assessment.ts'
import { describeObject } from '../../schema/effects/effect.ts'
import { sizeInBrackets } from '../../reconcile/table-size.ts'
import { renderProblem } from '../../report/problem-text.ts'
import { continued } from '../../report/visible.ts'

export const renderPlan = (plan: Plan): string =>
  [
    ...shown(plan).flatMap(migrationLines),
    ...plan.refusals.map(renderProblem),
    planSummary(plan),
    '',
  ].join('\n')

const shown = ({ intent, migrations }: Plan): readonly PlannedMigration[] =>
  intent === 'run' ? migrations : migrations.filter(({ reconciled }) => reconciled.action !== 'run')

const migrationLines = ({
  reconciled,
  reason,
  byStatement,
  statements,
  hazards,
  losses,
  meets,
}: PlannedMigration): readonly string[] => {
  const { migration, action, state, outOfOrder, items } = reconciled
  return [
    `${action.padEnd(6)}  ${migration.file}${outOfOrder ? ' (out of order: merged late)' : ''}`,
    `          ${state}: ${continued(reason)}`,
    ...meets.map(meetingLine),
    ...(byStatement === undefined
      ? []
      : [`          statement by statement, not in one transaction: ${byStatement}`]),
    ...(action === 'refuse' ? items.filter(isTelling).flatMap(evidenceLines) : []),
    ...statements.flatMap(({ line, text, locks }) => [
      `          line ${line}: ${shortened(text)}`,
      ...locks.map((lock) => `            ${continued(lockWords(lock))}`),
    ]),
    ...losses.map(lossLine),
    ...hazards.map(
      ({ level, rule, place, message }) =>
        `          ${level}[${rule}] line ${place.line}: ${continued(message)}`,
    ),
  ]
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

const widest = 90

const shortened = (text: string): string =>
  text.length > widest ? `${text.slice(0, widest - 1)}…` : text

const lockWords = ({ table, level, size }: PlannedLock): string =>
  `${level} on ${table}${sizeInBrackets(size)}`

const planSummary = ({ intent, migrations, known, refusals }: Plan): string => {
  const count = (action: string): number =>
    migrations.filter(({ reconciled }) => reconciled.action === action).length
  if (refusals.length > 0)
    return `schemagate ${intent} would refuse (exit code 4): ${refusals.length} problem${refusals.length === 1 ? '' : 's'}; nothing was changed`
  if (migrations.length === 0)
    return `nothing pending, ${known.recorded} recorded; nothing was changed`
  if (intent === 'adopt')
    return `schemagate adopt would mark ${count('mark')} and leave ${count('run')} to schemagate run; ${known.recorded} are recorded; nothing was changed`
  return `schemagate run would mark ${count('mark')} and run ${count('run')}; ${known.recorded} are recorded; nothing was changed`
}
