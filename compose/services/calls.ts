// The calls service of the demo: hears when the audio stream of a call begins and ends, and times both.

import contract from '../../migrations/contracts/calls.json' with { type: 'json' }
import { badRequest, checkHealth, nameIn, readBody, serve, type Body, type Reply } from './http.ts'
import { runService, type Service } from './service.ts'

const calls = async (service: Service): Promise<void> => {
  const { sql } = service
  await serve(service, {
    'GET /health': () => checkHealth(sql),
    'POST /stream': async (request) => takeEvent(sql, await readBody(request)),
    'POST /webhook/stream_ended': async (request) => {
      const body = await readBody(request)
      return takeEvent(
        sql,
        body.kind === 'malformed' ? body : { ...body, fields: { ...body.fields, event: 'ended' } },
      )
    },
  })
}

const takeEvent = async (sql: Service['sql'], body: Body): Promise<Reply> => {
  if (body.kind === 'malformed') return badRequest(body.reason)
  const callSid = nameIn(body.fields, 'call_sid')
  if (callSid === undefined)
    return badRequest("call_sid must be 1 to 64 letters, digits, '-' or '_'")
  const { event } = body.fields
  if (event !== 'started' && event !== 'ended')
    return badRequest("event must be 'started' or 'ended'")
  const record = event === 'started' ? recordStart : recordEnd
  return replyTo(callSid, await record(sql, callSid))
}

// How many calls were written: one, or none when the sid is unknown.
type Recorder = (sql: Service['sql'], callSid: string) => Promise<number>

// All four timing columns are timestamps without time zone and hold UTC. A stream that breaks is connected
// again: the first start and the last end count.
const recordStart: Recorder = async (sql, callSid) => {
  const { count } = await sql`
    UPDATE call_log SET
      started_at = coalesce(started_at, now() AT TIME ZONE 'UTC'),
      stream_started_at = coalesce(stream_started_at, now() AT TIME ZONE 'UTC'),
      stream_connect_count = stream_connect_count + 1
    WHERE call_sid = ${callSid}`
  return count
}

// Without a start the durations stay empty: they are not known.
const recordEnd: Recorder = async (sql, callSid) => {
  const { count } = await sql`
    UPDATE call_log SET
      ended_at = now() AT TIME ZONE 'UTC',
      stream_ended_at = now() AT TIME ZONE 'UTC',
      duration_sec = floor(extract(epoch FROM now() AT TIME ZONE 'UTC' - started_at)),
      stream_duration_sec = floor(extract(epoch FROM now() AT TIME ZONE 'UTC' - stream_started_at))
    WHERE call_sid = ${callSid}`
  return count
}

const replyTo = (callSid: string, written: number): Reply =>
  written === 0
    ? { status: 404, body: { error: `no call has the call_sid ${callSid}` } }
    : { status: 200, body: { status: 'ok' } }

await runService('calls', contract, () => calls)
