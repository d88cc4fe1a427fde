// Who holds the migration lock, for the progress of those who wait and for the report when they give up.

import { reading } from '../own-sql.ts'
import type { Session } from '../session/session.ts'
import type { LockHolder } from '../../events.ts'
import { lockCondition } from './key.ts'
import type { LockKey } from './locked-session.ts'
import { migrationNamed } from './named-statement.ts'

const query = (key: LockKey, ledger: string): string => `SELECT holder.pid,
    coalesce(activity.application_name, '') AS application_name,
    coalesce(activity.usename::pg_catalog.text, '') AS "user",
    coalesce(pg_catalog.host(activity.client_addr), 'local') AS address,
    coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - activity.xact_start), 0)::pg_catalog.int4 AS age,
    (SELECT working.query FROM pg_catalog.pg_locks AS held
      JOIN pg_catalog.pg_stat_activity AS working ON working.pid = held.pid
      WHERE held.relation = pg_catalog.to_regclass('${ledger}')
        AND held.mode = 'ShareRowExclusiveLock' AND held.granted LIMIT 1) AS runs
  FROM (SELECT pid FROM pg_catalog.pg_locks WHERE ${lockCondition(key)}) AS holder
  LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = holder.pid`

/** Undefined when nobody holds it any more, or when the server does not say. `ledger` is its quoted name. */
export const findLockHolder = async (
  session: Session,
  key: LockKey,
  ledger: string,
): Promise<LockHolder | undefined> => {
  const reply = await session.send(reading(query(key, ledger)))
  const row = reply.kind === 'done' ? reply.sets[0]?.[0] : undefined
  if (row === undefined) return undefined
  return {
    pid: Number(row['pid']),
    applicationName: String(row['application_name']),
    user: String(row['user']),
    address: String(row['address']),
    ageSeconds: Number(row['age']),
    runs: migrationNamed(row['runs']),
  }
}

export const describeHolder = (holder: LockHolder | undefined): string => {
  if (holder === undefined) return 'unknown (it has just let go)'
  const { pid, applicationName, user, address, ageSeconds, runs } = holder
  const work = runs === undefined ? '' : `, runs ${runs}`
  return `pid ${pid}, ${applicationName || 'no application_name'}, user ${user}, from ${address}, for ${ageSeconds} s${work}`
}
