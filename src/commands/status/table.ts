// The states of all migrations as a table for people and as JSON. `table` is loaded only when one is drawn.

import { adviceOn } from './advice.ts'
import { oneLine, visible } from '../../report/visible.ts'
import { versionOfState, type MigrationState } from '../../reconcile/states/plan.ts'

type Line = {
  readonly state: string
  readonly version: string
  readonly name: string
  readonly when: string
  readonly by: string
}

const stateInWords = (state: MigrationState): string => {
  if (state.kind === 'pending' && state.outOfOrder) return 'pending (out of order)'
  if (state.kind === 'pending' && state.replacing !== undefined)
    return `pending (${state.replacing.length} rows replaced by it)`
  if (state.kind === 'unreplaceable') return 'refused (replaces what is not there)'
  if (state.kind === 'in base') return `in ${state.row.name}`
  return state.kind === 'recorded' && state.row.state === 'reconciled' ? 'reconciled' : state.kind
}

const lineOf = (state: MigrationState): Line => {
  const name = nameOf(state)
  const version = versionOfState(state)
  const shown = stateInWords(state)
  if (state.kind === 'pending') return { state: shown, version, name, when: '', by: '' }
  const { finishedAt = '', appliedBy } = state.row
  return {
    state: shown,
    version,
    name,
    when: finishedAt.slice(0, 19).replace('T', ' '),
    by: appliedBy,
  }
}

const nameOf = (state: MigrationState): string => {
  if (state.kind === 'unknown') return state.row.name
  if (state.kind === 'replaced') return `${state.row.name} (replaced by ${state.by.name})`
  return state.kind === 'taken'
    ? `${state.migration.name} (by ${state.row.name})`
    : state.migration.name
}

const heading = ['STATE', 'VERSION', 'NAME', 'APPLIED (UTC)', 'BY']

export const renderStatus = async (states: readonly MigrationState[]): Promise<string> => {
  const { getBorderCharacters, table } = await import('table')
  const rows = states
    .map(lineOf)
    .map((line) => [line.state, line.version, line.name, line.when, line.by])
    // The table takes no control characters.
    .map((cells) => cells.map((cell) => visible(oneLine(cell), 'text')))
  const text = table([heading, ...rows], {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns: { 1: { alignment: 'right' } },
    drawHorizontalLine: () => false,
  })
  return `${text.replace(/ +$/gm, '')}\n${countsOf(states)}\n${nextLine(states)}`
}

const nextLine = (states: readonly MigrationState[]): string => {
  const advice = adviceOn(states)
  return advice === undefined ? '' : `next: ${advice}\n`
}

export const statusJson = (
  states: readonly MigrationState[],
): Readonly<Record<string, unknown>> => ({
  ...counts(states),
  next_step: adviceOn(states),
  migrations: states.map((state) => ({
    version: versionOfState(state),
    name: 'migration' in state ? state.migration.name : state.row.name,
    file: 'migration' in state ? state.migration.file : undefined,
    state: state.kind.replace(' ', '_'),
    out_of_order: state.kind === 'pending' ? state.outOfOrder : undefined,
    checksum: 'migration' in state ? state.migration.checksum : undefined,
    replaced_by: state.kind === 'replaced' ? state.by.file : undefined,
    replaces: state.kind === 'pending' ? state.replacing?.map(({ version }) => version) : undefined,
    recorded_checksum: state.kind === 'pending' ? undefined : state.row.checksum,
    recorded_name: state.kind === 'taken' ? state.row.name : undefined,
    recorded_as: state.kind === 'pending' ? undefined : state.row.state,
    finished_at: state.kind === 'pending' ? undefined : state.row.finishedAt,
    applied_by: state.kind === 'pending' ? undefined : state.row.appliedBy,
  })),
})

const kinds = ['recorded', 'pending', 'edited', 'taken', 'interrupted', 'unknown'] as const

// Only of a folder with a base file, or of an older one.
const kindsOfBases = ['replaced', 'unreplaceable', 'in base'] as const

const counts = (states: readonly MigrationState[]): Readonly<Record<string, number>> => {
  const count = (kind: MigrationState['kind']): number =>
    states.filter((state) => state.kind === kind).length
  return Object.fromEntries([
    ...kinds.map((kind) => [kind, count(kind)] as const),
    ...kindsOfBases
      .map((kind) => [kind.replace(' ', '_'), count(kind)] as const)
      .filter(([, number]) => number > 0),
  ])
}

const countsOf = (states: readonly MigrationState[]): string =>
  Object.entries(counts(states))
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
