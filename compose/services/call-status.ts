// The provider's webhook of a call's status: the row of the call, and the job that fetches its recording.

import { badRequest, nameIn, readBody, type Body, type Reply } from './http.ts'
import type { IncomingMessage } from 'node:http'
import { codeOf } from './log.ts'
import type { Service } from './service.ts'

type CallStatus = {
  readonly kind: 'call status'
  readonly callSid: string
  readonly businessId: number
  readonly status: string
  readonly direction: string | null
  readonly recordingSid: string | null
}

/** 400 for what is malformed, or belongs to another business. */
export const takeCallStatus = async (
  sql: Service['sql'],
  request: IncomingMessage,
): Promise<Reply> => {
  const parsed = parseCallStatus(await readBody(request))
  return parsed.kind === 'malformed' ? badRequest(parsed.reason) : recordStatus(sql, parsed)
}

const parseCallStatus = (body: Body): CallStatus | Extract<Body, { kind: 'malformed' }> => {
  if (body.kind === 'malformed') return body
  const malformed = (reason: string) => ({ kind: 'malformed', reason }) as const
  const { fields } = body
  const callSid = nameIn(fields, 'call_sid')
  const status = nameIn(fields, 'status')
  const businessId = fields['business_id']
  if (callSid === undefined)
    return malformed("call_sid must be 1 to 64 letters, digits, '-' or '_'")
  if (typeof businessId !== 'number' || !Number.isSafeInteger(businessId))
    return malformed('business_id must be a whole number')
  if (status === undefined) return malformed('status must be the name of a call status')
  for (const optional of ['direction', 'recording_sid'])
    if ((fields[optional] ?? null) !== null && nameIn(fields, optional) === undefined)
      return malformed(`${optional} must be 1 to 64 letters, digits, '-' or '_', or be left out`)
  const direction = nameIn(fields, 'direction') ?? null
  const recordingSid = nameIn(fields, 'recording_sid') ?? null
  return { kind: 'call status', callSid, businessId, status, direction, recordingSid }
}

// Which names are right is the database's to say: its checks, not a second list here.
const causes: Readonly<Record<string, string>> = {
  '22001': 'status or direction is not one that a call can have',
  '23514': 'status or direction is not one that a call can have',
  '23503': 'no business has this business_id',
}

// Webhooks repeat, so both inserts meet rows that already exist.
const recordStatus = async (sql: Service['sql'], call: CallStatus): Promise<Reply> => {
  const { callSid, businessId, status, direction, recordingSid } = call
  try {
    return await sql.begin(async (tx): Promise<Reply> => {
      const written = await tx`
        INSERT INTO call_log (call_sid, business_id, status, direction, recording_sid, recording_count)
        VALUES (${callSid}, ${businessId}, ${status}, coalesce(${direction}, 'inbound'), ${recordingSid},
          ${recordingSid === null ? 0 : 1})
        ON CONFLICT (call_sid) DO UPDATE SET
          status = EXCLUDED.status,
          direction = coalesce(${direction}, call_log.direction),
          recording_count = call_log.recording_count
            + (coalesce(EXCLUDED.recording_sid, call_log.recording_sid) IS DISTINCT FROM call_log.recording_sid)::int,
          recording_sid = coalesce(EXCLUDED.recording_sid, call_log.recording_sid)
        WHERE call_log.business_id = EXCLUDED.business_id`
      if (written.count === 0) return badRequest('call_sid belongs to a call of another business')
      if (status === 'completed' && recordingSid !== null)
        await tx`
          INSERT INTO recording_jobs (business_id, call_sid) VALUES (${businessId}, ${callSid})
          ON CONFLICT (call_sid, job_type) DO NOTHING`
      return { status: 200, body: { status: 'ok' } }
    })
  } catch (error) {
    const cause = causes[codeOf(error)]
    if (cause === undefined) throw error
    return badRequest(cause)
  }
}
