// What the database is, as far as files and contracts ask: the ledger, and the facts that the contracts need. Both are sent
// before either is answered.

import {
  factsOfRow,
  factsStatements,
  readFacts,
  type FactsReply,
} from '../../catalog/facts/contract-facts.ts'
import { factsNeeded } from '../../contract/check/check.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import type { Facts } from '../../contract/facts.ts'
import type { InitialQueries } from '../../database/connect/connect.ts'
import type { Session } from '../../database/session/session.ts'
import { fail } from '../../errors/problem.ts'
import { ledgerDigestQuery, ledgerMatchesFiles } from '../../database/ledger/digest.ts'
import { readLedger, type Ledger, type LedgerSeen } from '../../database/ledger/ledger.ts'
import { refuseForeign, type LedgerAt } from '../../database/ledger/trust.ts'
import type { Migration } from '../../migrations/migration.ts'

export type State = { readonly ledger: Ledger; readonly facts: FactsReply }

/** As a first look shows it. */
export type StateSeen = { readonly ledger: LedgerSeen; readonly facts: FactsReply }

export type StateRequest = LedgerAt & {
  readonly contracts: readonly LoadedContract[]
  /** How long to wait for whoever alters a table of the contracts. */
  readonly patienceMs: number
}

/** Throws what readLedger() and readFacts() throw. */
export const readState = async (
  session: Session,
  { contracts, patienceMs, ...at }: StateRequest,
): Promise<State> => {
  const [ledger, facts] = await Promise.all([
    readLedger(session, at),
    readFactsFor(session, contracts, patienceMs),
  ])
  return { ledger, facts }
}

/** The same as the first queries of a session. Its read() throws what readLedger() throws. */
export const initialStateQueries = (
  migrations: readonly Migration[],
  { contracts, patienceMs, ...at }: StateRequest,
): InitialQueries<StateSeen> => ({
  statements: [
    refuseForeign(at),
    ledgerDigestQuery(at.ledgerSchema),
    ...(contracts.length === 0 ? [] : factsStatements(factsNeeded(contracts), patienceMs)),
  ],
  read: async (session, [digest, facts]) => ({
    ledger: ledgerMatchesFiles(digest, migrations)
      ? { kind: 'matches files' }
      : await readLedger(session, at),
    facts: { kind: 'facts', facts: contracts.length === 0 ? noFacts : factsOfRow(facts) },
  }),
})

export const readFactsFor = async (
  session: Session,
  contracts: readonly LoadedContract[],
  patienceMs: number,
): Promise<FactsReply> =>
  contracts.length === 0
    ? { kind: 'facts', facts: noFacts }
    : readFacts(session, factsNeeded(contracts), patienceMs)

// Without contracts nothing is asked.
const noFacts: Facts = {
  searchPath: [],
  relations: new Map(),
  enums: new Map(),
  extensions: new Set(),
  functions: [],
  otherRelations: [],
}

/** Throws `contracts-not-readable`. */
export const factsOrFail = (reply: FactsReply, patienceMs: number): Facts =>
  reply.kind === 'facts'
    ? reply.facts
    : fail('contracts-not-readable', {
        waitedSeconds: patienceMs / 1_000,
        message: reply.message,
      })
