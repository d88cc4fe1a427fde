// What fails on a database that has a part of the file already.

import { quoteName } from '../../../errors/define.ts'
import {
  describeObject,
  objectKey,
  type Effect,
  type ObjectName,
} from '../../../schema/effects/effect.ts'
import { temporarySchema } from '../../../schema/effects/scope.ts'
import { isDump } from '../../../sql/text/dump-parts.ts'
import { columnDefinition, commandsOf } from '../../analysis/alter-commands.ts'
import type { RuleFinding, Rule } from '../../rule.ts'
import { brief, sqlObject, sqlRelation } from '../../analysis/sql-text.ts'
import { indexOfWord, textOf, type Subject } from '../../subject/subject.ts'
import { callLog } from '../example.ts'
import { duplicateColumn } from '../../../errors/server/sqlstate.ts'

export const unguardedStatement: Rule = {
  id: 'unguarded-statement',
  level: 'warning',
  onlyWith: 'unguarded',
  title: 'a statement fails when it is run again',
  condition:
    'A statement creates, drops or renames without IF NOT EXISTS, OR REPLACE or IF EXISTS, and the file has not dropped it before. Not in a dump that pg_dump wrote.',
  effect:
    'On a database that already has a part of the file (restored, repaired by hand, migrated by another tool) the whole file fails, and the services wait until somebody repairs it.',
  hazard: { kind: 'error', sqlstate: duplicateColumn, when: 'run again' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN started_at timestamptz;
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
  check: (subject) => {
    if (isDump(subject.migration.text)) return []
    return subject.statement.effects.flatMap((effect) =>
      // The next run has a session of its own.
      effect.object.schema === temporarySchema ? [] : unguarded(subject, effect),
    )
  },
}

const unguarded = (subject: Subject, effect: Effect): readonly RuleFinding[] => {
  switch (effect.kind) {
    case 'create':
      if (effect.inside !== undefined || isDroppedBefore(subject, effect.object)) return []
      if (effect.named === 'by server' && effect.guard === 'none')
        return [found(subject, effect.object, 'unnamed', createCure(subject, effect.object))]
      return effect.guard === 'none'
        ? [found(subject, effect.object, 'created', createCure(subject, effect.object))]
        : []
    case 'drop':
      return effect.guard === 'none'
        ? [found(subject, effect.object, 'dropped', dropCure(subject, effect.object))]
        : []
    case 'rename':
      return effect.guard === 'none'
        ? [found(subject, effect.object, 'renamed', renameCure(subject, effect.object))]
        : []
    case 'alter':
      return unguardedLabels(subject, effect)
  }
}

const words = {
  created: 'is created without a guard',
  unnamed: 'is created without a name of its own, so a second run makes a second one',
  dropped: 'is dropped without IF EXISTS',
  renamed: 'is renamed without a guard',
} as const

const found = (
  subject: Subject,
  object: ObjectName,
  what: keyof typeof words,
  cure: string,
): RuleFinding => ({
  index: indexOfWord(subject, object.name.replace(/\(.*$/s, '')),
  message: `${describeObject(object)} ${words[what]}`,
  cure,
})

/** DROP … IF EXISTS in front is the guard of what knows no IF NOT EXISTS. */
const isDroppedBefore = ({ earlier, statement }: Subject, object: ObjectName): boolean =>
  earlier.isDropped(objectKey(object)) ||
  statement.effects.some(
    (effect) => effect.kind === 'drop' && objectKey(effect.object) === objectKey(object),
  )

const tableOf = ({ schema, table }: ObjectName): string => sqlRelation({ schema, name: table })

const createCure = (subject: Subject, object: ObjectName): string => {
  const sql = textOf(subject)
  const name = quoteName(object.name)
  switch (object.kind) {
    case 'column':
      return `ALTER TABLE ${tableOf(object)} ${addColumn(subject, object)};`
    case 'constraint':
      return `ALTER TABLE ${tableOf(object)} DROP CONSTRAINT IF EXISTS ${name}; before it, in the same file, and ADD CONSTRAINT ${name} here`
    case 'policy':
      return `DROP POLICY IF EXISTS ${name} ON ${tableOf(object)}; before it, in the same file`
    case 'index':
      return `${brief(indexWithGuard(sql, name))};`
    case 'view':
    case 'function':
    case 'trigger':
      return `${brief(sql.replace(/^CREATE\s+/i, 'CREATE OR REPLACE '))};`
    case 'type':
      return `DO $$ BEGIN ${brief(sql)}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;`
    default:
      return `${brief(sql.replace(/^(CREATE\s+(?:UNLOGGED\s+)?(?:MATERIALIZED\s+VIEW|TABLE|SEQUENCE|SCHEMA|EXTENSION)\s+)/i, '$1IF NOT EXISTS '))};`
  }
}

const addColumn = (subject: Subject, { name }: ObjectName): string => {
  const added = commandsOf(subject).find(
    ({ command }) => columnDefinition(command)?.colname === name,
  )
  return brief((added?.text ?? '').replace(/^ADD\s+(COLUMN\s+)?/i, 'ADD COLUMN IF NOT EXISTS '))
}

const indexWithGuard = (sql: string, name: string): string =>
  sql.replace(
    /^(CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?)(ON\s)?/i,
    (_, head: string, on: string | undefined) =>
      `${head}IF NOT EXISTS ${on === undefined ? '' : `${name} ${on}`}`,
  )

const dropCure = (subject: Subject, object: ObjectName): string => {
  switch (object.kind) {
    case 'column':
      return `ALTER TABLE ${tableOf(object)} DROP COLUMN IF EXISTS ${quoteName(object.name)};`
    case 'constraint':
      return `ALTER TABLE ${tableOf(object)} DROP CONSTRAINT IF EXISTS ${quoteName(object.name)};`
    default:
      return `${brief(textOf(subject).replace(/^(DROP\s+(?:MATERIALIZED\s+VIEW|\w+)\s+(?:CONCURRENTLY\s+)?)/i, '$1IF EXISTS '))};`
  }
}

const renameCure = (subject: Subject, object: ObjectName): string => {
  const { schema, table, name } = object
  const test =
    table === ''
      ? `to_regclass('${sqlObject(object)}') IS NOT NULL`
      : `EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('${sqlRelation({ schema, name: table })}') AND attname = '${name}')`
  return `DO $$ BEGIN IF ${test} THEN ${brief(textOf(subject))}; END IF; END $$;`
}

const unguardedLabels = (
  subject: Subject,
  effect: Extract<Effect, { kind: 'alter' }>,
): readonly RuleFinding[] => {
  const [label, ...more] = Object.keys(effect.properties).filter((property) =>
    property.startsWith('label '),
  )
  // Two of them are a RENAME VALUE, which knows no guard.
  if (label === undefined || more.length > 0 || effect.guard !== 'none') return []
  const value = label.slice('label '.length)
  return [
    {
      index: indexOfWord(subject, value),
      message: `the value '${value}' is added to ${describeObject(effect.object)} without a guard`,
      cure: `ALTER TYPE ${sqlObject(effect.object)} ADD VALUE IF NOT EXISTS '${value}';`,
    },
  ]
}
