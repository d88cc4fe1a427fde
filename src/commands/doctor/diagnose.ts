// The story of `schemagate doctor`: files, connect, ledger, what a run would do, what the server tells, a second connection;
// then all of it evaluated at once. It reads, takes no lock, writes nothing.

import type { Config } from '../../config/config.ts'
import { connectToDatabase } from '../../database/connect/connect.ts'
import { openSession, type Session } from '../../database/session/session.ts'
import type { Announce, RunEvent } from '../../events.ts'
import { ledgerTable, quotedLedger } from '../../database/ledger/ledger.ts'
import { findLockHolder } from '../../database/lock/holder.ts'
import { lockKeyOf } from '../../database/lock/key.ts'
import type { Examination } from './facts/examination.ts'
import type { Finding } from './finding.ts'
import { evaluate } from './evaluate/evaluate.ts'
import { loadFiles, lookAhead, readLedgerState } from './facts/preview.ts'
import { trySecond, type SecondSession } from './facts/second-session.ts'
import { readServerFacts } from './facts/server-facts.ts'

export type DiagnoseContext = {
  readonly announce: Announce
  readonly interruption: AbortSignal
}

/**
 * Throws what connectToDatabase() throws, `connection-lost`, `server-busy`, `server-refused`; with something pending also
 * `migration-role-unknown` and `migration-role-denied`.
 */
export const diagnose = async (
  config: Config,
  context: DiagnoseContext,
): Promise<readonly Finding[]> => {
  const files = loadFiles(config, context.announce)
  let unavailable: Extract<RunEvent, { kind: 'direct unavailable' }> | undefined
  const database = await connectToDatabase({
    endpoints: config.endpoints,
    waitMs: config.databaseWaitMs,
    role: 'doctor',
    migrationRole: config.migrationRole,
    first: (session) => readLedgerState(session, config),
    announce: (event) => {
      if (event.kind === 'direct unavailable') unavailable = event
      context.announce(event)
    },
    interruption: context.interruption,
  })
  const { session, server, first: ledger } = database
  try {
    const preview = await lookAhead({ session, server }, { ...files, ledger }, config)
    const limits = limitsOf(config)
    const facts = await readServerFacts(session, {
      ...{ ledgerSchema: config.ledgerSchema, needs: preview.needs },
      ...{ longMs: limits.longMs, timeoutMs: patienceMs },
      role: server.migrationRole === 'allowed' ? server.searchPath.role : undefined,
    })
    const ledgerName = ledgerTable(config.ledgerSchema)
    const key = lockKeyOf(ledgerName)
    return evaluate({
      ...{ gate: config.gate, files, preview, ledger, server, facts, limits },
      ...{ endpoint: session.endpoint, ledgerSchema: config.ledgerSchema },
      directUnavailable: unavailable,
      lockHolder: await findLockHolder(session, key, quotedLedger(config.ledgerSchema)),
      second: await withSecond(session, context),
    })
  } finally {
    await session.close()
  }
}

const patienceMs = 15_000
// Of a migration without lock_timeout.
const longWithoutBoundMs = 60_000

const limitsOf = ({
  lockTimeout,
  statementTimeout,
  lockWaitMs,
}: Config): Examination['limits'] => ({
  ...{ lockTimeout: lockTimeout.text, statementTimeout: statementTimeout.text, lockWaitMs },
  longMs: lockTimeout.ms === 0 ? longWithoutBoundMs : lockTimeout.ms,
})

const withSecond = async (first: Session, context: DiagnoseContext): Promise<SecondSession> => {
  const second = openSession(first.endpoint, 'doctor', context)
  try {
    return await trySecond(first, second)
  } finally {
    await second.close()
  }
}
