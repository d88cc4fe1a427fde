// What a project is: its folder, and its database where one is named. Reads only; takes no lock.

import type { Config } from '../../config/config.ts'
import type { Contract } from '../../contract/contract.ts'
import { loadContracts } from '../../contract/file/load.ts'
import { connectToDatabase, type Connected } from '../../database/connect/connect.ts'
import { ledgerTable, readLedger, rowsOfLedger, type Ledger } from '../../database/ledger/ledger.ts'
import type { Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { DialectSeen } from '../../migrations/dialects/read-foreign.ts'
import { dialects } from '../../migrations/dialects/dialects.ts'
import { shownFolder } from '../../migrations/load.ts'
import type { Migration } from '../../migrations/migration.ts'
import { findToolLedgers, shownTable, type LedgerThere } from '../../tool-ledger/find.ts'
import { readToolLedger } from '../../tool-ledger/read.ts'
import { loadObjects, type ObjectText } from '../../objects/load.ts'
import { loadFolder, type FolderAt } from '../load-folder.ts'
import type { Plan } from '../plan/make-plan.ts'
import { planObjects, type PlannedObjects } from '../plan/objects.ts'
import { lookAhead } from '../plan/preview.ts'
import { findMirror } from '../run/assess/mirror.ts'
import { readTakeOver, type ToolLedgerState } from '../run/assess/take-over.ts'

export type FolderSeen = {
  /** As messages show it. */
  readonly shown: string
  /** `missing` and `empty`: the project begins. */
  readonly state: 'missing' | 'empty' | 'files'
  /** The tool that it was made for; undefined where it is ours. */
  readonly dialect: DialectSeen | undefined
  readonly migrations: readonly Migration[]
  /** What is defined once, beside the migrations. */
  readonly objects: readonly ObjectText[]
  readonly contracts: readonly Contract[]
  readonly problems: readonly Problem[]
}

/** A table that has the form of another tool's ledger, and not of the tool that the files are of. */
export type OtherLedger = {
  readonly table: string
  readonly tool: string
  /** Undefined where it cannot be read. */
  readonly rows: number | undefined
}

export type DatabaseSeen = {
  readonly name: string
  readonly serverVersion: string
  readonly ledger: { readonly table: string; readonly rows: number | undefined }
  /** Of the tool that the files are of, also where ours has taken it over. */
  readonly toolLedger: ToolLedgerState
  readonly otherLedgers: readonly OtherLedger[]
  /** Would `run` write into the tool's ledger too? */
  readonly mirror: 'written' | 'left alone'
  /** What `run` would do; undefined where the folder lets it do nothing. */
  readonly plan: Plan | undefined
}

/** Never throws: what is wrong with it is part of what was seen. */
export const lookAtFolder = (at: FolderAt, announce: Announce): FolderSeen => {
  const { migrations, problems, dialect } = loadFolder(at, announce)
  const shown = shownFolder(at.migrationsDir)
  const none = { shown, dialect, migrations, objects: [], contracts: [], problems: [] }
  const [first] = problems
  if (first?.code === 'folder-missing' && first.facts['reason'] === 'does not exist')
    return { ...none, state: 'missing' }
  if (first?.code === 'folder-empty') return { ...none, state: 'empty' }
  const loaded = loadContracts(at.migrationsDir)
  const defined = loadObjects(at.migrationsDir, dialect)
  return {
    ...{ ...none, state: 'files', objects: defined.objects },
    problems: [...problems, ...defined.problems, ...loaded.problems],
    contracts: loaded.contracts.map(({ contract }) => contract),
  }
}

type Asked = { readonly announce: Announce; readonly interruption: AbortSignal }

/** Throws what previewRun() throws of the database. */
export const lookAtDatabase = async (
  config: Config,
  folder: FolderSeen,
  { announce, interruption }: Asked,
): Promise<DatabaseSeen> => {
  const database = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'init',
    migrationRole: config.migrationRole,
    first: (session) => readLedger(session, config),
    announce,
    interruption,
  })
  try {
    return await look(config, folder, database)
  } finally {
    await database.session.close()
  }
}

// It is said once, in the report.
const inSilence: Announce = () => undefined

const look = async (
  config: Config,
  { migrations, objects, contracts, problems, state, dialect }: FolderSeen,
  database: Connected<Ledger>,
): Promise<DatabaseSeen> => {
  const { session, server, first: ledger } = database
  const rows = rowsOfLedger(ledger)
  const asked = { migrations, server, config }
  const toolLedger = await readTakeOver(session, { ...asked, rows })
  const mirror = findMirror({
    ...{ migrations, toolLedger, recorded: rows, config },
    announce: inSilence,
  })
  const planOfAll = async (): Promise<Plan> => {
    const plan = await lookAhead(config, { migrations, contracts }, database, {
      ...{ intent: 'run', trust: 'checked', announce: inSilence },
    })
    const pending = plan.migrations.length
    return withObjects(plan, await planObjects(session, objects, { config, server, pending }))
  }
  const plan = state !== 'files' || problems.length > 0 ? undefined : await planOfAll()
  const table = ledgerTable(config.ledgerSchema)
  const there = await findToolLedgers(session, server)
  const others = there.filter(
    (each) =>
      each.dialect !== dialect?.name && (ledger.kind === 'absent' || tableOf(each) !== table),
  )
  return {
    name: session.endpoint.database,
    serverVersion: server.version,
    ledger: { table, rows: ledger.kind === 'absent' ? undefined : rows.length },
    toolLedger,
    otherLedgers: await countRows(database, others, config),
    mirror: mirror === undefined ? 'left alone' : 'written',
    plan,
  }
}

const withObjects = (plan: Plan, { planned, problems }: PlannedObjects): Plan => ({
  ...plan,
  refusals: [...plan.refusals, ...problems],
  objects: planned,
})

const tableOf = ({ found }: LedgerThere): string =>
  found.kind === 'found' ? shownTable(found.found) : found.table

const countRows = async (
  { session }: Connected<Ledger>,
  ledgers: readonly LedgerThere[],
  { migrationRole }: Config,
): Promise<readonly OtherLedger[]> => {
  const counted: OtherLedger[] = []
  for (const each of ledgers) {
    const { dialect, found } = each
    const tool = dialects.find(({ name }) => name === dialect)?.tool ?? dialect
    const rows =
      found.kind === 'found'
        ? (await readToolLedger(session, found.found, migrationRole)).rows.length
        : undefined
    counted.push({ table: tableOf(each), tool, rows })
  }
  return counted
}
