// One run of `schemagate run` or `schemagate adopt`: what each of its steps is given.

import type { Config } from '../../config/config.ts'
import type { LoadedContract } from '../../contract/contract.ts'
import { loadContracts } from '../../contract/file/load.ts'
import { loadObjects, type ObjectText } from '../../objects/load.ts'
import { loadWatched, type Watched } from '../drift-ignore.ts'
import { loadFolder } from '../load-folder.ts'
import type { Course } from '../../database/ledger/course.ts'
import { SchemagateError, type Problem } from '../../errors/problem.ts'
import type { Announce } from '../../events.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { ClaimTrust } from '../../reconcile/claims/check-claims.ts'
import type { Intent } from '../../reconcile/assessment.ts'

export type RunContext = {
  readonly announce: Announce
  /** Aborted by SIGTERM or SIGINT, with the signal's name as its reason. */
  readonly interruption: AbortSignal
  /** A UUID. */
  readonly runId: string
  /** Sees what none of our modules expected, for the log. */
  readonly onBug: (error: Error) => void
  /** In the place of those of the folder. */
  readonly files?: RunFiles
}

export type RunFiles = Pick<Run, 'migrations' | 'objects' | 'contracts' | 'watched'>

export type Run = {
  readonly config: Config
  readonly context: RunContext
  readonly intent: Intent
  /** What another tool's ledger claims. */
  readonly trust: ClaimTrust
  readonly migrations: readonly Migration[]
  readonly contracts: readonly LoadedContract[]
  /** The files of migrations/objects/. */
  readonly objects: readonly ObjectText[]
  /** With DRIFT. */
  readonly watched?: Watched | undefined
  /** Written down as it happens: whatever is thrown, the outcome is made from it. */
  readonly course: Course
}

/** Migrations, objects and contracts, or every reason why they are not sound. Asks nothing of the database. */
export const loadFiles = (config: Config, announce: Announce): RunFiles => {
  const { migrations, problems, dialect } = loadFolder(config, announce)
  const { contracts, problems: contractProblems } = loadContracts(config.migrationsDir)
  const loaded = loadObjects(config.migrationsDir, dialect)
  refuseIfAny([...problems, ...loaded.problems, ...contractProblems])
  const { objects } = loaded
  return { migrations, objects, contracts, watched: loadWatched(config, objects) }
}

export const refuseIfAny = (problems: readonly Problem[]): void => {
  if (problems.length > 0) throw new SchemagateError(problems)
}
