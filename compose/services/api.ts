// The API of the demo: takes the provider's webhooks of calls and recordings, and lists calls.

import contract from '../../migrations/contracts/api.json' with { type: 'json' }
import { listLastSevenDays, listRange } from './call-list.ts'
import { takeCallStatus } from './call-status.ts'
import { checkHealth, serve } from './http.ts'
import { takeRecording } from './recording-callback.ts'
import { runService, type Service } from './service.ts'

const api = async (service: Service): Promise<void> => {
  const { sql } = service
  await serve(service, {
    'GET /health': () => checkHealth(sql),
    'GET /api/health': () => checkHealth(sql),
    'GET /api/calls/last7d': () => listLastSevenDays(sql),
    'GET /api/calls/range': ({ url = '' }) =>
      listRange(sql, new URL(url, 'http://api').searchParams),
    'POST /webhook/call_status': (request) => takeCallStatus(sql, request),
    'POST /webhook/recording': (request) => takeRecording(sql, request),
  })
}

await runService('api', contract, () => api)
