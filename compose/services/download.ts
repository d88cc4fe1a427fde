// Replaces the provider: the demo has no network, so size and name follow from the sid alone, and a sid that ends in
// '-missing' has no recording.

import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

export type Recording = { readonly fileName: string; readonly sizeBytes: number }

/** Takes `durationMs`. Throws an error with the code RECORDING_MISSING, or what Node throws when `signal` ends it. */
export const download = async (
  callSid: string,
  durationMs: number,
  signal: AbortSignal,
): Promise<Recording> => {
  signal.throwIfAborted()
  if (durationMs > 0) await wait(durationMs, undefined, { signal })
  if (callSid.endsWith('-missing'))
    throw Object.assign(new Error('no such recording'), { code: 'RECORDING_MISSING' })
  const sizeBytes =
    100_000 + (createHash('sha256').update(callSid).digest().readUInt32BE() % 2_000_000)
  return { fileName: `${callSid.replaceAll(/[^\w-]/g, '_')}.mp3`, sizeBytes }
}
