// The provider's callback of a recording: which it is and how it was made. A job then downloads, transcribes and finishes it.

import type { IncomingMessage } from 'node:http'
import { badRequest, nameIn, readBody, type Reply } from './http.ts'
import { log } from './log.ts'
import type { Service } from './service.ts'

/** 400 for what is malformed, 404 for a call that no webhook has announced. */
export const takeRecording = async (
  sql: Service['sql'],
  request: IncomingMessage,
): Promise<Reply> => {
  const body = await readBody(request)
  if (body.kind === 'malformed') return badRequest(body.reason)
  const [callSid, recordingSid, mode] = ['call_sid', 'recording_sid', 'recording_mode'].map(
    (name) => nameIn(body.fields, name),
  )
  if (callSid === undefined || recordingSid === undefined)
    return badRequest("call_sid and recording_sid must be 1 to 64 letters, digits, '-' or '_'")
  if (mode === undefined || mode.length > 32)
    return badRequest("recording_mode must be 1 to 32 letters, digits, '-' or '_'")
  return record(sql, { callSid, recordingSid, mode })
}

type Recording = { readonly callSid: string; readonly recordingSid: string; readonly mode: string }

// Callbacks repeat: each recording counts once, and has one job.
const record = (sql: Service['sql'], { callSid, recordingSid, mode }: Recording): Promise<Reply> =>
  sql.begin(async (tx): Promise<Reply> => {
    const [call] = await tx`
      UPDATE call_log SET
        recording_mode = ${mode},
        recording_count = recording_count + (recording_sid IS DISTINCT FROM ${recordingSid})::int,
        recording_sid = ${recordingSid}
      WHERE call_sid = ${callSid}
      RETURNING business_id`
    if (call === undefined)
      return { status: 404, body: { error: `no call has the call_sid ${callSid}` } }
    const business_id = String(call['business_id'])
    await tx`
      INSERT INTO recording_jobs (business_id, call_sid, job_type) VALUES (${business_id}, ${callSid}, 'full')
      ON CONFLICT (call_sid, job_type) DO NOTHING`
    log('[REC_CB]', { call_sid: callSid, recording_sid: recordingSid, recording_mode: mode })
    return { status: 200, body: { status: 'ok' } }
  })
