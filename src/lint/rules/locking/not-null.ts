// NOT NULL on tables that are in use: proved under a lock, or demanded of rows that have no value.

import type { AlterTableCmd, Node } from 'libpg-query'
import { quoteName } from '../../../errors/define.ts'
import { asConstraint } from '../../../schema/effects/tables/constraint.ts'
import { objectKey, type RelationName } from '../../../schema/effects/effect.ts'
import { ownedObject, relationObject } from '../../../schema/effects/scope.ts'
import { stringsOf } from '../../../sql/tree/tree.ts'
import { ownedObjects } from '../../../schema/history/model/follow.ts'
import {
  columnConstraint,
  columnDefinition,
  commandsOnOldTables,
  defaultNode,
} from '../../analysis/alter-commands.ts'
import { isSerial } from '../../analysis/column-type.ts'
import type { Rule } from '../../rule.ts'
import { brief, sqlRelation } from '../../analysis/sql-text.ts'
import { hasText, fragmentsOf, type Subject } from '../../subject/subject.ts'
import { callLog } from '../example.ts'
import { notNullViolation } from '../../../errors/server/sqlstate.ts'

export const notNullWithoutCheck: Rule = {
  id: 'not-null-without-check',
  level: 'warning',
  title: 'SET NOT NULL reads the whole table under a lock',
  condition:
    'ALTER COLUMN … SET NOT NULL on a table that this file does not create itself, unless a validated CHECK (… IS NOT NULL) has already proved it.',
  effect:
    'Nobody can read or write the table while PostgreSQL checks every row; a single NULL makes the migration fail.',
  hazard: { kind: 'scan', relation: 'call_log', level: 'ACCESS EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_status_not_null.sql': `ALTER TABLE call_log ALTER COLUMN status SET NOT NULL;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_status_check.sql': `ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_status_set;
ALTER TABLE call_log ADD CONSTRAINT call_log_status_set CHECK (status IS NOT NULL) NOT VALID;
`,
      '0003_call_log_status_validate.sql': `ALTER TABLE call_log VALIDATE CONSTRAINT call_log_status_set;
`,
      '0004_call_log_status_not_null.sql': `ALTER TABLE call_log ALTER COLUMN status SET NOT NULL;
ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_status_set;
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap(({ command, relation, index }) => {
      const name = requiredByCommand(command)
      if (name === undefined || isProved(subject, relation, name)) return []
      const table = sqlRelation(relation)
      const column = quoteName(name)
      const check = quoteName(`${relation.name}_${name}_set`)
      return [
        {
          index,
          message: `nobody can read or write ${table} while its rows are searched for a NULL in ${column}`,
          cure:
            `In three files: ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID;\n` +
            `then ALTER TABLE ${table} VALIDATE CONSTRAINT ${check};\n` +
            `then ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL; ALTER TABLE ${table} DROP CONSTRAINT ${check};`,
        },
      ]
    }),
}

/** The column of SET NOT NULL, or of PostgreSQL 18's ADD CONSTRAINT … NOT NULL. */
const requiredByCommand = ({ subtype, name, def }: AlterTableCmd): string | undefined => {
  if (subtype === 'AT_SetNotNull') return name
  const constraint = subtype === 'AT_AddConstraint' ? asConstraint(def) : undefined
  return constraint?.contype === 'CONSTR_NOTNULL' && constraint.skip_validation !== true
    ? stringsOf(constraint.keys)[0]
    : undefined
}

const isProved = (subject: Subject, relation: RelationName, column: string): boolean => {
  const { model } = subject
  const now = model.find(ownedObject('column', relation, column))
  if (hasText(fragmentsOf(now, 'nullability'), 'NOT NULL')) return true
  return ownedObjects(model, relation).some(
    (tracked) =>
      tracked.object.kind === 'constraint' &&
      hasText(fragmentsOf(tracked, 'validation'), 'validated') &&
      fragmentsOf(tracked, 'definition').some(
        (part) => part.kind === 'expression' && provesNotNull(part.node, column),
      ),
  )
}

const provesNotNull = (node: Node, column: string): boolean => {
  if ('BoolExpr' in node)
    return (
      node.BoolExpr.boolop === 'AND_EXPR' &&
      (node.BoolExpr.args ?? []).some((each) => provesNotNull(each, column))
    )
  if (!('NullTest' in node) || node.NullTest.nulltesttype !== 'IS_NOT_NULL') return false
  const { arg } = node.NullTest
  return (
    arg !== undefined && 'ColumnRef' in arg && stringsOf(arg.ColumnRef.fields).at(-1) === column
  )
}

export const requiredColumn: Rule = {
  id: 'required-column-without-default',
  level: 'error',
  title: 'a new column is required, and old rows have no value for it',
  condition:
    'ADD COLUMN … NOT NULL (or PRIMARY KEY) without a default, on a table that this file neither creates nor empties itself.',
  effect:
    'The migration fails as soon as the table has a row; and a running service that does not know the column can no longer insert.',
  hazard: { kind: 'error', sqlstate: notNullViolation, when: 'run' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_channel.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS channel text NOT NULL;
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
  check: (subject) =>
    commandsOnOldTables(subject).flatMap(({ command, relation, text, index }) => {
      const column = columnDefinition(command)
      if (column === undefined || isSerial(column) || defaultNode(column) !== undefined) return []
      const must =
        columnConstraint(column, 'CONSTR_NOTNULL') ?? columnConstraint(column, 'CONSTR_PRIMARY')
      const filled =
        columnConstraint(column, 'CONSTR_GENERATED') ?? columnConstraint(column, 'CONSTR_IDENTITY')
      if (must === undefined || filled !== undefined) return []
      if (subject.earlier.isEmptied(objectKey(relationObject('table', relation)))) return []
      const table = sqlRelation(relation)
      const name = quoteName(column.colname ?? '')
      return [
        {
          index,
          message: `the existing rows of ${table} get no value for ${name}, which must not be NULL`,
          cure: `ALTER TABLE ${table} ${brief(text.replace(/\s+NOT\s+NULL\b/i, ''))} NOT NULL DEFAULT …;\nor without NOT NULL here, filled in batches, and NOT NULL later`,
        },
      ]
    }),
}
