// A rule of lint as a record: what it looks for, what that does to a running system, examples that tests execute on real
// servers, and a pure check. docs/lint.md is made from these records.

import type { LockLevel } from '../sql/locks/locks.ts'
import type { Subject } from './subject/subject.ts'

/** An error leaves exit code 4: what surely breaks, or is a mistake. A warning is a hazard that may be a choice. */
export type Level = 'error' | 'warning'

/** What a check finds, in its statement. */
export type RuleFinding = {
  /** Where in the file's text. */
  readonly index: number
  /** One sentence with the user's own names. */
  readonly message: string
  /** What to write instead: SQL with the user's own names. */
  readonly cure: string
}

/** How the hazard of the bad example shows on a server; the good example must not show it. */
export type Hazard =
  /** A file's transaction holds this lock on a relation that was there before. */
  | { readonly kind: 'lock'; readonly relation: string; readonly level: LockLevel }
  /** A file's transaction reads the whole table and holds at least this lock on it. */
  | { readonly kind: 'scan'; readonly relation: string; readonly level: LockLevel }
  /** The table gets a new file on disk. */
  | { readonly kind: 'rewrite'; readonly relation: string }
  | {
      readonly kind: 'error'
      readonly sqlstate: string
      readonly when: 'run' | 'run again' | 'run in a transaction'
    }
  /** The columns of the relation and their types are those that it had before. */
  | { readonly kind: 'ignored'; readonly relation: string }
  /** The setting outlives the file in its session. */
  | { readonly kind: 'leak'; readonly setting: string }
  /** What a running service asks, and got an answer to before. */
  | { readonly kind: 'breaks'; readonly query: string; readonly sqlstate: string }
  /** Rows that were there are gone. */
  | { readonly kind: 'lost rows'; readonly relation: string }
  /** A rival cannot change a row while the file's transaction, which also changes the schema, is open. */
  | { readonly kind: 'locked rows'; readonly relation: string }
  /** Another session of the server, with this application_name, is ended. */
  | { readonly kind: 'ends'; readonly applicationName: string }
  /** Misleads readers only. */
  | { readonly kind: 'none'; readonly because: string }

/** File names in the folder of the migrations to their texts. */
export type Example = { readonly files: Readonly<Record<string, string>> }

export type Rule = {
  readonly id: string
  readonly level: Level
  /** The flag of `lint` that asks for it; without one it is always looked for. */
  readonly onlyWith?: 'unguarded'
  readonly title: string
  /** One sentence: when it is found. */
  readonly condition: string
  /** What it does to the running system. */
  readonly effect: string
  readonly hazard: Hazard
  /** Executed in the order of its files; what hurts is in the last. */
  readonly bad: Example
  readonly good: Example
  readonly check: (subject: Subject) => readonly RuleFinding[]
}
