// A file that undoes itself: what another tool would keep in a down half, or what was pasted below.

import type { Take, TakenName } from '../../effects/taken-name.ts'
import { describeObject, objectKey, type ObjectName } from '../../effects/effect.ts'
import type { ReadStatement } from '../../history/history.ts'
import { lossRule } from '../loss-rules.ts'
import type { Rule } from '../rule.ts'
import { indexOfWord, type Subject } from '../subject.ts'
import { callLog } from './example.ts'

export const makesAndDrops: Rule = {
  id: 'makes-and-drops',
  level: 'error',
  title: 'a file takes away what it makes itself',
  condition:
    'DROP, TRUNCATE or DELETE without a key of what the same file creates with IF NOT EXISTS, creates without a statement in between that reads it, or inserts into. Not of a temporary table.',
  effect:
    'A file runs from its first line to its last. Where the thing is there already, IF NOT EXISTS passes over it and the second half takes it away with all its rows; where it is not, nothing is left of it.',
  harm: { kind: 'lost rows', relation: 'leads' },
  bad: {
    files: {
      ...callLog,
      '0002_lead_seed.sql': `INSERT INTO leads (name) VALUES ('the first');
DELETE FROM leads;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      '0002_lead_seed.sql': `INSERT INTO leads (name) VALUES ('the first');
`,
    },
  },
  check: (subject) => {
    const allowed = (subject.migration.directives.allow ?? []).map(({ rule }) => rule)
    return subject.statement.takes.flatMap((take) => {
      const rule = lossRule(take, 'named')
      const found = allowed.includes(rule) ? undefined : undone(subject, take)
      if (found === undefined) return []
      const object = describeObject(found.name as ObjectName)
      return [
        {
          index: indexOfWord(subject, found.name.name),
          message: `this file ${found.how} ${object}, and takes that away again here`,
          cure: `Delete the statements that undo the file. For a table of its own work: CREATE TEMPORARY TABLE. If it is meant: -- @allow ${rule} <reason>`,
        },
      ]
    })
  },
}

type Undone = { readonly name: TakenName; readonly how: 'makes' | 'adds rows to' }

const undone = ({ earlier, migration }: Subject, take: Take): Undone | undefined => {
  if (take.how === 'retype' || take.how === 'detach' || take.keyed) return undefined
  for (const name of take.candidates) {
    const key = objectKey(name as ObjectName)
    const isGone = earlier.some(({ effects }) =>
      effects.some(({ kind, object }) => kind === 'drop' && objectKey(object) === key),
    )
    if (isGone) continue
    const made = earlier.findLastIndex(({ effects }) =>
      effects.some(({ kind, object }) => kind === 'create' && objectKey(object) === key),
    )
    if (made !== -1) {
      const isGuarded = earlier[made]?.effects.some(
        ({ guard, object }) => guard === 'if not exists' && objectKey(object) === key,
      )
      const isPointless =
        take.how === 'drop' && !isRead(earlier.slice(made + 1), name, migration.text)
      return isGuarded === true || isPointless ? { name, how: 'makes' } : undefined
    }
    const isFilled = earlier.some(({ fills }) =>
      fills.some((names) => names.some((each) => objectKey(each as ObjectName) === key)),
    )
    if (isFilled && take.how !== 'drop') return { name, how: 'adds rows to' }
  }
  return undefined
}

const reading = [
  ...(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'DoStmt'] as const),
  ...(['CallStmt', 'CreateTableAsStmt', 'ViewStmt', 'CopyStmt', 'RefreshMatViewStmt'] as const),
]

// INSERT INTO it names it once, and reads it only with a second time.
const isRead = (
  statements: readonly ReadStatement[],
  { name }: TakenName,
  text: string,
): boolean => {
  const word = new RegExp(
    `(?<![\\w$])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w$])`,
    'gi',
  )
  return statements.some(({ node, start, end }) => {
    const times = text.slice(start, end).match(word)?.length ?? 0
    return reading.some((kind) => kind in node) && times > ('InsertStmt' in node ? 1 : 0)
  })
}
