import { describe, expect, test } from '@jest/globals'
import { until } from '../support/database.ts'
import { freePort, password, serverVersions } from '../support/servers.ts'
import {
  createMigrated,
  expectSanitised,
  insertBusinesses,
  originOf,
  runService,
  serviceNames,
  startService,
  untilReady,
  type RunningService,
} from '../support/services.ts'

type Answer = { readonly status: number; readonly body: unknown }

const ask = async (service: RunningService, path: string, init?: RequestInit): Promise<Answer> => {
  const response = await fetch(`${originOf(service)}${path}`, init)
  return { status: response.status, body: await response.json() }
}

const post = (service: RunningService, path: string, body: unknown): Promise<Answer> =>
  ask(service, path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const ok = { status: 200, body: { status: 'ok' } }

describe.each(serverVersions)('the sample services on PostgreSQL %s', (version) => {
  test('take a call from its first webhook to its downloaded recording, and log nothing secret', async () => {
    const database = await createMigrated(version)
    const { sql, url } = database
    const [business = ''] = await insertBusinesses(database, 1)
    const business_id = Number(business)
    const services = serviceNames.map((name) => startService(name, { DATABASE_URL: url }))
    const [api, calls, worker] = services as [RunningService, RunningService, RunningService]
    await Promise.all(services.map(untilReady))

    for (const path of ['/health', '/api/health']) expect(await ask(api, path)).toEqual(ok)
    expect(await ask(calls, '/health')).toEqual(ok)

    const call = { call_sid: 'CA1', business_id }
    expect(await post(api, '/webhook/call_status', { ...call, status: 'in-progress' })).toEqual(ok)
    // A stream that breaks is connected again.
    for (const event of ['started', 'ended', 'started', 'ended'])
      expect(await post(calls, '/stream', { event, call_sid: 'CA1' })).toEqual(ok)
    // Webhooks repeat.
    const completed = { ...call, status: 'completed', recording_sid: 'RE1' }
    for (const body of [completed, completed])
      expect(await post(api, '/webhook/call_status', body)).toEqual(ok)

    await until('the recording is downloaded', () => worker.log().includes('RELEASE_SLOT'))
    const jobs =
      await sql`SELECT call_sid, job_type, status, attempts, locked_by, locked_at, last_error, file_name,
      size_bytes > 0 AS has_size, finished_at >= created_at AS is_finished FROM recording_jobs`
    expect([...jobs]).toEqual([
      {
        ...{ call_sid: 'CA1', job_type: 'download_only', status: 'done', attempts: 1 },
        ...{ locked_by: null, locked_at: null, last_error: null, file_name: 'CA1.mp3' },
        ...{ has_size: true, is_finished: true },
      },
    ])
    expect(await sql`SELECT FROM recording_slots`).toHaveLength(0)

    const { status, body } = await ask(api, '/api/calls/last7d')
    expect(status).toBe(200)
    expect(body).toEqual([
      {
        ...{ call_sid: 'CA1', direction: 'inbound', status: 'completed', duration_sec: 0 },
        ...{ recording_mode: null, recording_count: 1, summary_status: null },
        started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        ended_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    ])
    const streams = await sql`SELECT stream_connect_count, stream_duration_sec FROM call_log`
    expect([...streams]).toEqual([{ stream_connect_count: 2, stream_duration_sec: 0 }])

    for (const service of services) service.process.kill('SIGTERM')
    for (const { finished } of services) {
      const { exitCode, stdout, stderr } = await finished
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
      expect(stderr).toContain('MIGRATIONS_DISABLED')
      expectSanitised(stderr)
    }
    expect(worker.log()).toMatch(
      new RegExp(
        `^\\[WORKER_PICKED\\] job_type=download_only call_sid=CA1 business_id=${business}
\\[WORKER_SLOT_ACQUIRED\\] call_sid=CA1 business_id=${business}
\\[WORKER_DOWNLOAD_DONE\\] call_sid=CA1 file=CA1.mp3 bytes=\\d+
\\[WORKER_RELEASE_SLOT\\] call_sid=CA1 business_id=${business} reason=success$`,
        'm',
      ),
    )
  })

  test('take a recording’s callback: counted once, downloaded, transcribed and finished', async () => {
    const database = await createMigrated(version)
    const { sql, url } = database
    const [business = '', quiet = ''] = await insertBusinesses(database, 2)
    await sql`INSERT INTO business_settings (business_id, summary_enabled) VALUES (${quiet}, false)
      ON CONFLICT (business_id) DO UPDATE SET summary_enabled = false`
    const services = serviceNames.map((name) => startService(name, { DATABASE_URL: url }))
    const [api, calls, worker] = services as [RunningService, RunningService, RunningService]
    await Promise.all(services.map(untilReady))
    const before = new Date(Date.now() - 60_000).toISOString()

    for (const [call_sid, business_id] of [
      ['CA1', Number(business)],
      ['CA2', Number(quiet)],
    ]) {
      const call = { call_sid, business_id, status: 'in-progress' }
      expect(await post(api, '/webhook/call_status', call)).toEqual(ok)
      const callback = { call_sid, recording_sid: 'RE1', recording_mode: 'dual' }
      // Callbacks repeat.
      for (const body of [callback, callback, { ...callback, recording_sid: 'RE2' }])
        expect(await post(api, '/webhook/recording', body)).toEqual(ok)
    }
    expect(await post(calls, '/webhook/stream_ended', { call_sid: 'CA1' })).toEqual(ok)
    await until('both calls are finished', () => worker.log().match(/FINALIZED/g)?.length === 2)

    const rows =
      await sql`SELECT call_sid, recording_mode, recording_count, recording_sid, transcription,
      summary_status, stream_ended_at IS NOT NULL AS stream_ended FROM call_log ORDER BY call_sid`
    const both = { recording_mode: 'dual', recording_count: 2, recording_sid: 'RE2' }
    expect([...rows]).toEqual([
      {
        ...{ call_sid: 'CA1', transcription: 'Transcript of CA1.', summary_status: 'pending' },
        ...{ ...both, stream_ended: true },
      },
      {
        ...{ call_sid: 'CA2', transcription: 'Transcript of CA2.', summary_status: 'disabled' },
        ...{ ...both, stream_ended: false },
      },
    ])
    expect(api.log()).toContain('[REC_CB] call_sid=CA1 recording_sid=RE1 recording_mode=dual\n')
    expect(worker.log()).toContain('[WORKER_OFFLINE_STT_DONE] call_sid=CA1\n')

    const after = new Date(Date.now() + 60_000).toISOString()
    const range = (from: string, to: string) =>
      ask(api, `/api/calls/range?${new URLSearchParams({ from, to }).toString()}`)
    expect((await range(before, after)).body).toHaveLength(2)
    expect(await range(after, '2999-01-01')).toEqual({ status: 200, body: [] })
    for (const [from, to] of [
      ['', ''],
      ['yesterday', after],
      ['2026-13-01', after],
    ] as const)
      expect(await range(from, to)).toMatchObject({ status: 400 })
    expect(await range(after, before)).toMatchObject({ status: 400 })
    for (const body of [
      { recording_sid: 'RE1', recording_mode: 'dual' },
      { call_sid: 'CA1', recording_mode: 'dual' },
      { call_sid: 'CA1', recording_sid: 'RE1' },
      { call_sid: 'CA1', recording_sid: 'RE1', recording_mode: 'x'.repeat(33) },
    ])
      expect(await post(api, '/webhook/recording', body)).toMatchObject({ status: 400 })
    const unknown = { call_sid: 'CA3', recording_sid: 'RE1', recording_mode: 'dual' }
    expect(await post(api, '/webhook/recording', unknown)).toMatchObject({ status: 404 })
    for (const service of services) expectSanitised(service.log())
  })

  test('answer 400 to what is malformed, 404 to what is unknown, and write nothing', async () => {
    const database = await createMigrated(version)
    const { sql, url } = database
    const ids = await insertBusinesses(database, 2)
    const [business_id, other] = ids.map(Number)
    const api = startService('api', { DATABASE_URL: url })
    const calls = startService('calls', { DATABASE_URL: url })
    await Promise.all([untilReady(api), untilReady(calls)])

    const good = { call_sid: 'CA1', business_id, status: 'queued' }
    const malformed = [
      ...['', 'no json', '[]', 'null', `{"call_sid": "${'x'.repeat(70_000)}"}`],
      ...['', 'CA 1', '../CA1', 'x'.repeat(65), 1, null].map((call_sid) => ({ ...good, call_sid })),
      ...['1', 1.5, 1e300, null, 999].map((each) => ({ ...good, business_id: each })),
      ...['unheard-of', '', null, 'x'.repeat(64)].map((status) => ({ ...good, status })),
      ...['sideways', 7].map((direction) => ({ ...good, direction })),
      { ...good, recording_sid: 'RE 1' },
    ]
    for (const body of malformed) {
      const answer = await post(api, '/webhook/call_status', body)
      expect({ body, answer }).toMatchObject({
        answer: { status: 400, body: { error: expect.any(String) } },
      })
    }
    for (const body of ['no json', { event: 'paused', call_sid: 'CA1' }, { event: 'ended' }])
      expect(await post(calls, '/stream', body)).toMatchObject({ status: 400 })
    expect(await post(calls, '/stream', { event: 'ended', call_sid: 'CA1' })).toMatchObject({
      status: 404,
    })
    expect(await ask(api, '/api/calls')).toMatchObject({ status: 404 })
    expect(await sql`SELECT FROM call_log`).toHaveLength(0)

    expect(await post(api, '/webhook/call_status', good)).toEqual(ok)
    const foreign = { ...good, business_id: other, status: 'failed' }
    expect(await post(api, '/webhook/call_status', foreign)).toMatchObject({ status: 400 })
    expect([...(await sql`SELECT business_id::int, status FROM call_log`)]).toEqual([
      { business_id, status: 'queued' },
    ])
    expectSanitised(api.log() + calls.log())
  })

  test('tell 503 when the database is gone', async () => {
    const database = await createMigrated(version)
    const api = startService('api', { DATABASE_URL: database.url })
    await untilReady(api)
    await database.drop()
    for (const path of ['/health', '/api/health'])
      expect(await ask(api, path)).toMatchObject({ status: 503 })
    expectSanitised(api.log())
  })

  test.each([
    ['api', 'call_log', 'summary_status'],
    ['api', 'recording_jobs', 'run_after'],
    ['calls', 'call_log', 'stream_connect_count'],
    ['worker', 'recording_jobs', 'size_bytes'],
    ['worker', 'recording_slots', 'expires_at'],
  ] as const)('%s refuses to start without %s.%s, and names it', async (name, table, column) => {
    const { sql, url } = await createMigrated(version)
    await sql.unsafe(`ALTER TABLE ${table} DROP COLUMN ${column}`)
    const { exitCode, stdout, stderr } = await runService(name, { DATABASE_URL: url })
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 3, stdout: '' })
    expect(stderr).toContain('MIGRATIONS_DISABLED')
    expect(stderr).toContain(
      `error[contract-violated]: ${name}: column ${table}.${column} is missing`,
    )
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `STOPPING: ${name} does not start: the database lacks what it relies on (column ${table}.${column}); see what puts it right above, or with schemagate validate --service ${name}`,
    )
    expect(stderr).not.toContain('] ready')
    expectSanitised(stderr)
  })

  test.each([
    ['api', 'ALTER TABLE call_log DROP CONSTRAINT call_log_call_sid_key'],
    ['api', 'ALTER TABLE call_log ALTER webhook_retry_count DROP DEFAULT'],
    ['calls', 'ALTER TABLE call_log ALTER stream_connect_count TYPE text'],
    ['worker', 'DROP INDEX recording_jobs_queue_idx'],
    ['worker', 'ALTER TABLE recording_jobs ALTER last_error SET NOT NULL'],
  ] as const)('%s refuses to start after %s', async (name, statement) => {
    const { sql, url } = await createMigrated(version)
    await sql.unsafe(statement)
    expect(await runService(name, { DATABASE_URL: url })).toMatchObject({ exitCode: 3 })
  })
})

describe.each(serviceNames)('%s without what it needs', (name) => {
  test('exits 69 when the database does not answer', async () => {
    const url = `postgresql://postgres:${password}@127.0.0.1:${await freePort()}/calls`
    const { exitCode, stderr } = await runService(name, {
      DATABASE_URL_POOLER: url,
      DATABASE_WAIT_SECONDS: '0',
    })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 69 })
    expect(stderr).toContain(`STOPPING: it could not be checked what ${name} relies on`)
    expectSanitised(stderr)
  })

  test('exits 0 at once when it is told to stop while it waits for the database', async () => {
    const DATABASE_URL = `postgresql://postgres:${password}@127.0.0.1:${await freePort()}/calls`
    const service = startService(name, { DATABASE_URL, DATABASE_WAIT_SECONDS: '30' })
    await until('it has begun', () => service.log().includes('MIGRATIONS_DISABLED'))
    const toldAt = Date.now()
    service.process.kill('SIGTERM')
    const { exitCode, stderr } = await service.finished
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(Date.now() - toldAt).toBeLessThan(3_000)
  })

  test.each<readonly [environment: Readonly<Record<string, string>>, told: string]>([
    [{}, 'STOPPING: set DATABASE_URL_POOLER or DATABASE_URL'],
    [
      { DATABASE_URL: `mysql://root:${password}@127.0.0.1/calls` },
      'STOPPING: DATABASE_URL is not a URL like postgresql://user@host/database',
    ],
    [{ DATABASE_URL: `postgresql://u:${password}%zz@127.0.0.1:1/calls` }, "has a '%'"],
    [
      { DATABASE_URL: 'postgresql://127.0.0.1:1/calls', PORT: '80a' },
      'STOPPING: PORT must be a whole number from 0 to 65535',
    ],
  ])('exits 2 with a wrong setting, and tells which: %j', async (environment, told) => {
    const { exitCode, stderr } = await runService(name, environment)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 })
    expect(stderr).toContain(told)
    expectSanitised(stderr.replace('postgresql://user@host/database', ''))
  })
})
