// The same thing defined twice: a new database fails, or gets the first of two definitions in silence.
// An error is only what no server accepts.

import { quoteName } from '../../../errors/define.ts'
import {
  describeObject,
  objectKey,
  type CreateEffect,
  type Definition,
  type Effect,
  type Property,
  type Properties,
  type ObjectName,
} from '../../../schema/effects/effect.ts'
import { currentValue } from '../../../schema/history/model/model.ts'
import { scopeOf } from '../../../schema/history/scope-of.ts'
import { isSameType, sqlType } from '../../analysis/column-type.ts'
import { definedBefore } from '../../analysis/defined-before.ts'
import type { Rule } from '../../rule.ts'
import { sqlObject, sqlRelation } from '../../analysis/sql-text.ts'
import { indexOfWord, type Subject } from '../../subject/subject.ts'
import { hasKnownColumns } from '../../analysis/uses.ts'
import type { HistoryStep } from '../../subject/whole-history.ts'
import { callLog } from '../example.ts'
import { duplicateColumn } from '../../../errors/server/sqlstate.ts'

export const duplicateObject: Rule = {
  id: 'duplicate-object',
  level: 'error',
  title: 'an object is defined twice',
  condition:
    'A table, column, index, constraint, type or other object is created, without OR REPLACE or IF NOT EXISTS, that an earlier statement of the history has surely created. Not where a statement in between may have dropped it unseen (a DO block, CASCADE), or where RENAME with IF EXISTS gave it its name.',
  effect:
    'After the files before it, this one fails on every server, and the services wait until somebody repairs it.',
  hazard: { kind: 'error', sqlstate: duplicateColumn, when: 'run' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN started_at timestamp;
`,
      '0003_call_log_timing.sql': `ALTER TABLE call_log ADD COLUMN started_at timestamptz;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
`,
      '0003_call_log_ended_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS ended_at timestamptz;
`,
    },
  },
  check: (subject) =>
    subject.statement.effects.flatMap((effect, index, effects) => {
      if (effect.kind !== 'create' || effect.guard !== 'none') return []
      if (isDroppedIn(subject, effects.slice(0, index), effect.object)) return []
      const first = definedBefore(subject, effect)
      if (first === undefined) return []
      const message = `${describeObject(effect.object)} is already defined in ${subject.wholeHistory.describe(first)}`
      return [{ index: indexOfObject(subject, effect), message, cure: takeOut(effect) }]
    }),
}

export const hiddenDefinition: Rule = {
  id: 'hidden-definition',
  level: 'warning',
  title: 'a second definition is silently ignored',
  condition:
    'IF NOT EXISTS precedes the definition of something that an earlier statement of the history has created with a different one: other columns, another type, other columns of an index. Not where both definitions are the same.',
  effect:
    'The second definition does nothing where the first has run. A database on which somebody created the object by hand, or which starts at this file, gets a different schema.',
  hazard: { kind: 'ignored', relation: 'call_log' },
  bad: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamp;
`,
      '0003_call_log_timing.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamptz;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_call_log_started_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS started_at timestamp;
`,
      '0003_call_log_ended_at.sql': `ALTER TABLE call_log ADD COLUMN IF NOT EXISTS ended_at timestamptz;
`,
    },
  },
  check: (subject) =>
    subject.statement.effects.flatMap((effect) => {
      if (effect.kind !== 'create' || effect.guard !== 'if not exists') return []
      const first = definedBefore(subject, effect)
      if (first === undefined) return []
      const other = differingParts(subject, effect, first)
      if (other.length === 0) return []
      const object = describeObject(effect.object)
      const inside = other.filter((each) => each !== object)
      const named = inside.length === 0 ? '' : ` (${inside.join(', ')})`
      const message = `IF NOT EXISTS ignores this definition of ${object}, which ${subject.wholeHistory.describe(first)} defines differently${named}`
      return [{ index: indexOfObject(subject, effect), message, cure: takeOut(effect) }]
    }),
}

// ALTER TABLE … DROP CONSTRAINT c, ADD CONSTRAINT c …; what belongs to a dropped column has gone with it.
const isDroppedIn = (
  { model, searchPath }: Subject,
  effects: readonly Effect[],
  object: ObjectName,
): boolean => {
  const scope = scopeOf(model, searchPath)
  return effects.some(
    (effect) =>
      effect.kind === 'drop' &&
      [effect.object, ...scope.goingWith(effect.object)].some(
        (gone) => objectKey(gone) === objectKey(object),
      ),
  )
}

/** Of the object and of what is inside it, what surely is another one; what only the server can compare is not. */
const differingParts = (
  subject: Subject,
  { object }: CreateEffect,
  first: HistoryStep,
): readonly string[] =>
  subject.statement.effects.flatMap((effect) => {
    if (effect.kind !== 'create' || !isOf(effect, object)) return []
    const tracked = subject.model.find(effect.object)
    const here = { at: subject.at, statement: subject.earlier.count() }
    const isOther =
      tracked?.isPresent === true
        ? entriesOf(effect.properties).some(([property, definition]) => {
            const value = currentValue(tracked, property)
            return value?.kind === 'defined' && surelyDiffers(value.definition, definition)
          })
        : effect.object.kind === 'column' &&
          hasKnownColumns(subject, effect.object) &&
          !subject.wholeHistory.mayHaveChanged(effect.object.name, first, here)
    return isOther ? [describeObject(effect.object)] : []
  })

const isOf = (effect: CreateEffect, object: ObjectName): boolean =>
  objectKey(effect.object) === objectKey(object) ||
  (effect.object.kind === 'column' &&
    effect.inside !== undefined &&
    objectKey(effect.inside) === objectKey(object))

const entriesOf = (properties: Properties): readonly (readonly [Property, Definition])[] =>
  Object.entries(properties) as [Property, Definition][]

const surelyDiffers = (a: Definition, b: Definition): boolean =>
  a.length === b.length &&
  a.every((part, at) => part.kind === b[at]?.kind) &&
  a.some((part, at) => {
    const other = b[at]
    if (part.kind === 'text' && other?.kind === 'text') return part.text !== other.text
    if (part.kind === 'columns' && other?.kind === 'columns')
      return part.names.join('\u0000') !== other.names.join('\u0000')
    return part.kind === 'type' && other?.kind === 'type' && !isSameType(part.type, other.type)
  })

const indexOfObject = (subject: Subject, { object: { name } }: CreateEffect): number =>
  indexOfWord(subject, name.replace(/\(.*$/s, ''))

const takeOut = ({ object, properties }: CreateEffect): string => {
  const { schema, table, name } = object
  const [type] = properties.type ?? []
  return object.kind === 'column' && type?.kind === 'type'
    ? `Remove this definition; if the column should get another type, write in a new file: ALTER TABLE ${sqlRelation({ schema, name: table })} ALTER COLUMN ${quoteName(name)} TYPE ${sqlType(type.type)};`
    : `Remove this definition, or give the new ${object.kind} a name of its own; if it should be replaced, drop ${sqlObject(object)} first.`
}
