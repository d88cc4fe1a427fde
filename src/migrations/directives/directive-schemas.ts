// The value of each directive as a JSON Schema, by the directive's name.

import { durationForm, durationPattern } from '../../sql/duration.ts'
import { replacesForm, replacesPattern } from '../replaces.ts'
import { fingerprintForm, verifyForm } from '../fingerprint.ts'

export const directiveSchemas = {
  'lock-timeout': { type: 'string', pattern: durationPattern, form: durationForm },
  'statement-timeout': { type: 'string', pattern: durationPattern, form: durationForm },
  transaction: { type: 'string', enum: ['off'], form: 'the word off' },
  replaces: { type: 'string', pattern: replacesPattern, form: replacesForm },
  fingerprint: { type: 'string', form: fingerprintForm },
  verify: { type: 'string', form: verifyForm },
  allow: {
    type: 'string',
    pattern: '^[^\\s]+\\s+[^\\s]',
    form: "a rule of 'schemagate lint' and the reason, such as: drop-column nothing has read it since version 7",
  },
} as const
