// How much of a history shares a transaction.

/** The most of one batch. */
export type BatchBounds = {
  /** Of one there is nothing to share. */
  readonly files: number
  readonly bytes: number
  readonly statements: number
  /** Of the server's table of locks, which all its sessions share. */
  readonly locks: number
}
