// What a backfill announces.

import type { OtherSession } from './other-session.ts'

export type BackfillEvent =
  | {
      readonly kind: 'backfill started'
      readonly name: string
      readonly table: string
      /** Of this pass, in earlier runs. */
      readonly visited: number
      readonly total: number | undefined
      readonly pass: number
      readonly workers: number
    }
  | {
      readonly kind: 'backfill workers lacking'
      readonly name: string
      readonly workers: number
      readonly declared: number
      /** Why there are no more connections. */
      readonly reason: string
    }
  | {
      readonly kind: 'backfill progress'
      readonly name: string
      readonly visited: number
      readonly changed: number
      readonly total: number | undefined
      readonly rowsPerSecond: number | undefined
      readonly secondsLeft: number | undefined
      readonly batchSize: number
    }
  | {
      readonly kind: 'backfill held back'
      readonly name: string
      readonly by: 'locks' | 'replication lag'
      readonly heldBack: number
    }
  | {
      /** Of a runner that is gone; the server is still at it. */
      readonly kind: 'backfill waits for a batch'
      readonly name: string
      readonly blockers: readonly OtherSession[]
      readonly sinceMs: number
    }
  | {
      readonly kind: 'backfill done'
      readonly name: string
      readonly visited: number
      readonly changed: number
    }
  | { readonly kind: 'backfill incomplete'; readonly name: string; readonly visited: number }
