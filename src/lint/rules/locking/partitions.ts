// Partitions come and go under a weaker lock, if asked to.

import { locksOf } from '../../../sql/locks/locks.ts'
import type { RelationName } from '../../../schema/effects/effect.ts'
import { commandsOnOldTables } from '../../analysis/alter-commands.ts'
import type { RuleFinding, Rule } from '../../rule.ts'
import { brief, sqlRelation } from '../../analysis/sql-text.ts'
import { bodyOf, isNewRelation, resolve, textOf, type Subject } from '../../subject/subject.ts'
import { callLog } from '../example.ts'

const parent = {
  '0002_call_events.sql': `CREATE TABLE IF NOT EXISTS call_events (
  call_id  bigint NOT NULL,
  at       date NOT NULL
) PARTITION BY RANGE (at);
`,
} as const

export const partitionLocksParent: Rule = {
  id: 'partition-locks-parent',
  level: 'warning',
  title: 'a partition is added or removed while everybody waits',
  condition:
    'CREATE TABLE … PARTITION OF, or DETACH PARTITION without CONCURRENTLY, of a table that this file does not create itself.',
  effect:
    'It takes an ACCESS EXCLUSIVE lock on the whole partitioned table: while it waits for a long query to end, every other query of any partition queues behind it.',
  hazard: { kind: 'lock', relation: 'call_events', level: 'ACCESS EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      ...parent,
      '0003_call_events_2026.sql': `CREATE TABLE IF NOT EXISTS call_events_2026 PARTITION OF call_events
  FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
`,
    },
  },
  good: {
    files: {
      ...callLog,
      ...parent,
      '0003_call_events_2026.sql': `CREATE TABLE IF NOT EXISTS call_events_2026 (LIKE call_events INCLUDING ALL);
ALTER TABLE call_events ATTACH PARTITION call_events_2026
  FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
`,
    },
  },
  check: (subject) => [...created(subject), ...detached(subject)],
}

const found = (relation: RelationName, index: number, cure: string): RuleFinding => ({
  index,
  message: `everybody waits for ${sqlRelation(relation)} and all its partitions`,
  cure,
})

const created = (subject: Subject): readonly RuleFinding[] => {
  const statement = bodyOf(subject, 'CreateStmt')
  const [range] = statement?.partbound === undefined ? [] : (statement.inhRelations ?? [])
  if (range === undefined || !('RangeVar' in range)) return []
  const relation = resolve(subject, range.RangeVar)
  if (isNewRelation(subject, relation)) return []
  const table = sqlRelation(relation)
  const fresh = sqlRelation({
    schema: statement?.relation?.schemaname ?? '',
    name: statement?.relation?.relname ?? '',
  })
  const bound =
    /\b(FOR\s+VALUES\s.*|DEFAULT)$/is.exec(textOf(subject).trim())?.[0] ?? 'FOR VALUES …'
  return [
    found(
      relation,
      subject.statement.start,
      `CREATE TABLE IF NOT EXISTS ${fresh} (LIKE ${table} INCLUDING ALL);\n` +
        `ALTER TABLE ${table} ATTACH PARTITION ${fresh} ${brief(bound)};`,
    ),
  ]
}

const detached = (subject: Subject): readonly RuleFinding[] =>
  commandsOnOldTables(subject).flatMap(({ command: { subtype }, relation, text, index }) => {
    if (subtype !== 'AT_DetachPartition') return []
    const own = locksOf(subject.statement.node)[0]
    return own?.level === 'SHARE UPDATE EXCLUSIVE'
      ? []
      : [
          found(
            relation,
            index,
            `In a file of its own, since it cannot run in a transaction:\nALTER TABLE ${sqlRelation(relation)} ${brief(text)} CONCURRENTLY;`,
          ),
        ]
  })

export const detachPartition: Rule = {
  id: 'detach-partition',
  level: 'warning',
  title: 'rows leave their table',
  condition: 'DETACH PARTITION, or NO INHERIT, of what this file does not create itself.',
  effect: 'Queries of the parent no longer find those rows; they are in the detached table only.',
  hazard: { kind: 'lost rows', relation: 'call_events' },
  bad: {
    files: {
      ...callLog,
      ...parent,
      '0003_call_events_old.sql': `CREATE TABLE IF NOT EXISTS call_events_old PARTITION OF call_events
  FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO call_events (call_id, at) VALUES (1, '2020-06-01');
`,
      '0004_call_events_old.sql': `ALTER TABLE call_events DETACH PARTITION call_events_old;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      ...parent,
      '0003_call_events_old.sql': `COMMENT ON TABLE call_events IS 'calls, by year';
`,
    },
  },
  check: (subject) =>
    subject.statement.takes.flatMap(({ how, candidates: [relation] }) =>
      how !== 'detach' || relation === undefined || isNewRelation(subject, relation)
        ? []
        : [
            {
              index: subject.statement.start,
              message: `the rows of ${sqlRelation(relation)} disappear from the table that they belong to`,
              cure: 'First a release that does not query them; then: -- @allow detach-partition <reason>',
            },
          ],
    ),
}
