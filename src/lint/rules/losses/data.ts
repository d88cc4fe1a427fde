// Changes of rows: beside a change of the schema they prolong its locks, and TRUNCATE takes all.

import type { Node } from 'libpg-query'
import type { ObjectName } from '../../../schema/effects/effect.ts'
import { locksOf } from '../../../sql/locks/locks.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlRelation } from '../../analysis/sql-text.ts'
import {
  bodyOf,
  indexOfWord,
  isNewRelation,
  ofFile,
  resolve,
  textOf,
  type Subject,
} from '../../subject/subject.ts'
import { callLog } from '../example.ts'

export const dataChange: Rule = {
  id: 'data-change-in-schema-file',
  level: 'warning',
  title: 'rows are changed in a file that changes the schema',
  condition:
    'UPDATE, DELETE, MERGE or INSERT … SELECT on a table that this file does not create itself, in a file that also changes the schema.',
  effect:
    'All of it is one transaction: it holds the locks of the schema change until the last row is written, and every changed row stays locked as long.',
  hazard: { kind: 'locked rows', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_channel.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS channel text;
UPDATE call_log SET channel = 'phone';
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_channel.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS channel text NOT NULL DEFAULT 'phone';
`,
    },
  },
  check: (subject) => {
    const words = changeOfRows(subject.statement.node)
    const range = targetOf(subject)
    if (words === undefined || range === undefined || !changesSchema(subject)) return []
    const relation = resolve(subject, range)
    if (isNewRelation(subject, relation)) return []
    const table = sqlRelation(relation)
    return [
      {
        index: subject.statement.start,
        message: `${words} on ${table} runs in the transaction of a schema change, which keeps its locks until it is done`,
        cure: `Move it into a file of its own, with a higher number; when ${table} is large, into batches outside the gate:\n${brief(textOf(subject))};`,
      },
    ]
  },
}

const changeOfRows = (node: Node): string | undefined => {
  if ('UpdateStmt' in node) return 'UPDATE'
  if ('DeleteStmt' in node) return 'DELETE'
  if ('MergeStmt' in node) return 'MERGE'
  // A few rows given as VALUES are not a backfill.
  if (!('InsertStmt' in node)) return undefined
  const { selectStmt } = node.InsertStmt
  return selectStmt !== undefined &&
    'SelectStmt' in selectStmt &&
    selectStmt.SelectStmt.fromClause !== undefined
    ? 'INSERT … SELECT'
    : undefined
}

const targetOf = (
  subject: Subject,
): { readonly relname?: string; readonly schemaname?: string } | undefined =>
  (
    bodyOf(subject, 'UpdateStmt') ??
    bodyOf(subject, 'DeleteStmt') ??
    bodyOf(subject, 'MergeStmt') ??
    bodyOf(subject, 'InsertStmt')
  )?.relation

const heavy: readonly string[] = ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE']

const creating = ['CreateStmt', 'CreateTableAsStmt', 'ViewStmt', 'IndexStmt'] as const

/** A statement that creates relations, or takes a lock that keeps others out. */
const changesSchema = ofFile((statements) =>
  statements.some(
    ({ node }) =>
      creating.some((kind) => kind in node) ||
      (!('LockStmt' in node) && locksOf(node).some(({ level }) => heavy.includes(level))),
  ),
)

export const truncate: Rule = {
  id: 'truncate',
  level: 'warning',
  title: 'a table is emptied',
  condition: 'TRUNCATE of a table that this file does not create itself.',
  effect:
    'All rows are lost for good, under an ACCESS EXCLUSIVE lock; a running service finds an empty table.',
  hazard: { kind: 'lost rows', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_reset.sql': `TRUNCATE call_log;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_archive.sql': `CREATE TABLE IF NOT EXISTS call_log_archive (LIKE call_log INCLUDING ALL);
`,
    },
  },
  check: (subject) =>
    (bodyOf(subject, 'TruncateStmt')?.relations ?? []).flatMap((node) => {
      if (!('RangeVar' in node)) return []
      const relation = resolve(subject, node.RangeVar)
      if (isNewRelation(subject, relation)) return []
      const table = sqlRelation(relation)
      return [
        {
          index: subject.statement.start,
          message: `all rows of ${table} are lost after this`,
          cure: `DELETE FROM ${table} WHERE …; in batches, outside the migrations; if it is intended: -- @allow truncate <reason>`,
        },
      ]
    }),
}

export const deleteWithoutKey: Rule = {
  id: 'delete-without-key',
  level: 'warning',
  title: 'rows are deleted without naming them',
  condition:
    'DELETE from a table that this file does not create itself, without a WHERE that asks for values of a column (`id = 7`, `name IN (…)`).',
  effect:
    'All rows may be lost for good, also those that a service writes while the file waits for its turn; each of them stays locked until the file is done.',
  hazard: { kind: 'lost rows', relation: 'leads' },
  bad: {
    files: {
      ...callLog,
      '0002_no_leads.sql': `DELETE FROM leads WHERE id > 0;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_no_test_lead.sql': `DELETE FROM leads WHERE name = 'test';
`,
    },
  },
  check: (subject) =>
    subject.statement.takes.flatMap(({ how, keyed, candidates }) => {
      const relation =
        candidates.find((each) => subject.model.find(asTable(each))?.isPresent) ?? candidates[0]
      if (how !== 'delete' || keyed || relation === undefined || isNewRelation(subject, relation))
        return []
      const table = sqlRelation(relation)
      return [
        {
          index: indexOfWord(subject, 'DELETE'),
          message: `any row of ${table} may be lost after this`,
          cure: `DELETE FROM ${table} WHERE <column> IN (…); in batches, outside the migrations; if it is intended: -- @allow delete-without-key <reason>`,
        },
      ]
    }),
}

const asTable = ({ schema, name }: { schema: string; name: string }): ObjectName => ({
  ...{ kind: 'table', schema, table: '', name },
})
