// What a run announces while it goes on: facts, in no wording. report/log/narrate.ts gives them their words, so the
// modules below need not know that there is a log.

import type { BackfillEvent } from './events/backfill.ts'
import type { DriftEvent } from './events/drift.ts'
import type { ObjectEvent } from './events/objects.ts'
import type { ScratchEvent } from './events/scratch.ts'
import type { OtherSession } from './events/other-session.ts'
import type { TakeOverEvent } from './events/take-over.ts'

export type { OtherSession }

export type LockHolder = {
  readonly pid: number
  readonly applicationName: string
  readonly user: string
  readonly address: string
  readonly ageSeconds: number
  /** What its work connection runs, as far as we may see it. */
  readonly runs: string | undefined
}

/** Around a migration that waits for a lock. */
export type LockQueue = {
  /** Those it waits for, and those that they wait for: the root comes first. Not all when there are many. */
  readonly blockers: readonly OtherSession[]
  /** Some of those that wait for it. */
  readonly behind: readonly OtherSession[]
  readonly behindCount: number
}

export type IndexProgress = {
  readonly pid: number
  /** The server's words. */
  readonly phase: string
  /** Of the phase. */
  readonly percent: number | undefined
  /** Of the phase, where it goes on: blocks of the table, else rows, in a second; and until it ends at that rate. */
  readonly rate:
    | {
        readonly unit: 'blocks' | 'rows'
        readonly perSecond: number
        readonly secondsLeft: number | undefined
      }
    | undefined
  readonly waitsFor: readonly {
    readonly pid: number
    readonly user: string
    readonly application: string
    readonly state: string
    /** Age of its transaction. */
    readonly seconds: number
  }[]
}

export type RunEvent =
  | { readonly kind: 'gate closed'; readonly because: string }
  | {
      readonly kind: 'run started'
      readonly version: string
      readonly migrations: number
      readonly because: string
    }
  | {
      /** The folder was made for another tool. */
      readonly kind: 'dialect recognised'
      /** As MIGRATIONS_DIALECT takes it. */
      readonly dialect: string
      readonly tool: string
      readonly because: string
      /** Files that undo, or have a part that does. */
      readonly downParts: number
    }
  | { readonly kind: 'password file ignored'; readonly reason: string }
  | {
      readonly kind: 'waiting for database'
      readonly endpoint: string
      readonly reason: string
      readonly waitedSeconds: number
    }
  | { readonly kind: 'direct unavailable'; readonly endpoint: string; readonly reason: string }
  | {
      readonly kind: 'endpoint chosen'
      readonly connectionKind: 'DIRECT' | 'POOLER'
      readonly endpoint: string
      /** Of what the endpoint turned out to be: 'db.example:5432'. */
      readonly host: string
      readonly database: string
      readonly directUnavailable: boolean
      readonly serverVersion: string
    }
  | { readonly kind: 'pooler mode'; readonly mode: 'session' | 'transaction' }
  | { readonly kind: 'newer rows'; readonly versions: readonly string[] }
  | { readonly kind: 'parser gave up'; readonly file: string; readonly reason: string }
  | { readonly kind: 'no statement'; readonly file: string }
  | { readonly kind: 'statement by statement'; readonly file: string; readonly because: string }
  | {
      readonly kind: 'lock busy'
      readonly holder: LockHolder | undefined
      readonly waitedSeconds: number
    }
  | { readonly kind: 'lock acquired'; readonly pid: number; readonly waitedMs: number }
  | {
      readonly kind: 'lock not obtained'
      readonly waitedSeconds: number
      readonly then: 'fail' | 'skip'
    }
  | { readonly kind: 'leader finished'; readonly waitedMs: number }
  | { readonly kind: 'lock released' }
  /** Those that the login starts with; the run goes on in a session that has them. */
  | { readonly kind: 'settings changed' }
  | {
      readonly kind: 'timeouts'
      readonly statementTimeout: string
      readonly lockTimeout: string
      readonly pending: number
    }
  | {
      readonly kind: 'migration started'
      readonly file: string
      readonly at: number
      readonly of: number
      readonly outOfOrder: boolean
    }
  | {
      /** Files of higher numbers already exist, with which it cannot change places. */
      readonly kind: 'migration late'
      readonly file: string
      readonly meets: readonly { readonly after: string; readonly object: string }[]
      /** The next free numbers, for it and for what builds on it. */
      readonly moves: readonly { readonly from: string; readonly to: string }[]
    }
  | { readonly kind: 'migration applied'; readonly file: string; readonly durationMs: number }
  | {
      readonly kind: 'migration waits for a lock'
      readonly file: string
      readonly sinceMs: number
      readonly queue: LockQueue
    }
  | {
      /** Rolled back; it is tried again after the pause. */
      readonly kind: 'migration retried'
      readonly file: string
      readonly sqlstate: string
      /** The number of the next try, and of the last one. */
      readonly nextTry: number
      readonly ofTries: number
      readonly pauseMs: number
      readonly queue: LockQueue | undefined
    }
  | {
      readonly kind: 'statements resumed' | 'statement done' | 'rows sent'
      readonly file: string
      readonly of: number
      /** So many of its statements are done, or bytes of its rows sent. */
      readonly done: number
    }
  | {
      readonly kind: 'statement still running'
      readonly file: string
      readonly number: number
      readonly pid: number
    }
  | ({
      readonly kind: 'index progress'
      readonly index: string
      readonly seconds: number
    } & IndexProgress)
  | { readonly kind: 'index built'; readonly index: string }
  /** An INVALID one was there, and is dropped. */
  | { readonly kind: 'index leftover'; readonly index: string }
  | {
      readonly kind: 'index builder'
      readonly index: string
      readonly pid: number
      /** `orphan`: of a run that was killed. `neighbour`: it works on the table, and what it does may not be seen. */
      readonly whose: 'orphan' | 'stranger' | 'neighbour'
    }
  | { readonly kind: 'settings of the pooler'; readonly file: string; readonly timeouts: string }
  | {
      readonly kind: 'migration undecided'
      readonly file: string
      readonly harm: readonly string[]
    }
  | {
      readonly kind: 'migration reconciled'
      readonly file: string
      readonly by: string
      /** Statements of the file that nothing in the catalog shows. */
      readonly takenAsDone: readonly string[]
    }
  | { readonly kind: 'contracts hold'; readonly services: readonly string[] }
  | {
      readonly kind: 'contracts violated'
      /** All that were checked, in their order. */
      readonly services: readonly string[]
      readonly violated: readonly string[]
    }
  | {
      readonly kind: 'waiting for schema'
      /** Migrations among the files that are not recorded. */
      readonly pending: number
      readonly first: string | undefined
      readonly violations: number
      readonly waitedSeconds: number
    }
  | { readonly kind: 'connection lost while waiting'; readonly reason: string }
  | BackfillEvent
  | TakeOverEvent
  | ObjectEvent
  | ScratchEvent
  | DriftEvent
  | { readonly kind: 'server notice'; readonly severity: string; readonly notice: string }
  | {
      readonly kind: 'server notices left out'
      readonly of: 'warnings' | 'notices'
      readonly shown: number
      readonly leftOut: number
    }
  | {
      readonly kind: 'stopping'
      readonly file: string
      /** Behind it, and on their way when the connection was lost. */
      readonly inDoubt: number
      readonly notAttempted: number
    }

export type Announce = (event: RunEvent) => void
