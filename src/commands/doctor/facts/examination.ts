// All that is known of one database and its files when they are evaluated. Values only.

import type { Endpoint } from '../../../config/endpoint.ts'
import type { Gate } from '../../../config/gate.ts'
import type { Server } from '../../../database/server/server.ts'
import type { LockHolder } from '../../../events.ts'
import type { SecondSession } from './second-session.ts'
import type { Files, LedgerState, RunPreview } from './preview.ts'
import type { ServerFacts } from './server-facts.ts'

export type Examination = {
  readonly gate: Pick<Gate, 'kind'> & { readonly because: string }
  readonly endpoint: Endpoint
  /** Why DIRECT is not used, where it was tried. */
  readonly directUnavailable: { readonly endpoint: string; readonly reason: string } | undefined
  readonly server: Server
  readonly second: SecondSession
  readonly files: Files
  readonly ledgerSchema: string
  readonly ledger: LedgerState
  readonly preview: RunPreview
  readonly facts: ServerFacts
  readonly lockHolder: LockHolder | undefined
  readonly limits: {
    /** lock_timeout of a migration. */
    readonly lockTimeout: string
    readonly statementTimeout: string
    readonly lockWaitMs: number
    /** Transactions that are older count as long. */
    readonly longMs: number
  }
}
