// Names are what running services know; a name that goes away breaks those of the old version.

import { quoteName } from '../../../errors/define.ts'
import { describeObject, type ObjectName } from '../../../schema/effects/effect.ts'
import { sqlType } from '../../analysis/column-type.ts'
import { contractsUsing } from '../../analysis/contract.ts'
import type { Rule } from '../../rule.ts'
import { sqlRelation } from '../../analysis/sql-text.ts'
import {
  columnOf,
  indexOfWord,
  isOfThisFile,
  fragmentsOf,
  type Subject,
} from '../../subject/subject.ts'
import { firstBehind } from '../../subject/whole-history.ts'
import { callLog } from '../example.ts'
import { undefinedColumn } from '../../../errors/server/sqlstate.ts'

export const rename: Rule = {
  id: 'rename',
  level: 'warning',
  title: 'a name is changed that running services use',
  condition:
    'A table, view, column, sequence, function, type or schema is renamed or moved to another schema, unless this file created it, or gives the old name to a view or to a replacement.',
  effect:
    'Services of the old version, which run until the last of them is replaced, get an error for every query with the old name.',
  hazard: { kind: 'breaks', query: 'SELECT seconds FROM call_log', sqlstate: undefinedColumn },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_duration.sql': `ALTER TABLE call_log RENAME COLUMN seconds TO duration_sec;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_duration.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS duration_sec integer;
`,
    },
  },
  check: (subject) =>
    subject.statement.effects.flatMap((effect) => {
      if (effect.kind !== 'rename' || !used.has(effect.object.kind)) return []
      const { object, to } = effect
      if (isOfThisFile(subject, object) || hasStandIn(subject, object)) return []
      // Of what a contract names, the graver finding tells.
      if (contractsUsing(subject.wholeHistory.contracts, object).length > 0) return []
      return [
        {
          index: indexOfWord(subject, object.name.replace(/\(.*$/s, '')),
          message: `${describeObject(object)} becomes ${describeObject(to)}: running services use the old name`,
          cure: renameCure(subject, object, to),
        },
      ]
    }),
}

const used: ReadonlySet<ObjectName['kind']> = new Set([
  ...(['table', 'view', 'materialized view', 'column', 'sequence'] as const),
  ...(['function', 'type', 'schema'] as const),
])

/** The same file gives the old name to something else: a view, or the table that takes its place. */
const hasStandIn = ({ wholeHistory, at, earlier }: Subject, object: ObjectName): boolean =>
  firstBehind(wholeHistory.creations(object), { at, statement: earlier.count() })?.at === at

const renameCure = (subject: Subject, object: ObjectName, to: ObjectName): string => {
  if (object.kind === 'column') {
    const relation = { schema: object.schema, name: object.table }
    const table = sqlRelation(relation)
    const [type] = fragmentsOf(columnOf(subject, relation, object.name), 'type')
    const written = type?.kind === 'type' ? sqlType(type.type) : '…'
    return (
      `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${quoteName(to.name)} ${written};\n` +
      `let the services write both and read ${quoteName(to.name)}, fill the old rows in batches, and drop ${quoteName(object.name)} in a later release`
    )
  }
  if (object.kind === 'table')
    return (
      `In the same file, after it: CREATE OR REPLACE VIEW ${sqlRelation(object)} AS SELECT * FROM ${sqlRelation(to)};\n` +
      'and drop the view in a later release'
    )
  return `Create ${describeObject(to)} beside it, let the services change over, and drop ${describeObject(object)} in a later release.`
}
