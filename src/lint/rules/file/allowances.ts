// Two rules on `@allow` itself. What they find, allow.ts tells.

import type { Rule } from '../../rule.ts'
import { callLog } from '../example.ts'

const files = (second: string): Rule['bad'] => ({
  files: { ...callLog, '0002_call_log_fax.sql': second },
})

const accepted = `-- @allow drop-column no service reads it since 2.3
ALTER TABLE call_log DROP COLUMN IF EXISTS seconds;
`

export const unknownAllow: Rule = {
  id: 'unknown-allow',
  level: 'error',
  title: 'a directive allows a rule that does not exist',
  condition: '`-- @allow` names no rule, or one that cannot be allowed.',
  effect: 'The directive has no effect, and lint still reports the finding that it should accept.',
  hazard: { kind: 'none', because: 'a comment has no effect on the server' },
  bad: files(accepted.replace('drop-column', 'drop-colum')),
  good: files(accepted),
  check: () => [],
}

export const unusedAllow: Rule = {
  id: 'unused-allow',
  level: 'warning',
  title: 'a directive allows something that the file does not do',
  condition: '`-- @allow` names a rule that finds nothing in this file.',
  effect:
    'It reads as if the file held a hazard, and would silently accept one that is written into it later.',
  hazard: { kind: 'none', because: 'a comment has no effect on the server' },
  bad: files(accepted.replace('drop-column', 'rename')),
  good: files(accepted),
  check: () => [],
}
