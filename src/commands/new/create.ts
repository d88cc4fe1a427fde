// A new, empty migration: the next number in the style of the folder, and a template that says what to write.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodeErrorCode } from '../../errors/node-error.ts'
import { problem, SchemagateError } from '../../errors/problem.ts'
import { numberAfter, readFileName } from '../../migrations/file-name.ts'
import { shownFolder } from '../../migrations/load.ts'
import { template } from '../../migrations/template.ts'

/**
 * The number after the highest one, as wide as the last file's; a folder numbered by time goes on by time.
 * `entries` are the names in the folder.
 */
export const nextNumber = (entries: readonly string[], now: Date): string => {
  const next = numberAfter(entries.filter((entry) => readFileName(entry).kind === 'migration'))
  const time = now.toISOString().replace(/\D/g, '').slice(0, 14)
  // Two within one second, or a clock that is behind the last file, must not claim a number that is taken.
  return next.length === time.length && time > next ? time : next
}

/** 'Add call-log timing' becomes 'add_call_log_timing'; undefined when nothing usable is left. */
export const cleanName = (name: string): string | undefined => {
  const clean = name
    .replace(/\.sql$/i, '')
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  return /^[a-z0-9][a-z0-9_]*$/.test(clean) ? clean : undefined
}

/** Writes the file and yields its shown name. Never overwrites one; makes the folder when it is missing. */
export const createMigration = (
  folder: string,
  entry: string,
  name: string,
  text = template(name),
): string => {
  const file = `${shownFolder(folder)}/${entry}`
  try {
    mkdirSync(dirname(join(folder, entry)), { recursive: true })
    writeFileSync(join(folder, entry), text, { flag: 'wx' })
    return file
  } catch (error) {
    const reason = nodeErrorCode(error)
    throw new SchemagateError([problem('file-not-written', { file, reason })])
  }
}
