// What may stand where a file is meant, and is none.

import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename } from 'node:path'

export type SpecialFile = {
  readonly what: string
  /** What is said of it. */
  readonly reason: string
  readonly make: (path: string) => void | Promise<void>
}

export const specialFiles: readonly SpecialFile[] = [
  {
    what: 'a pipe that nobody writes to',
    reason: 'it is a pipe, and not an ordinary file',
    make: (path) => {
      execFileSync('mkfifo', [path])
    },
  },
  {
    what: 'a socket',
    reason: 'it is a socket, and not an ordinary file',
    make: (path) =>
      new Promise((resolve, reject) => {
        // Its path would be too long for some systems from the root on.
        const server = createServer().once('error', reject).unref()
        server.listen(path, resolve)
      }),
  },
  {
    what: 'a link to a device without an end',
    reason: 'it is a device, and not an ordinary file',
    make: (path) => {
      symlinkSync('/dev/zero', path)
    },
  },
  {
    what: 'a link that leads nowhere',
    reason: 'it is a link that leads nowhere',
    make: (path) => {
      symlinkSync('gone', path)
    },
  },
  {
    what: 'a link that leads to itself',
    reason: 'it is a link that leads back to itself',
    make: (path) => {
      symlinkSync(basename(path), path)
    },
  },
  {
    what: 'a file that is too large',
    reason: 'it has more than',
    make: (path) => {
      writeFileSync(path, '')
      truncateSync(path, 65 * 1024 * 1024)
    },
  },
  {
    what: 'a folder',
    reason: 'it is a folder',
    make: (path) => {
      mkdirSync(path)
    },
  },
]
