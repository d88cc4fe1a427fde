// What a full job does behind its download: transcribes the recording and finishes the call. The demo has no speech engine; the text
// follows from the sid.

import { log } from './log.ts'
import type { Job, Queue } from './recording-jobs.ts'

/** Repeatable: a job whose worker was lost does it again, with the same outcome. */
export const transcribeAndFinish = async ({ sql }: Queue, { call_sid }: Job): Promise<void> => {
  await sql`UPDATE call_log SET transcription = ${`Transcript of ${call_sid}.`} WHERE call_sid = ${call_sid}`
  log('[WORKER_OFFLINE_STT_DONE]', { call_sid })
  // The summary is the language model's, when the business wants one.
  const [finished] = await sql`
    UPDATE call_log SET summary_status = CASE WHEN coalesce(
      (SELECT summary_enabled FROM business_settings WHERE business_id = call_log.business_id), true)
      THEN 'pending' ELSE 'disabled' END
    WHERE call_sid = ${call_sid}
    RETURNING summary_status`
  log('[WORKER_FINALIZED]', { call_sid, summary_status: String(finished?.['summary_status']) })
}
