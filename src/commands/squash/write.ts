// Writes the base file, whole or not at all, and over no other.

import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeErrorCode } from '../../errors/node-error.ts'
import { fail } from '../../errors/problem.ts'

/** Throws `squash-file-exists`: before anything is built. */
export const requireFree = (folder: string, entry: string, file: string): void => {
  if (existsSync(join(folder, entry))) fail('squash-file-exists', { file })
}

/** Throws `squash-file-exists`, `file-not-written`. */
export const writeBase = (folder: string, entry: string, file: string, text: string): void => {
  // A hidden file is none of the folder's; a link to it is there at once, or not at all where the name is taken.
  const draft = join(folder, `.${entry}.${process.pid}`)
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    linkSync(draft, join(folder, entry))
  } catch (error) {
    const reason = nodeErrorCode(error)
    if (reason === 'EEXIST') fail('squash-file-exists', { file })
    fail('file-not-written', { file, reason })
  } finally {
    rmSync(draft, { force: true })
  }
}
