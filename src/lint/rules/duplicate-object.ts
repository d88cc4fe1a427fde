// The same thing defined twice: a new database fails, or gets the first of two definitions in silence.

import { quoteName } from '../../errors/define.ts'
import { describeObject, objectKey, type CreateEffect } from '../../effects/effect.ts'
import { sqlType } from '../column-type.ts'
import type { Found, Rule } from '../rule.ts'
import { sqlObject, sqlRelation } from '../sql-text.ts'
import { indexOfWord, type Subject } from '../subject.ts'
import { lastBefore, type Step } from '../whole.ts'
import { callLog } from './example.ts'

export const duplicateObject: Rule = {
  id: 'duplicate-object',
  level: 'error',
  title: 'an object is defined twice',
  condition:
    'A table, column, index, constraint, type or other object is created that an earlier statement of the history has created and none has dropped. Not for OR REPLACE, nor for schemas and extensions under IF NOT EXISTS.',
  effect:
    'On a fresh database the second definition fails; under IF NOT EXISTS it is passed over in silence, and which of the two a database has depends on the order in which it was migrated.',
  harm: { kind: 'error', sqlstate: '42701', when: 'run' },
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
      if (effect.kind !== 'create' || isPrecondition(effect)) return []
      // ALTER TABLE … DROP CONSTRAINT c, ADD CONSTRAINT c …
      const isDropped = effects
        .slice(0, index)
        .some((each) => each.kind === 'drop' && objectKey(each.object) === objectKey(effect.object))
      if (isDropped) return []
      const first = firstDefinition(subject, effect)
      return first === undefined ? [] : [found(subject, effect, first)]
    }),
}

/** Several files may say that they need it, or replace it. */
const isPrecondition = ({ guard, object: { kind } }: CreateEffect): boolean =>
  guard === 'or replace' ||
  (guard === 'if not exists' && (kind === 'extension' || kind === 'schema'))

const firstDefinition = (subject: Subject, effect: CreateEffect): Step | undefined => {
  const { model, whole, at, earlier } = subject
  const tracked = model.find(effect.object)
  if (tracked?.isPresent !== true) return undefined
  // What a table that is there already keeps from being created, the table's own finding tells.
  if (effect.inside !== undefined && model.find(effect.inside)?.isPresent === true) return undefined
  const here = { at, statement: earlier.count() }
  const first = lastBefore(whole.creations(effect.object), here)
  if (first === undefined) return undefined
  return whole.mayHaveChanged(effect.object.name, first, here) ? undefined : first
}

const found = (subject: Subject, { object, guard, facets }: CreateEffect, first: Step): Found => {
  const { schema, table, name } = object
  const [type] = facets.type ?? []
  return {
    index: indexOfWord(subject, name.replace(/\(.*$/s, '')),
    message:
      `${describeObject(object)} is defined already, in ${subject.whole.describe(first)}` +
      (guard === 'if not exists' ? '; IF NOT EXISTS hides it' : ''),
    cure:
      object.kind === 'column' && type?.kind === 'type'
        ? `Take this definition out; if the column is to have another type, in a new file: ALTER TABLE ${sqlRelation({ schema, name: table })} ALTER COLUMN ${quoteName(name)} TYPE ${sqlType(type.type)};`
        : `Take this definition out, or give the new ${object.kind} a name of its own; if it is to be replaced, drop ${sqlObject(object)} first.`,
  }
}
