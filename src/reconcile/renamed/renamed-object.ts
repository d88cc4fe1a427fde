// What somebody seems to have renamed. A value.

import type { ObjectName } from '../../schema/effects/effect.ts'
import type { MigrationVersion } from '../../migrations/migration.ts'

export type Renamed = {
  readonly object: ObjectName
  /** Of the file that makes it, or has dropped it, for all that is known. */
  readonly version: MigrationVersion
  readonly why: 'to be made' | 'dropped'
  /** What no file makes, and looks as the object should. */
  readonly now: ObjectName
}
