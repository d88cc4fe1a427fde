// What the library takes and gives, whole by itself: published as declarations, it needs none of the modules.

/** A variable of the command line: docs/configuration.md has what each is and its default. */
export type SettingName =
  | 'BATCH'
  | 'DATABASE_URL_DIRECT'
  | 'DATABASE_URL_POOLER'
  | 'DATABASE_WAIT_SECONDS'
  | 'DRIFT'
  | 'LEDGER_MIRROR'
  | 'LEDGER_SCHEMA'
  | 'MIGRATIONS_DIALECT'
  | 'MIGRATION_INDEX_TIMEOUT'
  | 'MIGRATION_LOCK_RETRIES'
  | 'MIGRATION_LOCK_TIMEOUT'
  | 'MIGRATION_LOCK_WAIT_SECONDS'
  | 'MIGRATION_ON_LOCK_TIMEOUT'
  | 'MIGRATION_ROLE'
  | 'MIGRATION_STATEMENT_TIMEOUT'
  | 'RUN_MIGRATIONS'
  | 'RUN_MIGRATIONS_ON_START'
  | 'SERVICE_ROLE'
  | 'STRICT_ORDER'
  /** libpq's: PGSSLROOTCERT, PGPASSFILE, … */
  | `PG${string}`
  /** The path of a file that has the value. */
  | `${string}_FILE`

/** What both functions take. Everything may be left out: then the environment decides, as for the command line. */
export type DatabaseOptions = {
  /** postgresql://…; instead of the environment's DATABASE_URL, DATABASE_URL_DIRECT, DATABASE_URL_POOLER or PG*. */
  readonly url?: string
  /** The folder of the migrations, with the folder contracts in it. Default: MIGRATIONS_DIR, else ./migrations. */
  readonly migrationsDir?: string
  /** Variables of the command line by name: { DATABASE_WAIT_SECONDS: '60' }. They win over the environment. */
  readonly settings?: Readonly<Partial<Record<SettingName, string>>>
  /** Sees each line of the log, redacted. Default: nobody. */
  readonly log?: (line: { readonly level: string; readonly message: string }) => void
  /** Cancels what runs on the server, and ends the wait. */
  readonly signal?: AbortSignal
}

export type AssertOptions = DatabaseOptions & {
  /** A contract file (a path or a file: URL), or the contract itself. Default: all those of the folder, or `service`'s. */
  readonly contract?: string | URL | object
  readonly service?: string
}

/** One thing that a service relies on and the database does not hold; names as in the JSON of `schemagate validate`. */
export type SchemaViolation = {
  readonly service: string
  /** 'column call_log.recording_mode' */
  readonly object: string
  readonly kind: string
  readonly table?: string
  readonly name: string
  readonly aspect: string
  readonly expected: string
  readonly found: string
  /** JSON pointer into the contract. */
  readonly pointer: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly migration?: string
  readonly migration_recorded?: string
  readonly migration_recorded_at?: string
  readonly why: string
  readonly fix: string
}

/** What kept us from checking or migrating; names as in the JSON of the command line. */
export type SchemagateProblem = {
  readonly code: string
  readonly title: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly detail: readonly string[]
  readonly database: string
  readonly fix: string
}

/** How a run ended well. `skipped`: the lock was not obtained, and MIGRATION_ON_LOCK_TIMEOUT is skip. */
export type MigrateOutcome =
  'disabled' | 'up_to_date' | 'done_by_another_process' | 'applied' | 'skipped'

export type MigrateResult = {
  readonly outcome: MigrateOutcome
  /** Files, in the order in which they ran. */
  readonly applied: readonly string[]
  readonly reconciled: readonly string[]
  /** Services whose contracts hold. */
  readonly contracts: readonly string[]
  /** The report as text. */
  readonly report: string
}

/** What migrate() had done when it stopped: files, in their order. */
export type MigrateProgress = {
  readonly applied: readonly string[]
  readonly reconciled: readonly string[]
  /** Run statement by statement, with some of their statements done: the next run goes on from there. */
  readonly partlyDone: readonly string[]
  /** The connection was lost before the server answered: the next run finds out whether they are in the database. */
  readonly inDoubt: readonly string[]
  readonly notAttempted: readonly string[]
}

/**
 * The schema is not what the service relies on (`violations`), it could not be checked, or the migrations failed (`problems`).
 * `message` is the whole text, without any secret, and may be printed as it is; `violations` and `problems` hold names and the
 * server's words as they are, with whatever characters.
 */
export class SchemagateError extends Error {
  override readonly name = 'SchemagateError'
  /** That of the command line: 3 for violations, 69 for a database that does not answer, 75 for what passes, … */
  readonly exitCode: number
  /** Empty where the schema is not what the service relies on. */
  readonly problems: readonly SchemagateProblem[]
  /** Empty where the contracts hold, or could not be checked. */
  readonly violations: readonly SchemaViolation[]
  /** Of migrate(), once it knew its files. */
  readonly progress: MigrateProgress | undefined

  constructor(
    message: string,
    {
      exitCode,
      problems = [],
      violations = [],
      progress,
    }: {
      readonly exitCode: number
      readonly problems?: readonly SchemagateProblem[]
      readonly violations?: readonly SchemaViolation[]
      readonly progress?: MigrateProgress
    },
  ) {
    super(message)
    this.exitCode = exitCode
    this.problems = problems
    this.violations = violations
    this.progress = progress
  }
}
