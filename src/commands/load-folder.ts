// The migrations folder, as every command reads it: whose it is said once, at the start of the log.

import type { Config } from '../config/config.ts'
import type { Announce } from '../events.ts'
import { loadMigrations, type LoadedMigrations } from '../migrations/load.ts'

export type FolderAt = Pick<Config, 'migrationsDir' | 'reading'>

export const loadFolder = (
  { migrationsDir, reading }: FolderAt,
  announce: Announce,
): LoadedMigrations => {
  const loaded = loadMigrations(migrationsDir, reading)
  if (loaded.dialect !== undefined) {
    const { tool, name: dialect, because, downParts } = loaded.dialect
    announce({ kind: 'dialect recognised', dialect, tool, because, downParts })
  }
  return loaded
}
