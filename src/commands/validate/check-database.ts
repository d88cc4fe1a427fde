// Does the database hold what the services rely on? The entry point of this module: facts that were read × contracts → every
// violation at once, with the migration that should have brought it. Where all holds, nothing more is asked or loaded.

import { check } from '../../contract/check/check.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import type { Facts } from '../../contract/facts.ts'
import type { LedgerRow } from '../../database/ledger/ledger-row.ts'
import type { Server } from '../../database/server/server.ts'
import type { Session } from '../../database/session/session.ts'
import { loadPart } from '../../errors/part.ts'
import type { Analysis } from '../../schema/history/analyse.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { ExplainedViolation } from './explain.ts'

export type ContractCheck = {
  /** The services whose contracts were checked, in the order of their files. */
  readonly services: readonly string[]
  readonly violations: readonly ExplainedViolation[]
}

export type ContractCheckRequest = {
  readonly contracts: readonly LoadedContract[]
  readonly facts: Facts
  /** Undefined where no migrations are next to the contracts. */
  readonly migrations: readonly Migration[] | undefined
  /** Asked for only where something is violated. Yields undefined where the ledger may not be read. */
  readonly readRows: () => Promise<readonly LedgerRow[] | undefined>
  readonly server: Pick<Server, 'searchPath' | 'encoding'>
  readonly timeoutMs: number
}

/** Throws `connection-lost`, `server-busy`, `server-refused`. Writes nothing. */
export const checkContracts = async (
  session: Session,
  request: ContractCheckRequest,
): Promise<ContractCheck> => {
  const { contracts, facts, migrations, readRows, server, timeoutMs } = request
  const services = contracts.map(({ contract }) => contract.service)
  const first = contracts.flatMap((contract) => check(contract, facts))
  if (first.length === 0) return { services, violations: [] }
  const { compareOnServer } = await loadPart('contract check', import('./compare-on-server.ts'))
  const violations = await compareOnServer(session, first, {
    ...{ loginPath: server.searchPath, timeoutMs },
  })
  if (violations.length === 0) return { services, violations: [] }
  const history = migrations && (await historyOf(session, server, migrations))
  const rows = await readRows()
  const { explain } = await loadPart('contract check', import('./explain.ts'))
  return { services, violations: violations.map((each) => explain(each, { history, rows })) }
}

const historyOf = async (
  session: Session,
  server: ContractCheckRequest['server'],
  migrations: readonly Migration[],
): Promise<Analysis['history']> => {
  const [{ analyse }, { readNaming }] = await loadPart(
    'contract check',
    Promise.all([
      import('../../schema/history/analyse.ts'),
      import('../../catalog/facts/read-naming.ts'),
    ]),
  )
  const naming = await readNaming(session, server, migrations)
  return (await analyse(migrations, server.searchPath, naming)).history
}
