// Which migration should have brought what is missing or different, whether it is recorded, and what to do. Pure.

import type { Aspect, ContractObject, Violation } from '../../contract/violation.ts'
import { splitName } from '../../contract/contract.ts'
import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import type { ObjectKind, ObjectName } from '../../schema/effects/effect.ts'
import type { History } from '../../schema/history/history.ts'
import type { Change, Timeline } from '../../schema/history/model/timeline.ts'
import { repairSql } from './repair-sql.ts'

export type ExplainedViolation = Violation & {
  /** Undefined where no migration file mentions it. */
  readonly migration: MigrationOf | undefined
  /** One sentence: how it may have come about. */
  readonly why: string
  readonly fix: string
}

export type MigrationOf = {
  /** As messages show it. */
  readonly file: string
  readonly does: 'brings it' | 'takes it away'
  readonly recorded: 'applied' | 'reconciled' | 'running' | 'no' | 'not known'
  /** ISO 8601, UTC. */
  readonly recordedAt: string | undefined
}

export type Known = {
  /** Undefined where no migrations are next to the contract. */
  readonly history: History | undefined
  /** Undefined where the ledger may not be read. */
  readonly rows: readonly LedgerRow[] | undefined
}

export const explain = (violation: Violation, known: Known): ExplainedViolation => {
  const migration = migrationOf(violation, known)
  return {
    ...violation,
    migration,
    why: whyOf(violation, migration, known),
    fix: fixOf(violation, migration),
  }
}

const migrationOf = (
  { object, aspect }: Violation,
  { history, rows }: Known,
): MigrationOf | undefined => {
  if (history === undefined) return undefined
  const change = lastChange(history, object, aspect)
  const migration = change && history.migrations[change.at]?.migration
  if (migration === undefined) return undefined
  const row = rows?.find(({ version }) => version === migration.version)
  return {
    file: migration.file,
    does: change?.value.kind === 'absent' ? 'takes it away' : 'brings it',
    recorded: rows === undefined ? 'not known' : (row?.state ?? 'no'),
    recordedAt: row?.finishedAt,
  }
}

// What the history says last of this aspect; where nothing does, of the object.
const lastChange = (
  { timelines }: History,
  object: ContractObject,
  aspect: Aspect,
): Change | undefined => {
  const own = timelines.filter((timeline) => isAbout(timeline.object, object))
  const properties = propertiesOf[aspect]
  const ofAspect = own.filter(({ property }) =>
    properties?.some((each) => property.startsWith(each)),
  )
  return latest(ofAspect) ?? latest(own)
}

const latest = (timelines: readonly Timeline[]): Change | undefined =>
  timelines
    .flatMap(({ changes }) => changes.filter(({ value }) => value.kind !== 'unknown'))
    .sort((a, b) => a.at - b.at || a.statement - b.statement)
    .at(-1)

const propertiesOf: Readonly<Partial<Record<Aspect, readonly string[]>>> = {
  type: ['type'],
  nullability: ['nullability'],
  default: ['default'],
  definition: ['definition'],
  uniqueness: ['definition'],
  validity: ['validation'],
  labels: ['label'],
  result: ['result'],
}

const kindsOf: Readonly<Record<ContractObject['kind'], readonly ObjectKind[]>> = {
  table: ['table'],
  view: ['view', 'materialized view'],
  column: ['column'],
  index: ['index'],
  constraint: ['constraint'],
  enum: ['type'],
  extension: ['extension'],
  function: ['function'],
}

const isAbout = (found: ObjectName, { kind, of, name }: ContractObject): boolean => {
  if (!kindsOf[kind].includes(found.kind)) return false
  const { schema, name: own } = splitName(of === undefined || kind === 'index' ? name : of)
  // A name without a schema is one that the search path finds; the history has resolved its own.
  if (schema !== undefined && schema !== found.schema) return false
  if (kind === 'function') return found.name.split('(', 1)[0] === own.split('(', 1)[0]
  return of === undefined || kind === 'index'
    ? found.name === own
    : found.table === own && found.name === name
}

const whyOf = (
  { aspect }: Violation,
  migration: MigrationOf | undefined,
  { history, rows }: Known,
): string => {
  if (history === undefined)
    return 'there are no migration files next to the contract, so which one should have brought it is unknown'
  if (migration === undefined)
    return aspect === 'existence' ? 'no migration file brings it' : 'no migration file mentions it'
  const { file, does, recorded } = migration
  const when = migration.recordedAt === undefined ? '' : ` (${shownTime(migration.recordedAt)} UTC)`
  const newer = hasNewerRows(history, rows) ? ', or by a newer release that ran here' : ''
  switch (recorded) {
    case 'not known':
      return `${file} ${does}; the ledger cannot be read here, so whether it is recorded is not known`
    case 'no':
      return `${file} ${does}, and is not recorded: it has not run here`
    case 'running':
      return `${file} ${does}, and was interrupted`
    case 'applied':
    case 'reconciled':
      return does === 'takes it away'
        ? `${file} ${does} and is recorded as ${recorded}${when}: contract and migrations contradict each other`
        : `${file} ${does} and is recorded as ${recorded}${when}: it was ${aspect === 'existence' ? 'dropped' : 'changed'} since, outside the migrations${newer}`
  }
}

const hasNewerRows = ({ migrations }: History, rows: Known['rows']): boolean => {
  const own = new Set(migrations.map(({ migration }) => migration.version))
  return rows?.some(({ version }) => !own.has(version)) === true
}

const shownTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ')

const fixOf = (violation: Violation, migration: MigrationOf | undefined): string => {
  const { service } = violation
  if (migration?.recorded === 'no' && migration.does === 'brings it')
    return 'Run the migrations: schemagate run'
  if (migration?.does === 'takes it away')
    return `Take it out of the contract of ${service} when the service no longer uses it, or bring it back in a new migration.`
  const sql = repairSql(violation)
  return sql === undefined
    ? `Bring it in a new migration (schemagate new <name>), or correct the contract of ${service}.`
    : `In a new migration (schemagate new <name>), or correct the contract of ${service} instead:\n${sql}`
}
