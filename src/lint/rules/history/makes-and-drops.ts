// A file that undoes itself: what another tool would keep in a down half, or what was pasted below.

import type { Take, TakenName } from '../../../schema/effects/rows/taken-name.ts'
import { describeObject, objectKey, type ObjectName } from '../../../schema/effects/effect.ts'
import { lossRule } from '../../loss-rules.ts'
import type { Rule } from '../../rule.ts'
import { indexOfWord, type Subject } from '../../subject/subject.ts'
import { callLog } from '../example.ts'

export const makesAndDrops: Rule = {
  id: 'makes-and-drops',
  level: 'error',
  title: 'a file removes what it creates itself',
  condition:
    'DROP, TRUNCATE, or DELETE without a key, of something that the same file creates with IF NOT EXISTS, creates without a statement in between that reads it, or inserts into. Not of a temporary table.',
  effect:
    'A file runs from its first line to its last. If the object already exists, IF NOT EXISTS keeps it, and the second half removes it with all its rows; if it does not, nothing is left of it.',
  hazard: { kind: 'lost rows', relation: 'leads' },
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
          message: `this file ${found.how} ${object}, and removes that again here`,
          cure: `Delete the statements that undo the file. For a table that only this file needs: CREATE TEMPORARY TABLE. If it is intended: -- @allow ${rule} <reason>`,
        },
      ]
    })
  },
}

type Undone = { readonly name: TakenName; readonly how: 'makes' | 'adds rows to' }

const undone = ({ earlier }: Subject, take: Take): Undone | undefined => {
  if (take.how === 'retype' || take.how === 'detach' || take.keyed) return undefined
  for (const name of take.candidates) {
    const key = objectKey(name as ObjectName)
    if (earlier.isDropped(key)) continue
    const made = earlier.madeBy(key)
    if (made !== undefined) {
      const isPointless = take.how === 'drop' && !earlier.isReadBehind(made.statement, name)
      return made.isGuarded || isPointless ? { name, how: 'makes' } : undefined
    }
    if (earlier.isFilled(key) && take.how !== 'drop') return { name, how: 'adds rows to' }
  }
  return undefined
}
