// What the tests that go through every message of a run share: the server as a run has met it, its sessions, and all that can go
// wrong with one message.

import type { LockKey, LockedSession } from '../../../src/database/lock/locked-session.ts'
import type { Server } from '../../../src/database/server/server.ts'
import { parseLockTimeout, parseStatementTimeout } from '../../../src/sql/duration.ts'
import { pointsIn, type Fault, type ScriptedServer } from './scripted-server.ts'

export const serverOf = (connectionKind: Server['connectionKind']): Server => ({
  pid: 4710,
  versionNumber: 180_004,
  version: '18.4',
  connectionKind,
  role: 'primary',
  writes: 'allowed',
  searchPath: { schemas: ['public'], existing: ['public'] },
  login: { path: '"$user", public', connection: 'current', stored: '0' },
  migrationRole: 'allowed',
  encoding: 'UTF8',
  connectionCheck: 'available',
})

const statementTimeout = parseStatementTimeout('2min')
const lockTimeout = parseLockTimeout('5s')
if (statementTimeout === undefined || lockTimeout === undefined) throw new Error('no timeouts')
export const timeouts = { statementTimeout, lockTimeout }

export const lockedBy = ({ work }: ScriptedServer): LockedSession => ({
  brand: 'LockedSession',
  work,
  lock: { ...work, role: 'lock', lost: new AbortController().signal },
  // No message takes so long that it is asked.
  monitor: { watch: () => ({ stop: () => undefined }) },
  lease: { stop: () => undefined },
  key: -5n as LockKey,
  token: 77n as LockKey,
  holderPid: 4711,
})

const faultsAt = (message: string): readonly Fault[] => [
  { kind: 'lost before' },
  { kind: 'lost after' },
  { kind: 'signal' },
  ...pointsIn(message).flatMap((at): Fault[] => [
    { kind: 'cancelled', at },
    // raise_exception, disk_full, lock_not_available, query_canceled by somebody.
    ...['P0001', '53100', '55P03', '57014'].map((sqlstate) => ({
      kind: 'error' as const,
      at,
      sqlstate,
    })),
  ]),
]

/** Each message of the run that `sent` shows, with each fault that can strike it. */
export const faultsOf = (
  sent: readonly string[],
): readonly { readonly message: number; readonly is: Fault; readonly shown: string }[] =>
  sent.flatMap((text, message) =>
    faultsAt(text).map((is) => ({
      message,
      is,
      shown: `message ${message} of ${sent.length} (${text.slice(0, 60)}), ${Object.values(is).join(' ')}`,
    })),
  )
