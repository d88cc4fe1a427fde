// What is dropped is gone for services of the old version, and its data for everybody.

import { quoteName } from '../../../errors/define.ts'
import { describeObject, type Effect, type ObjectName } from '../../../schema/effects/effect.ts'
import { contractsUsing } from '../../analysis/contract.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlRelation } from '../../analysis/sql-text.ts'
import {
  isOfThisFile,
  ofFile,
  columnOf,
  hasText,
  indexOfWord,
  fragmentsOf,
  textOf,
  type Subject,
} from '../../subject/subject.ts'
import { callLog } from '../example.ts'
import { undefinedColumn, undefinedTable } from '../../../errors/server/sqlstate.ts'

export const dropColumn: Rule = {
  id: 'drop-column',
  level: 'warning',
  title: 'a column is dropped that running services may use',
  condition: 'DROP COLUMN on a table that this file does not create itself.',
  effect:
    'Services of the old version, which run until the last of them is replaced, get an error for every query that names it; the data is lost for good.',
  hazard: { kind: 'breaks', query: 'SELECT seconds FROM call_log', sqlstate: undefinedColumn },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_drop_seconds.sql': `ALTER TABLE call_log DROP COLUMN IF EXISTS seconds;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_seconds_optional.sql': `ALTER TABLE call_log ALTER COLUMN seconds DROP NOT NULL;
`,
    },
  },
  check: (subject) =>
    droppedObjects(subject, ['column']).map((object) => {
      const relation = { schema: object.schema, name: object.table }
      const nullability = fragmentsOf(columnOf(subject, relation, object.name), 'nullability')
      const optional = hasText(nullability, 'NULL')
        ? ''
        : `ALTER TABLE ${sqlRelation(relation)} ALTER COLUMN ${quoteName(object.name)} DROP NOT NULL; and `
      return {
        index: indexOfWord(subject, object.name),
        message: `${describeObject(object)} is dropped, and queries of running services that use it fail`,
        cure:
          `First ${optional}a release that neither reads nor writes it;\n` +
          `when nothing uses it any more, drop it, with: -- @allow drop-column no service uses ${object.name} since <release>`,
      }
    }),
}

export const dropTable: Rule = {
  id: 'drop-table',
  level: 'warning',
  title: 'a table, view or sequence is dropped that running services may use',
  condition:
    'DROP TABLE, VIEW, MATERIALIZED VIEW or SEQUENCE that this file does not create itself; not for a view that the file creates again, or a run from a file of migrations/objects/.',
  effect:
    'Services of the old version, which run until the last of them is replaced, get an error for every query that names it; the data of a table is lost for good.',
  hazard: { kind: 'breaks', query: 'SELECT name FROM leads', sqlstate: undefinedTable },
  bad: {
    files: {
      ...callLog,
      '0002_drop_leads.sql': `DROP TABLE IF EXISTS leads;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_leads_unused.sql': `COMMENT ON TABLE leads IS 'unused since 2.3; to be dropped when 2.2 runs nowhere';
`,
    },
  },
  check: (subject) =>
    droppedObjects(subject, ['table', 'view', 'materialized view', 'sequence'])
      .filter(
        (object) =>
          object.kind === 'table' || object.kind === 'sequence' || !isCreatedAnew(subject, object),
      )
      .map((object) => ({
        index: indexOfWord(subject, object.name),
        message: `${describeObject(object)} is dropped, and queries of running services that use it fail`,
        cure: `First a release that does not use it; then drop it with: -- @allow drop-table no service uses ${object.name} since <release>`,
      })),
}

const isCreatedAnew = (subject: Subject, object: ObjectName): boolean =>
  createdByQuery(subject).has(object.name) ||
  subject.wholeHistory.elsewhere.find(object) !== undefined

const createdByQuery = ofFile(
  (statements) =>
    new Set(
      statements.flatMap(({ node }) => [
        'ViewStmt' in node ? node.ViewStmt.view?.relname : undefined,
        'CreateTableAsStmt' in node ? node.CreateTableAsStmt.into?.rel?.relname : undefined,
      ]),
    ),
)

// Of what a contract names, the graver finding tells.
const droppedObjects = (
  subject: Subject,
  kinds: readonly ObjectName['kind'][],
): readonly ObjectName[] =>
  subject.statement.effects.flatMap((effect) =>
    effect.kind === 'drop' &&
    kinds.includes(effect.object.kind) &&
    !isOfThisFile(subject, effect.object) &&
    !isOutOfCaution(subject, effect) &&
    contractsUsing(subject.wholeHistory.contracts, effect.object).length === 0
      ? [effect.object]
      : [],
  )

/** DROP … IF EXISTS of what an earlier file dropped, or what no file made and this one is about to create. */
const isOutOfCaution = (
  { model, wholeHistory, at }: Subject,
  { object, guard }: Effect,
): boolean => {
  const tracked = model.find(object)
  if (tracked !== undefined) return !tracked.isPresent
  return guard === 'if exists' && wholeHistory.creations(object)[0]?.at === at
}

export const dropCascade: Rule = {
  id: 'drop-cascade',
  level: 'warning',
  title: 'CASCADE drops what the file does not name',
  condition: 'DROP … CASCADE, of anything that this file does not create itself.',
  effect:
    'Views, foreign keys, defaults and functions that depend on it are dropped without a word, also those that only this database has.',
  hazard: { kind: 'breaks', query: 'SELECT count(*) FROM busy_leads', sqlstate: undefinedTable },
  bad: {
    files: {
      ...callLog,
      '0002_busy_leads.sql': `CREATE OR REPLACE VIEW busy_leads AS SELECT lead_id FROM call_log GROUP BY lead_id;
`,
      '0003_drop_call_log_lead_id.sql': `ALTER TABLE call_log DROP COLUMN IF EXISTS lead_id CASCADE;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_busy_leads.sql': `CREATE OR REPLACE VIEW busy_leads AS SELECT lead_id FROM call_log GROUP BY lead_id;
`,
      '0003_busy_leads_by_status.sql': `CREATE OR REPLACE VIEW busy_leads AS SELECT lead_id FROM call_log WHERE status = 'done' GROUP BY lead_id;
`,
    },
  },
  check: (subject) => {
    const [object] = subject.statement.effects.flatMap((effect) =>
      isCascade(effect) && !isOfThisFile(subject, effect.object) ? [effect.object] : [],
    )
    if (object === undefined) return []
    const sql = textOf(subject)
    return [
      {
        index: indexOfWord(subject, 'CASCADE'),
        message: `everything that depends on ${describeObject(object)} is dropped too, named or not`,
        cure: `${brief(sql.replace(/\s+CASCADE\b/gi, ''))};\nand before it a DROP for each object that depends on it; the server lists them when it refuses`,
      },
    ]
  },
}

const isCascade = (effect: Effect): boolean => effect.kind === 'drop' && effect.cascade
