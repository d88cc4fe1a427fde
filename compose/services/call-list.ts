// The calls as a page shows them: those of the last seven days, or those of a range.

import type postgres from 'postgres'
import { badRequest, type Reply } from './http.ts'
import type { Service } from './service.ts'

// The timing columns are timestamps without time zone, kept in UTC: unmarked, the driver would take them
// for local time. The newest thousand are enough for a page.
export const listLastSevenDays = async (sql: Service['sql']): Promise<Reply> => ({
  status: 200,
  body: await list(sql, sql`created_at >= now() - INTERVAL '7 days'`),
})

/** `from` and `to` of the query, as ISO 8601; `to` itself is outside. */
export const listRange = async (sql: Service['sql'], query: URLSearchParams): Promise<Reply> => {
  const [from, to] = ['from', 'to'].map((name) => momentIn(query, name))
  if (from === undefined || to === undefined)
    return badRequest('from and to must be moments, such as 2026-01-31T08:00:00Z')
  if (from >= to) return badRequest('from must be before to')
  return { status: 200, body: await list(sql, sql`created_at >= ${from} AND created_at < ${to}`) }
}

const momentIn = (query: URLSearchParams, name: string): Date | undefined => {
  const text = query.get(name) ?? ''
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text))
    return undefined
  const moment = new Date(text)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

const list = (sql: Service['sql'], condition: postgres.PendingQuery<postgres.Row[]>) => sql`
  SELECT call_sid, direction, status, started_at AT TIME ZONE 'UTC' AS started_at,
    ended_at AT TIME ZONE 'UTC' AS ended_at, duration_sec, recording_mode, recording_count, summary_status
  FROM call_log
  WHERE ${condition}
  ORDER BY created_at DESC, id DESC
  LIMIT 1000`
