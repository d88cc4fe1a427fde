// What was seen of a project, for people: the folder, the database, what would happen, and what compose needs for it.

import { someMigrations } from '../../errors/define.ts'
import { renderProblem } from '../../report/formats/problem-text.ts'
import { oneLine, shownNames } from '../../report/visible.ts'
import type { Plan } from '../plan/make-plan.ts'
import type { TakeOver } from '../run/assess/take-over.ts'
import { composeFile, whoWaits } from './compose-service.ts'
import type { DatabaseSeen, FolderSeen, OtherLedger } from './look.ts'
import type { ProjectSeen } from './seen.ts'

export const renderProject = (seen: ProjectSeen): string =>
  [
    ...section('Folder', folderLines(seen.folder)),
    ...section('Database', databaseLines(seen)),
    ...section('Run', runLines(seen)),
    ...seen.refusals.map(renderProblem),
    ...composeLines(seen),
  ].join('\n')

const width = 10

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, at) => `${(at === 0 ? title : '').padEnd(width)}${oneLine(line)}`)

const folderLines = ({
  shown,
  state,
  dialect,
  migrations,
  objects,
  problems,
}: FolderSeen): readonly string[] => {
  if (state === 'missing')
    return [`${shown} does not exist yet; 'schemagate new <name>' makes it with its first file`]
  if (state === 'empty') return [`${shown} is empty; 'schemagate new <name>' makes its first file`]
  const files = migrations.length === 1 ? '1 file' : `${migrations.length} files`
  const beside =
    objects.length === 0
      ? []
      : [`${shown}/objects: ${counted(objects.length, 'file')}, each of which defines its object`]
  const wrong =
    problems.length === 0 ? [] : [`${counted(problems.length, 'problem')} in it: see below`]
  if (dialect === undefined && migrations.length + objects.length === 0)
    return [`${shown} cannot be read as it is: see below`]
  if (dialect === undefined)
    return [`${shown}: ${files} in schemagate's own form`, ...beside, ...wrong]
  const { tool, because, downParts } = dialect
  return [
    `${shown}: ${files} of ${tool}, because ${because}`,
    ...(downParts === 0 ? [] : [`its ${counted(downParts, 'down part')} will never run`]),
    ...wrong,
  ]
}

const databaseLines = ({ folder, database }: ProjectSeen): readonly string[] => {
  if (database === undefined) return ['not looked at: set DATABASE_URL to see what is there']
  const { name, serverVersion, ledger, otherLedgers } = database
  return [
    `${name}, on PostgreSQL ${serverVersion}`,
    ledger.rows === undefined
      ? `${ledger.table} is not there: schemagate has not run here`
      : `${ledger.table}, the ledger of schemagate, has ${counted(ledger.rows, 'row')}`,
    ...toolLedgerLines(folder, database),
    ...otherLedgers.map((each) => otherLine(each, folder)),
  ]
}

const toolLedgerLines = (
  { dialect, migrations }: FolderSeen,
  database: DatabaseSeen,
): readonly string[] => {
  const { toolLedger, mirror } = database
  if (dialect === undefined || migrations.length === 0) return []
  if (toolLedger.kind === 'none') return [`no ledger of ${dialect.tool} is there`]
  if (toolLedger.kind === 'unreadable')
    return [
      `${toolLedger.table} of ${toolLedger.tool} is there, and left alone: ${toolLedger.because}`,
    ]
  const { takeOver } = toolLedger
  return [
    ...claimLines(takeOver, migrations.length),
    `what run applies is ${mirror === 'written' ? 'also' : 'not'} written into ${takeOver.table}`,
  ]
}

const claimLines = (
  { tool, table, read, applied, unfinished, unknown }: TakeOver,
  files: number,
): readonly string[] => [
  `${table}, the ledger of ${tool}, has ${counted(read.rows.length, 'row')} and claims ${applied} of the ${counted(files, 'file')}`,
  ...[...unfinished].map(
    ([version, { because = 'not finished' }]) => `it began ${version}: ${because}`,
  ),
  ...(unknown.length === 0
    ? []
    : [`it has ${unknown.length} without a file here: ${shownNames(unknown)}`]),
]

const otherLine = ({ table, tool, rows }: OtherLedger, { state }: FolderSeen): string =>
  `${table} looks like a ledger of ${tool}${rows === undefined ? '' : `, with ${counted(rows, 'row')}`}` +
  (state === 'files'
    ? '; these files are not of that tool'
    : '; set MIGRATIONS_DIR to the folder of its files')

const runLines = ({ folder, database, refusals }: ProjectSeen): readonly string[] => {
  if (folder.state !== 'files') return ['would refuse to start: there is no migration']
  if (refusals.length > 0) return [`would refuse, with ${counted(refusals.length, 'problem')}:`]
  if (database?.plan === undefined)
    return [
      `${someMigrations(folder.migrations.length)}: the database decides which of them would run`,
    ]
  return [planWords(database.plan), "'schemagate plan' shows each file, and why"]
}

const planWords = ({ migrations, known, objects = [] }: Plan): string => {
  const count = (action: string): number =>
    migrations.filter(({ reconciled }) => reconciled.action === action).length
  const [runs, marks] = [count('run'), count('mark')]
  const compared = objects.filter(({ action }) => action !== 'orphan').length
  if (runs + marks + compared === 0)
    return `has nothing to do: ${counted(known.recorded, 'file')} recorded`
  const marked =
    marks === 0 ? [] : [`record ${counted(marks, 'file')} that the database has already`]
  const run = runs === 0 ? [] : [`run ${counted(runs, 'file')}`]
  const defined = compared === 0 ? [] : [`compare or drop ${counted(compared, 'object')}`]
  return `would ${[...marked, ...run, ...defined].join(', and ')}`
}

const composeLines = ({ folder, refusals, service, written }: ProjectSeen): readonly string[] => {
  if (refusals.length > 0 || folder.state === 'missing') return ['Nothing was written.', '']
  if (written !== undefined)
    return [
      '',
      `Written: ${written}. In compose.yaml:`,
      '',
      `include: [${written}]`,
      '',
      'and in each service that needs the schema:',
      '',
      whoWaits,
    ]
  return [
    '',
    'In compose.yaml, the service that migrates; where you have one already, change its image and its volume:',
    '',
    service,
    'and in each service that needs the schema:',
    '',
    whoWaits,
    `Nothing was written. 'schemagate init --write' writes the service into ${composeFile}.`,
    '',
  ]
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
