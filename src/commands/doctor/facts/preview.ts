// What a run would do with the files on this database, as far as it is known without the lock: read as `plan` reads it, but
// whatever is not known is a value, because a doctor goes on.

import { assess, refusalsIn } from '../../run/assess/assess.ts'
import type { Config } from '../../../config/config.ts'
import { loadContracts } from '../../../contract/file/load.ts'
import type { Connected } from '../../../database/connect/connect.ts'
import type { LedgerRow } from '../../../database/ledger/ledger-row.ts'
import { requireMigrationRole } from '../../../database/connect/migration-role.ts'
import type { Session } from '../../../database/session/session.ts'
import { SchemagateError, type Problem } from '../../../errors/problem.ts'
import type { Announce } from '../../../events.ts'
import { readNaming } from '../../../catalog/facts/read-naming.ts'
import { analyse, type Analysis } from '../../../schema/history/analyse.ts'
import type { History } from '../../../schema/history/history.ts'
import {
  ledgerTable,
  readLedger,
  rowsOfLedger,
  type Ledger,
} from '../../../database/ledger/ledger.ts'
import type { LedgerAt } from '../../../database/ledger/trust.ts'
import { loadObjects } from '../../../objects/load.ts'
import { loadWatched, type Watched } from '../../drift-ignore.ts'
import { loadFolder } from '../../load-folder.ts'
import type { Migration } from '../../../migrations/migration.ts'
import { decide, isComplete, type Decision } from '../../../reconcile/states/decide.ts'
import { needsOf, noNeeds, type Needs } from './needs.ts'

export type Files = {
  readonly migrations: readonly Migration[]
  readonly contracts: number
  readonly problems: readonly Problem[]
  /** With DRIFT. */
  readonly watched: Watched | undefined
}

export type LedgerState =
  Ledger | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] }

export type RunPreview = {
  /** Files that the ledger does not have; 0 where the files cannot be read. */
  readonly pending: number
  readonly recorded: number
  readonly toMark: number
  readonly toRun: number
  /** Why `run` would refuse. */
  readonly refusals: readonly Problem[]
  readonly needs: Needs
}

export const loadFiles = (config: Config, announce: Announce): Files => {
  const { migrations, problems, dialect } = loadFolder(config, announce)
  const { contracts, problems: contractProblems } = loadContracts(config.migrationsDir)
  const { objects } = loadObjects(config.migrationsDir, dialect)
  return {
    migrations,
    contracts: contracts.length,
    problems: [...problems, ...contractProblems],
    watched: loadWatched(config, objects),
  }
}

/** Throws `connection-lost` and `server-busy`. */
export const readLedgerState = async (session: Session, at: LedgerAt): Promise<LedgerState> => {
  try {
    return await readLedger(session, at)
  } catch (error) {
    const problems = ownProblems(error)
    if (problems.every(({ category }) => category !== 'try again'))
      return { kind: 'unreadable', problems }
    throw error
  }
}

const ownProblems = (error: unknown): readonly Problem[] => {
  if (error instanceof SchemagateError) return error.problems
  throw error
}

export const nothingPending: RunPreview = {
  ...{ pending: 0, recorded: 0, toMark: 0, toRun: 0 },
  ...{ refusals: [], needs: noNeeds },
}

type Database = Pick<Connected<unknown>, 'session' | 'server'>

/** Throws `connection-lost`, `server-busy`, `migration-role-unknown` and `migration-role-denied`. Reads only. */
export const lookAhead = async (
  database: Database,
  { migrations, problems, ledger, watched }: Files & { readonly ledger: LedgerState },
  config: Config,
): Promise<RunPreview> => {
  if (problems.length > 0) return nothingPending
  // Of a ledger that cannot be read every file counts as pending: what they need is still worth knowing.
  const rows = ledger.kind === 'unreadable' ? [] : rowsOfLedger(ledger)
  const decided = decide(migrations, rows, ledgerTable(config.ledgerSchema))
  const { pending, known, refusals } = decided
  const preview = { ...nothingPending, recorded: known.recorded, refusals }
  if (isComplete(decided)) return preview
  requireMigrationRole(database)
  const { session, server } = database
  const naming = await readNaming(session, server, migrations)
  const offline = await analyse(migrations, server.searchPath, naming)
  const found = await previewPending(database, {
    ...{ migrations, offline, decided, rows, config, watched },
  })
  return {
    ...preview,
    pending: pending.length,
    toMark: pending.length - found.toRun.length,
    toRun: found.toRun.length,
    refusals: [...refusals, ...found.refusals],
    needs: needsOf(found.history, found.toRun),
  }
}

type Known = {
  readonly migrations: readonly Migration[]
  readonly offline: Analysis
  readonly decided: Decision
  readonly rows: readonly LedgerRow[]
  readonly config: Config
  readonly watched: Watched | undefined
}

type Pending = Pick<RunPreview, 'refusals'> & {
  readonly history: History
  readonly toRun: readonly Migration[]
}

const previewPending = async (
  { session, server }: Database,
  { migrations, offline, decided, rows, config, watched }: Known,
): Promise<Pending> => {
  const intent = 'run'
  const trust = 'checked'
  try {
    const assessment = await assess(session, {
      ...{ migrations, offline, decided, rows, server, config, intent, trust, watched },
    })
    const { analysis, toRun } = assessment
    return {
      history: analysis.history,
      toRun: toRun.map(({ migration }) => migration),
      refusals: refusalsIn(assessment, intent),
    }
  } catch (error) {
    const problems = ownProblems(error)
    if (problems.some(({ category }) => category === 'try again')) throw error
    const toRun = decided.pending.map(({ migration }) => migration)
    return { history: offline.history, toRun, refusals: problems }
  }
}
