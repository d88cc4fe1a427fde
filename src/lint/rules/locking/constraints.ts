// Constraints on tables that are in use: what there is already must not be checked under a lock that keeps writers out.

import type { Constraint } from 'libpg-query'
import { quoteName } from '../../../errors/define.ts'
import { objectKey } from '../../../schema/effects/effect.ts'
import { ownedObject } from '../../../schema/effects/scope.ts'
import { asConstraint } from '../../../schema/effects/tables/constraint.ts'
import {
  columnConstraint,
  columnDefinition,
  commandsOnOldTables,
  type Command,
} from '../../analysis/alter-commands.ts'
import type { RuleFinding, Rule } from '../../rule.ts'
import { brief, sqlRelation, throughBrackets } from '../../analysis/sql-text.ts'
import { indexOf, isMadeHere, type Subject } from '../../subject/subject.ts'
import { callLog } from '../example.ts'

export const constraintWithoutNotValid: Rule = {
  id: 'constraint-without-not-valid',
  level: 'warning',
  title: 'a constraint checks all rows under a lock',
  condition:
    'A CHECK or FOREIGN KEY constraint is added to a table that this file does not create itself, without NOT VALID; also one in the definition of a new column, except a foreign key of a column without a default; or one that is validated in the file that adds it.',
  effect:
    'PostgreSQL reads the whole table while its lock blocks others: readers and writers for a CHECK, writers (of both tables) for a FOREIGN KEY.',
  hazard: { kind: 'scan', relation: 'call_log', level: 'SHARE ROW EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_seconds_check.sql': `ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_seconds_check;
ALTER TABLE call_log ADD CONSTRAINT call_log_seconds_check CHECK (seconds >= 0);
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_seconds_check.sql': `ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_seconds_check;
ALTER TABLE call_log ADD CONSTRAINT call_log_seconds_check CHECK (seconds >= 0) NOT VALID;
`,
      '0003_call_log_seconds_validate.sql': `ALTER TABLE call_log VALIDATE CONSTRAINT call_log_seconds_check;
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap((command) => {
      if (columnDefinition(command.command) !== undefined)
        return checkedWithColumn(subject, command)
      return command.command.subtype === 'AT_ValidateConstraint'
        ? validatedTooSoon(subject, command)
        : checkedAtOnce(subject, command)
    }),
}

/** The lock of ADD CONSTRAINT is held until the file has ended. */
const validatedTooSoon = (
  subject: Subject,
  { command, relation, index }: Command,
): readonly RuleFinding[] => {
  const name = command.name ?? ''
  if (!isMadeHere(subject, ownedObject('constraint', relation, name))) return []
  const table = sqlRelation(relation)
  return [
    {
      index,
      message: `all rows of ${table} are checked in the transaction that adds constraint ${quoteName(name)}, under its lock`,
      cure: `In the next file: ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoteName(name)};`,
    },
  ]
}

const checkedAtOnce = (
  subject: Subject,
  { command, relation, text, index }: Command,
): readonly RuleFinding[] => {
  const constraint = command.subtype === 'AT_AddConstraint' ? asConstraint(command.def) : undefined
  const kind = constraint?.contype
  if (constraint === undefined || (kind !== 'CONSTR_CHECK' && kind !== 'CONSTR_FOREIGN')) return []
  if (constraint.skip_validation === true || constraint.is_enforced === false) return []
  const table = sqlRelation(relation)
  const name = nameOf(subject, constraint)
  return [
    {
      index,
      message: `all rows of ${table} are checked against ${kind === 'CONSTR_CHECK' ? 'constraint' : 'foreign key'} ${name} while others wait`,
      cure: inTwoSteps(table, name, brief(text.replace(/^ADD\s+(CONSTRAINT\s+\S+\s+)?/i, ''))),
    },
  ]
}

const inTwoSteps = (table: string, name: string, definition: string): string =>
  `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition} NOT VALID;\n` +
  `and in the next file: ALTER TABLE ${table} VALIDATE CONSTRAINT ${name};`

/** Of a constraint without a name, the one that the server chooses. */
const nameOf = ({ statement }: Subject, { conname }: Constraint): string => {
  if (conname !== undefined) return quoteName(conname)
  const chosen = statement.effects.flatMap((effect) =>
    effect.kind === 'create' && effect.object.kind === 'constraint' && effect.named === 'by server'
      ? [effect.object.name]
      : [],
  )
  return chosen.length === 1 ? chosen.map(quoteName).join() : '…'
}

const checkedWithColumn = (
  subject: Subject,
  { command, relation }: Command,
): readonly RuleFinding[] => {
  const column = columnDefinition(command)
  if (column === undefined) return []
  const foreign = columnConstraint(column, 'CONSTR_FOREIGN')
  // Without a default, and be it NULL, PostgreSQL takes the foreign key of a new column without looking.
  const found =
    columnConstraint(column, 'CONSTR_CHECK') ??
    (columnConstraint(column, 'CONSTR_DEFAULT') === undefined ? undefined : foreign)
  if (found === undefined) return []
  const table = sqlRelation(relation)
  const name = quoteName(column.colname ?? '')
  const constraint = nameOf(subject, found)
  const index = indexOf(subject, found.location)
  const text = throughBrackets(subject.migration.text.slice(index, subject.statement.end))
    .replace(/^CONSTRAINT\s+\S+\s+/i, '')
    .replace(/^REFERENCES/i, `FOREIGN KEY (${name}) REFERENCES`)
  return [
    {
      index,
      message: `all rows of ${table} are checked against the constraint of the new column ${name} while others wait`,
      cure: `ADD COLUMN ${name} without it, then\n${inTwoSteps(table, constraint, brief(text))}`,
    },
  ]
}

export const uniqueWithoutIndex: Rule = {
  id: 'unique-without-index',
  level: 'warning',
  title: 'a key builds its index while everybody waits',
  condition:
    'A UNIQUE or PRIMARY KEY constraint is added to a table that this file does not create itself, without USING INDEX; also one in the definition of a new column. An EXCLUDE constraint, for which there is no other form.',
  effect:
    'The index is built under an ACCESS EXCLUSIVE lock: nobody can read or write the table until it is built.',
  hazard: { kind: 'scan', relation: 'call_log', level: 'ACCESS EXCLUSIVE' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_call_sid_key.sql': `ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_call_sid_key;
ALTER TABLE call_log ADD CONSTRAINT call_log_call_sid_key UNIQUE (call_sid);
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_call_sid_key.sql': `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS call_log_call_sid_key ON call_log (call_sid);
`,
      '0003_call_log_call_sid_key.sql': `ALTER TABLE call_log DROP CONSTRAINT IF EXISTS call_log_call_sid_key;
ALTER TABLE call_log ADD CONSTRAINT call_log_call_sid_key UNIQUE USING INDEX call_log_call_sid_key;
`,
    },
  },
  check: (subject) =>
    commandsOnOldTables(subject).flatMap((command) => buildsIndex(subject, command)),
}

const keyKinds = {
  CONSTR_UNIQUE: 'UNIQUE',
  CONSTR_PRIMARY: 'PRIMARY KEY',
  CONSTR_EXCLUSION: 'EXCLUDE',
} as const

const buildsIndex = (
  subject: Subject,
  { command, relation, index }: Command,
): readonly RuleFinding[] => {
  const column = columnDefinition(command)
  const constraint =
    column === undefined
      ? command.subtype === 'AT_AddConstraint'
        ? asConstraint(command.def)
        : undefined
      : (columnConstraint(column, 'CONSTR_UNIQUE') ?? columnConstraint(column, 'CONSTR_PRIMARY'))
  const kind = Object.entries(keyKinds).find(([each]) => each === constraint?.contype)?.[1]
  if (constraint === undefined || kind === undefined || constraint.indexname !== undefined)
    return []
  const table = sqlRelation(relation)
  const keys = (constraint.keys ?? []).flatMap((key) =>
    'String' in key ? [key.String.sval ?? ''] : [],
  )
  const columns = keys.length > 0 ? keys : [column?.colname ?? '…']
  const name =
    constraint.conname ?? [relation.name, ...columns, kind === 'UNIQUE' ? 'key' : 'pkey'].join('_')
  const shown = columns.map(quoteName).join(', ')
  return [
    {
      index,
      message: `nobody can read or write ${table} while the index of ${kind} (${shown}) is built`,
      cure:
        kind === 'EXCLUDE'
          ? 'There is no other way to add it: run it when the table is small or the service is down, and allow it: -- @allow unique-without-index <reason>'
          : keyInTwoFiles(subject, { relation, constraint, kind, name, on: `${table} (${shown})` }),
    },
  ]
}

type Key = {
  readonly relation: Command['relation']
  readonly constraint: Constraint
  readonly kind: string
  readonly name: string
  /** 't (a, b)' */
  readonly on: string
}

/** The index of a key that is replaced has its name until the old key is dropped: the new one is built under another. */
const keyInTwoFiles = (
  { earlier, statement }: Subject,
  { relation, constraint, kind, name, on }: Key,
): string => {
  const key = objectKey(ownedObject('constraint', relation, name))
  const isReplaced =
    earlier.isDropped(key) ||
    statement.effects.some((each) => each.kind === 'drop' && objectKey(each.object) === key)
  const fresh = quoteName(isReplaced ? `${name}_new` : name)
  const [table, quoted] = [sqlRelation(relation), quoteName(name)]
  const included = (constraint.including ?? []).flatMap((column) =>
    'String' in column ? [quoteName(column.String.sval ?? '')] : [],
  )
  const rest =
    (included.length === 0 ? '' : ` INCLUDE (${included.join(', ')})`) +
    (constraint.nulls_not_distinct === true ? ' NULLS NOT DISTINCT' : '')
  const deferred =
    (constraint.deferrable === true ? ' DEFERRABLE' : '') +
    (constraint.initdeferred === true ? ' INITIALLY DEFERRED' : '')
  return (
    `In a file of its own: CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${fresh} ON ${on}${rest};\n` +
    `and in the next file: ${isReplaced ? `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${quoted}; ` : ''}` +
    `ALTER TABLE ${table} ADD CONSTRAINT ${quoted} ${kind} USING INDEX ${fresh}${deferred};`
  )
}
