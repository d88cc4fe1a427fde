// The order of the files: what is used must have been made before. Silent where nobody can know.

import { describeObject, type ObjectName } from '../../../schema/effects/effect.ts'
import { relationObject } from '../../../schema/effects/scope.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { RuleFinding, Rule } from '../../rule.ts'
import { sqlObject } from '../../analysis/sql-text.ts'
import { bodyOf, indexOfWord, resolve, type Subject } from '../../subject/subject.ts'
import { missingColumns, missingRelations, missingTypes } from '../../analysis/uses.ts'
import { firstBehind, lastBefore, type HistoryStep } from '../../subject/whole-history.ts'
import { callLog } from '../example.ts'
import { undefinedColumn } from '../../../errors/server/sqlstate.ts'

export const usedBeforeCreated: Rule = {
  id: 'used-before-created',
  level: 'warning',
  title: 'an object is used before any file creates it',
  condition:
    'A statement uses a table, view or column that no file before it creates, or a type or trigger function that only a later one creates. Not where the history itself starts on tables that it does not create, or where a statement that lint cannot analyse may have created it.',
  effect:
    'The history cannot build a new database: a test, a preview or a restored environment fails at this file.',
  hazard: { kind: 'error', sqlstate: undefinedColumn, when: 'run' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_started_at_index.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_started_at_idx ON call_log (started_at);
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
`,
      '0003_call_log_started_at_index.sql': `CREATE INDEX CONCURRENTLY IF NOT EXISTS call_log_started_at_idx ON call_log (started_at);
`,
    },
  },
  check: (subject) =>
    unique([...missingRelations(subject), ...missingColumns(subject), ...missingTypes(subject)])
      .filter((object) => !isForgiven(subject, object))
      .flatMap((object) => verdict(subject, object)),
}

/** With IF EXISTS, what is not there does no harm; but what an ALTER TABLE refers to must be. */
const isForgiven = (subject: Subject, object: ObjectName): boolean => {
  const alter = bodyOf(subject, 'AlterTableStmt')
  if (alter !== undefined) {
    const target = resolve(subject, alter.relation)
    const isTarget = describeObject(object) === describeObject(relationObject('table', target))
    return alter.missing_ok === true && isTarget
  }
  return Object.values(subject.statement.node).some(
    (body: unknown) =>
      typeof body === 'object' && body !== null && 'missing_ok' in body && body.missing_ok === true,
  )
}

const unique = (objects: readonly ObjectName[]): readonly ObjectName[] => [
  ...new Map(objects.map((object) => [describeObject(object), object])).values(),
]

const verdict = (subject: Subject, object: ObjectName): readonly RuleFinding[] => {
  const { wholeHistory, at, earlier } = subject
  const here: HistoryStep = { at, statement: earlier.count() }
  // The rule object-file-used tells it better.
  if (wholeHistory.elsewhere.find(object) !== undefined) return []
  if (wholeHistory.mayHaveChanged(object.name, undefined, here)) return []
  const creations = wholeHistory.creations(object)
  const dropped = lastBefore(creations, here) !== undefined
  const later = firstBehind(creations, here)
  const found = (message: string, cure: string): readonly RuleFinding[] => [
    { index: indexOfWord(subject, object.name), message, cure },
  ]
  if (later !== undefined && !dropped)
    return found(
      `${describeObject(object)} is used here, but only ${wholeHistory.describe(later)} creates it`,
      `Create ${sqlObject(object)} first: here, or in a file with a lower number.`,
    )
  // PostgreSQL and its extensions have types and functions of their own.
  if (object.kind === 'type' || object.kind === 'function') return []
  if (dropped)
    return found(
      `${describeObject(object)} is used here, but was dropped or renamed before`,
      `Use its replacement, or create ${sqlObject(object)} again first.`,
    )
  // A history that starts on tables which it does not create was not the first to be there.
  if (subject.wholeHistory.startsLate()) return []
  const meant = nearest(object.name, namesBeside(subject, object))
  return found(
    `${describeObject(object)} is used here, but no file creates it` +
      (meant === undefined ? '' : `; did you mean ${meant}?`),
    `Create ${sqlObject(object)} in an earlier file; if every database has it from elsewhere: -- @allow used-before-created <who creates it>`,
  )
}

const namesBeside = ({ model }: Subject, object: ObjectName): readonly string[] =>
  [...model.objects.values()].flatMap(({ object: { kind, schema, table, name }, isPresent }) =>
    isPresent && kind === object.kind && schema === object.schema && table === object.table
      ? [name]
      : [],
  )
