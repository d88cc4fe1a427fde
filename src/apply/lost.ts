// The migration lock, or our connection, is gone while a file runs: it may have ended the session itself, and would do so
// in each run.

import { problem, type Problem } from '../errors/problem.ts'
import type { Migration } from '../migrations/migration.ts'
import { endsSessions } from '../sql/ends-sessions.ts'

type File = Pick<Migration, 'file' | 'text'>

export const lockLost = ({ file, text }: File): Problem =>
  endsSessions(text) ? problem('sessions-ended', { file }) : problem('lock-lost', { file })

export const connectionLost = (
  { file, text }: File,
  { role, reason }: { readonly role: string; readonly reason: string },
): Problem =>
  endsSessions(text)
    ? problem('sessions-ended', { file, role, reason })
    : problem('connection-lost', { role, reason, file })
