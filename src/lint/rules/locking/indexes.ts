// Indexes are built, rebuilt and dropped beside the running system only with CONCURRENTLY.

import { quoteName } from '../../../errors/define.ts'
import { describeObject } from '../../../schema/effects/effect.ts'
import { oldName } from '../../../schema/effects/scope.ts'
import { scopeOf } from '../../../schema/history/scope-of.ts'
import { transactionNeed } from '../../../sql/transaction/transaction-need.ts'
import { isSkipped } from '../../analysis/defined-before.ts'
import { isDroppedBehind } from '../../analysis/dropped-later.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlObject, sqlRelation } from '../../analysis/sql-text.ts'
import {
  bodyOf,
  hasText,
  isMadeHere,
  isNewRelation,
  fragmentsOf,
  resolve,
  textOf,
  type Subject,
} from '../../subject/subject.ts'
import { relationObject } from '../../../schema/effects/scope.ts'
import { callLog } from '../example.ts'

const ownFile = 'In a file of its own, since it cannot run in a transaction:'

export const indexWithoutConcurrently: Rule = {
  id: 'index-without-concurrently',
  level: 'warning',
  title: 'an index is built while writers wait',
  condition: 'CREATE INDEX without CONCURRENTLY on a table that this file does not create itself.',
  effect:
    'It takes a SHARE lock on the table: every INSERT, UPDATE and DELETE waits until the index is built, which takes minutes on a large table.',
  hazard: { kind: 'lock', relation: 'call_log', level: 'SHARE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_status_idx.sql': `CREATE INDEX IF NOT EXISTS call_log_status_idx ON call_log (status);
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_status_idx.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_status_idx ON call_log (status);
`,
    },
  },
  check: (subject) => {
    const statement = bodyOf(subject, 'IndexStmt')
    if (statement === undefined || statement.concurrent === true) return []
    const { effects } = subject.statement
    if (effects.some((effect) => effect.kind === 'create' && isSkipped(subject, effect))) return []
    const relation = resolve(subject, statement.relation)
    const partitioned = isPartitioned(subject)
    // ON ONLY makes an empty index, which those of the partitions are attached to.
    if (isNewRelation(subject, relation) || (partitioned && statement.relation?.inh !== true))
      return []
    const table = sqlRelation(relation)
    const sql = textOf(subject)
    return [
      {
        index: subject.statement.start,
        message: `writers of ${table} wait until index ${quoteName(statement.idxname ?? '…')} is built`,
        cure: partitioned
          ? `${brief(sql.replace(/\bON\s+(?:ONLY\s+)?/i, 'ON ONLY '))}; then CREATE INDEX CONCURRENTLY on each partition, in a file of its own, and ALTER INDEX … ATTACH PARTITION.`
          : `${ownFile}\n${brief(sql.replace(/\bINDEX\s+/i, 'INDEX CONCURRENTLY '))};`,
      },
    ]
  },
}

const isPartitioned = (subject: Subject): boolean => {
  const relation = resolve(subject, bodyOf(subject, 'IndexStmt')?.relation)
  const tracked = subject.model.find(relationObject('table', relation))
  return hasText(fragmentsOf(tracked, 'existence'), 'partitioned table')
}

export const dropIndexWithoutConcurrently: Rule = {
  id: 'drop-index-without-concurrently',
  level: 'warning',
  title: 'an index is dropped while everybody waits',
  condition:
    'DROP INDEX without CONCURRENTLY, of an index that this file does not create itself and whose table it does not drop later.',
  effect:
    'It takes an ACCESS EXCLUSIVE lock on the index and its table: while it waits for a long query to end, every other query of the table queues behind it, including reads.',
  hazard: { kind: 'lock', relation: 'call_log', level: 'ACCESS EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_status_idx.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_status_idx ON call_log (status);
`,
      '0003_drop_call_log_status_idx.sql': `DROP INDEX IF EXISTS call_log_status_idx;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_status_idx.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_status_idx ON call_log (status);
`,
      '0003_drop_call_log_status_idx.sql': `DROP INDEX CONCURRENTLY IF EXISTS call_log_status_idx;
`,
    },
  },
  check: (subject) => {
    const statement = bodyOf(subject, 'DropStmt')
    if (statement?.removeType !== 'OBJECT_INDEX' || statement.concurrent === true) return []
    return (statement.objects ?? []).flatMap((node) => {
      const scope = { ...scopeOf(subject.model, subject.searchPath), chosen: new Set<string>() }
      const object = oldName(scope, 'index', 'List' in node ? node.List.items : [])
      if (isMadeHere(subject, object)) return []
      const on = subject.model.find(object)?.on
      // With its table the file has made the index too.
      if (on !== undefined && (isNewRelation(subject, on) || isDroppedBehind(subject, on)))
        return []
      return [
        {
          index: subject.statement.start,
          message: `${describeObject(object)} is dropped under a lock that blocks everybody from ${on === undefined ? 'its table' : sqlRelation(on)}`,
          cure: `${ownFile}\nDROP INDEX CONCURRENTLY IF EXISTS ${sqlObject(object)};`,
        },
      ]
    })
  },
}

export const reindexWithoutConcurrently: Rule = {
  id: 'reindex-without-concurrently',
  level: 'warning',
  title: 'indexes are rebuilt while writers wait',
  condition: 'REINDEX without CONCURRENTLY.',
  effect:
    'Writers of the table wait until its indexes are rebuilt, and so does every query that would use one of them.',
  hazard: { kind: 'lock', relation: 'call_log', level: 'SHARE' },
  bad: {
    files: {
      ...callLog,
      '0002_reindex_call_log.sql': `REINDEX TABLE call_log;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_reindex_call_log.sql': `REINDEX TABLE CONCURRENTLY call_log;
`,
    },
  },
  check: (subject) => {
    const statement = bodyOf(subject, 'ReindexStmt')
    if (statement === undefined) return []
    const need = transactionNeed(subject.statement.node)
    if (need.kind === 'no transaction' && need.statement === 'REINDEX CONCURRENTLY') return []
    if (isNewRelation(subject, resolve(subject, statement.relation))) return []
    const what = statement.relation?.relname ?? statement.name ?? 'everything'
    return [
      {
        index: subject.statement.start,
        message: `writers wait until the indexes of ${quoteName(what)} are rebuilt`,
        cure: `${ownFile}\n${brief(textOf(subject).replace(/\b(INDEX|TABLE|SCHEMA|DATABASE|SYSTEM)\s+/i, '$1 CONCURRENTLY '))};`,
      },
    ]
  },
}
