/** A session beside ours, as far as our role may see it. */
export type OtherSession = {
  /** 0 for a prepared transaction. */
  readonly pid: number
  readonly applicationName: string
  readonly user: string
  /** 'active', 'idle in transaction', …; undefined where our role may not see it. */
  readonly state: string | undefined
  /** Of its transaction. */
  readonly ageSeconds: number | undefined
  /** Its beginning, without literals. */
  readonly query: string | undefined
  /** Pids of those that it waits for itself. */
  readonly waitsFor?: readonly number[]
}
