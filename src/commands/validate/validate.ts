// The story of `schemagate validate`: contracts, connect, one look, every violation. It reads, takes no lock, writes nothing,
// and needs no privilege but to connect: whether a migration is recorded is reported where the ledger may be read.

import type { Config } from '../../config/config.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import { loadContracts } from '../../contract/file/load.ts'
import { connectToDatabase } from '../../database/connect/connect.ts'
import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import type { Session, SessionRole } from '../../database/session/session.ts'
import { fail, SchemagateError } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import { readLedger, rowsOfLedger } from '../../database/ledger/ledger.ts'
import type { LedgerAt } from '../../database/ledger/trust.ts'
import { loadFolder, type FolderAt } from '../load-folder.ts'
import { shownFolder } from '../../migrations/load.ts'
import type { Migration } from '../../migrations/migration.ts'
import { nearest } from '../../errors/nearest.ts'
import { checkContracts, type ContractCheck } from './check-database.ts'
import { factsOrFail, readFactsFor } from './read-state.ts'

/** What is validated: contracts, and the migrations that should have brought what they name. */
export type ContractSet = {
  readonly contracts: readonly LoadedContract[]
  /** Undefined where the contracts stand alone, as in the image of a service. */
  readonly migrations: readonly Migration[] | undefined
}

export type ValidateContext = {
  readonly role: SessionRole
  readonly announce: Announce
  readonly interruption: AbortSignal
}

const patienceMs = 5_000

/** Throws what connectToDatabase() throws, `contracts-not-readable`, `connection-lost`, `server-busy`, `server-refused`. */
export const validate = async (
  config: Config,
  { contracts, migrations }: ContractSet,
  { role, announce, interruption }: ValidateContext,
): Promise<ContractCheck> => {
  const { session, server, first } = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role,
    first: (opened) =>
      Promise.all([readRowsAsGuest(opened, config), readFactsFor(opened, contracts, patienceMs)]),
    announce,
    interruption,
  })
  try {
    const [rows, facts] = first
    return await checkContracts(session, {
      contracts,
      facts: factsOrFail(facts, patienceMs),
      migrations,
      readRows: () => Promise.resolve(rows),
      server,
      timeoutMs: config.statementTimeout.ms,
    })
  } finally {
    await session.close()
  }
}

// A service's own role need not be allowed to read the ledger, nor need it trust whoever made it: contracts are checked without.
const unread: readonly string[] = ['ledger-not-permitted', 'ledger-not-ours', 'ledger-unreadable']

const readRowsAsGuest = async (
  session: Session,
  at: LedgerAt,
): Promise<readonly LedgerRow[] | undefined> => {
  try {
    return rowsOfLedger(await readLedger(session, at))
  } catch (error) {
    const codes = error instanceof SchemagateError ? error.problems.map(({ code }) => code) : []
    if (codes.some((code) => unread.includes(code))) return undefined
    throw error
  }
}

/**
 * The contracts of these services, or all of them, with the migrations beside them where there are some.
 * Throws every problem of the files, `no-contracts`, `unknown-service`.
 */
export const loadContractSet = (
  at: FolderAt,
  announce: Announce,
  services: readonly string[],
): ContractSet => {
  const { migrationsDir } = at
  const { contracts, problems } = loadContracts(migrationsDir)
  if (problems.length > 0) throw new SchemagateError(problems)
  if (contracts.length === 0)
    return fail('no-contracts', { folder: `${shownFolder(migrationsDir)}/contracts` })
  return {
    contracts: contractsOfServices(contracts, services),
    migrations: loadMigrationsBeside(at, announce),
  }
}

export const contractsOfServices = (
  contracts: readonly LoadedContract[],
  services: readonly string[],
): readonly LoadedContract[] => {
  const known = contracts.map(({ contract }) => contract.service)
  for (const service of services)
    if (!known.includes(service))
      fail('unknown-service', { service, nearest: nearest(service, known, 3), services: known })
  return services.length === 0
    ? contracts
    : contracts.filter(({ contract }) => services.includes(contract.service))
}

/** Undefined where there is no migration; throws every other problem of the files. */
export const loadMigrationsBeside = (
  at: FolderAt,
  announce: Announce,
): readonly Migration[] | undefined => {
  const { migrations, problems } = loadFolder(at, announce)
  const grave = problems.filter(({ code }) => code !== 'folder-empty' && code !== 'folder-missing')
  if (grave.length > 0) throw new SchemagateError(grave)
  return problems.length > 0 ? undefined : migrations
}
