// What the database is, as far as files and contracts ask: the ledger, and the facts that the contracts need. Both are sent
// before either is answered: one round trip.

import { readFacts, type FactsReply } from '../catalog/contract-facts.ts'
import { factsNeeded } from '../contract/check.ts'
import type { LoadedContract } from '../contract/contract.ts'
import type { Facts } from '../contract/facts.ts'
import type { Session } from '../database/session.ts'
import { fail } from '../errors/problem.ts'
import { readLedger, type Ledger } from '../ledger/ledger.ts'

export type State = { readonly ledger: Ledger; readonly facts: FactsReply }

export type StateRequest = {
  readonly ledgerSchema: string
  readonly contracts: readonly LoadedContract[]
  /** How long to wait for whoever alters a table of the contracts. */
  readonly patienceMs: number
}

/** Throws what readLedger() and readFacts() throw. */
export const readState = async (
  session: Session,
  { ledgerSchema, contracts, patienceMs }: StateRequest,
): Promise<State> => {
  const [ledger, facts] = await Promise.all([
    readLedger(session, ledgerSchema),
    readFactsFor(session, contracts, patienceMs),
  ])
  return { ledger, facts }
}

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
