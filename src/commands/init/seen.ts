// A project as far as it was looked at.

import type { Problem } from '../../errors/problem.ts'
import type { DatabaseSeen, FolderSeen } from './look.ts'

export type ProjectSeen = {
  readonly folder: FolderSeen
  /** Undefined where none is named. */
  readonly database: DatabaseSeen | undefined
  /** Why `run` would refuse. */
  readonly refusals: readonly Problem[]
  /** What compose needs. */
  readonly service: string
  /** The file that was made of it. */
  readonly written: string | undefined
}
