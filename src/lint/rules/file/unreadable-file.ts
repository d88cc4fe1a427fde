// A file that the parser cannot read. What it finds, lint() tells: the file has no statements to check.

import type { RuleFinding, Rule } from '../../rule.ts'
import { callLog } from '../example.ts'
import { syntaxError } from '../../../errors/server/sqlstate.ts'

export const unreadableFile = {
  id: 'unreadable',
  level: 'warning',
  title: 'the parser cannot read a file',
  condition: "PostgreSQL's parser (version 18, built in) cannot read the file.",
  effect:
    'Nothing in this file can be checked in advance: only the server can, when the file runs at deployment.',
  hazard: { kind: 'error', sqlstate: syntaxError, when: 'run' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABEL call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
`,
    },
  },
  check: () => [],
  found: ({
    message,
    index,
  }: {
    readonly message: string
    readonly index: number
  }): RuleFinding => ({
    index,
    message: `the parser stops here: ${message.replace(/\s+/g, ' ').slice(0, 200)}`,
    cure: 'Correct the statement, unless it is syntax of a newer server than PostgreSQL 18.',
  }),
} satisfies Rule & { readonly found: unknown }
