// A run needs two server connections at once, and two also show the mode of a pooler. Asked last: a pool that has none left
// may keep both sessions waiting.

import { setTimeout as sleep } from 'node:timers/promises'
import { reading } from '../../../database/own-sql.ts'
import { readPoolerMode, type PoolerMode } from '../../../database/connect/pooler-mode.ts'
import { rowsOf, type Session } from '../../../database/session/session.ts'
import { SchemagateError } from '../../../errors/problem.ts'

export type SecondSession =
  | { readonly kind: 'open'; readonly mode: PoolerMode }
  | {
      readonly kind: 'refused'
      readonly mode: PoolerMode
      /** The pool had none to give, or somebody said no. */
      readonly cause: 'silence' | 'refusal'
      readonly reason: string
      readonly waitedSeconds: number
    }

const patienceMs = 3_000

/** Throws `connection-lost` when the first session is lost. Both are good for nothing but `close` afterwards. */
export const trySecond = async (first: Session, second: Session): Promise<SecondSession> => {
  let mode: PoolerMode = 'unknown'
  try {
    mode = await readPoolerMode(first, second)
    if (mode === 'unknown' || !(await haveBoth(first, second)))
      return {
        ...{ kind: 'refused', mode, cause: 'silence' },
        ...{ reason: 'the pool gave none', waitedSeconds: patienceMs / 1_000 },
      }
    return { kind: 'open', mode }
  } catch (error) {
    if (!(error instanceof SchemagateError)) throw error
    rowsOf(first, await first.send(reading('SELECT 1')))
    const reason = error.problems.flatMap(({ title, detail }) => [title, ...detail]).join(': ')
    return { kind: 'refused', mode, cause: 'refusal', reason, waitedSeconds: 0 }
  }
}

// As in a run: one holds a transaction open while the other works.
const haveBoth = async (first: Session, second: Session): Promise<boolean> => {
  rowsOf(second, await second.send('BEGIN READ ONLY; SELECT 1'))
  const bound = new AbortController()
  const worked = await Promise.race([
    first.send(reading('SELECT 1')),
    sleep(patienceMs, undefined, { signal: bound.signal, ref: false }),
  ])
  bound.abort()
  rowsOf(second, await second.send('ROLLBACK'))
  if (worked === undefined) return false
  rowsOf(first, worked)
  return true
}
