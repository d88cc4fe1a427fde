// What PostgreSQL refuses within one transaction.

import { describeObject } from '../../../schema/effects/effect.ts'
import { constantsIn, mayUseEnumValue, placeOfValue } from '../../../sql/transaction/enum-value.ts'
import { transactionNeed } from '../../../sql/transaction/transaction-need.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlObject } from '../../analysis/sql-text.ts'
import { isMadeHere, ofFile, textOf, type Subject } from '../../subject/subject.ts'
import { callLog } from '../example.ts'
import { activeSqlTransaction, unsafeNewEnumValueUsage } from '../../../errors/server/sqlstate.ts'

export const mixedConcurrent: Rule = {
  id: 'mixed-concurrent',
  level: 'error',
  title: 'a file mixes what needs a transaction with what cannot have one',
  condition:
    'A statement that cannot run in a transaction (… CONCURRENTLY, VACUUM, …) is in a file with statements that can; settings do not count.',
  effect:
    'The file is not atomic and cannot be rolled back: if it fails half-way, half of it stays in the database.',
  hazard: { kind: 'error', sqlstate: activeSqlTransaction, when: 'run in a transaction' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_started_at_idx ON call_log (started_at);
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
`,
      '0003_call_log_started_at_idx.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_started_at_idx ON call_log (started_at);
`,
    },
  },
  check: (subject) => {
    const need = transactionNeed(subject.statement.node)
    if (need.kind !== 'no transaction' || !hasTransactional(subject)) return []
    return [
      {
        index: subject.statement.start,
        message: `${need.statement} cannot run in a transaction, and the rest of the file should be one`,
        cure: `Move it into a file of its own, with the next number: ${brief(textOf(subject))};`,
      },
    ]
  },
}

const hasTransactional = ofFile((statements) =>
  statements.some(
    ({ node }) => transactionNeed(node).kind !== 'no transaction' && !('VariableSetStmt' in node),
  ),
)

export const enumValueUsed: Rule = {
  id: 'enum-value-used',
  level: 'warning',
  title: 'a value is used in the file that adds it to its type',
  condition:
    'ALTER TYPE … ADD VALUE of a type that this file does not create itself, and a later statement in the same file that uses that value.',
  effect:
    'PostgreSQL refuses it in one transaction ("unsafe use of new value"), so the file runs statement by statement: if it fails half-way, half of it stays in the database.',
  hazard: { kind: 'error', sqlstate: unsafeNewEnumValueUsage, when: 'run in a transaction' },
  bad: {
    files: {
      ...callLog,
      '0002_channel.sql': `DROP TYPE IF EXISTS channel;
CREATE TYPE channel AS ENUM ('phone', 'sms');
ALTER TABLE leads ADD COLUMN IF NOT EXISTS channel channel;
`,
      '0003_channel_web.sql': `ALTER TYPE channel ADD VALUE IF NOT EXISTS 'web';
ALTER TABLE leads ALTER COLUMN channel SET DEFAULT 'web';
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_channel.sql': `DROP TYPE IF EXISTS channel;
CREATE TYPE channel AS ENUM ('phone', 'sms');
ALTER TABLE leads ADD COLUMN IF NOT EXISTS channel channel;
`,
      '0003_channel_web.sql': `ALTER TYPE channel ADD VALUE IF NOT EXISTS 'web';
`,
      '0004_leads_channel_web.sql': `ALTER TABLE leads ALTER COLUMN channel SET DEFAULT 'web';
`,
    },
  },
  check: (subject) => {
    const { earlier, statement } = subject
    if (!mayUseEnumValue(statement.node)) return []
    return earlier.newValues(constantsIn(statement.node)).flatMap(({ object, value }) => {
      if (isMadeHere(subject, object)) return []
      if (placeOfValue(statement.node, value, object.name) === undefined) return []
      return [
        {
          index: indexOfValue(subject, value),
          message: `'${value}' is used in the file that adds it to ${describeObject(object)}`,
          cure: `Use two files: ALTER TYPE ${sqlObject(object)} ADD VALUE IF NOT EXISTS '${value}'; in the first, and in the next:\n${brief(textOf(subject))};`,
        },
      ]
    })
  },
}

const indexOfValue = (subject: Subject, value: string): number =>
  subject.statement.start + Math.max(0, textOf(subject).indexOf(`'${value.replaceAll("'", "''")}'`))
