// The value of each directive of a backfill as a JSON Schema, by the directive's name.

import { verifyForm } from '../../../migrations/fingerprint.ts'
import { durationForm, durationPattern } from '../../../sql/duration.ts'

export const identifier = '(?:"(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)'
export const duration = { type: 'string', pattern: durationPattern, form: durationForm } as const

export const backfillSchemas = {
  table: {
    type: 'string',
    pattern: `^${identifier}(\\.${identifier})?$`,
    form: 'the table that is walked, such as call_log or app.call_log',
  },
  key: {
    type: 'string',
    pattern: `^${identifier}(\\s*,\\s*${identifier})*$`,
    form: 'the columns of a unique index of the table, such as id or business_id, id',
  },
  'batch-size': {
    type: 'string',
    pattern: '^[1-9]\\d{0,6}$',
    form: 'the most rows of a batch, such as 5000',
  },
  'target-duration': duration,
  pause: duration,
  'max-replication-lag': duration,
  'lock-timeout': duration,
  'time-budget': duration,
  workers: {
    type: 'string',
    pattern: '^([1-9]|1[0-6])$',
    form: 'how many batches may be done at the same time, from 1 to 16; more than 1 only where the statement reads no row of the table beside its own',
  },
  'skip-locked': { type: 'string', enum: ['on'], form: 'the word on' },
  done: { type: 'string', form: verifyForm },
} as const
