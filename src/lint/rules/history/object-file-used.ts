// A migration that needs what a file of migrations/objects/ defines: there when the file is of today, not there on a new database.

import type { ObjectName } from '../../../schema/effects/effect.ts'
import { splitName } from '../../../schema/effects/scope.ts'
import { callsOf, stringsOf } from '../../../sql/tree/tree.ts'
import { undefinedTable } from '../../../errors/server/sqlstate.ts'
import { missingRelations, missingTypes } from '../../analysis/uses.ts'
import type { Rule } from '../../rule.ts'
import { bodyOf, indexOfWord, type Subject } from '../../subject/subject.ts'
import { lastBefore } from '../../subject/whole-history.ts'
import { callLog } from '../example.ts'

export const objectFileUsed: Rule = {
  id: 'object-file-used',
  level: 'warning',
  title: 'a migration uses what a file of migrations/objects defines',
  condition:
    'A statement of a migration reads, calls, changes or drops a view, function, aggregate, trigger or policy that a file of migrations/objects/ defines, and that no migration before it has created.',
  effect:
    'Those files are applied behind all migrations. On a new database it does not exist yet, and the migration fails; on an old one, what it gets depends on which release was deployed before.',
  hazard: { kind: 'error', sqlstate: undefinedTable, when: 'run' },
  bad: {
    files: {
      ...callLog,
      'objects/long_calls.sql': `CREATE VIEW long_calls AS SELECT id, lead_id FROM call_log WHERE seconds > 60;
`,
      '0002_long_call_leads.sql': `CREATE TABLE IF NOT EXISTS long_call_leads (lead_id bigint);
INSERT INTO long_call_leads SELECT lead_id FROM long_calls;
`,
    },
  },
  good: {
    files: {
      ...callLog,
      'objects/long_calls.sql': `CREATE VIEW long_calls AS SELECT id, lead_id FROM call_log WHERE seconds > 60;
`,
      '0002_long_call_leads.sql': `CREATE TABLE IF NOT EXISTS long_call_leads (lead_id bigint);
INSERT INTO long_call_leads SELECT lead_id FROM call_log WHERE seconds > 60;
`,
    },
  },
  check: (subject) => {
    const { elsewhere } = subject.wholeHistory
    const used = usedBy(subject).filter((object) => !isMadeByMigrations(subject, object))
    const defined = new Set(used.flatMap((object) => elsewhere.find(object) ?? []))
    return [...defined].map(({ words, name, file }) => ({
      index: indexOfWord(subject, name),
      message: `${words} is used here, and ${file} defines it behind all migrations`,
      cure: `Use the tables that it is made of, or define in this migration what it needs, under a name of its own. If it was moved to ${file} after every database had run this file: -- @allow object-file-used <why>`,
    }))
  },
}

const usedBy = (subject: Subject): readonly ObjectName[] => {
  const { node, effects } = subject.statement
  const functions = callsOf(node).flatMap(({ schema, name }) =>
    (schema === '' ? subject.searchPath : [schema]).map((each): ObjectName => ({
      ...{ kind: 'function', schema: each, table: '', name },
    })),
  )
  return [
    ...missingRelations(subject),
    ...missingTypes(subject).filter(({ kind }) => kind === 'function'),
    ...functions,
    ...aggregatesDropped(subject),
    ...effects.flatMap(({ kind, object }) => (kind === 'create' ? [] : [object])),
  ]
}

const aggregatesDropped = (subject: Subject): readonly ObjectName[] => {
  const drop = bodyOf(subject, 'DropStmt')
  if (drop?.removeType !== 'OBJECT_AGGREGATE') return []
  return (drop.objects ?? []).flatMap((each) => {
    if (!('ObjectWithArgs' in each)) return []
    const [schema, name] = splitName(stringsOf(each.ObjectWithArgs.objname))
    return (schema === undefined ? subject.searchPath : [schema]).map((found): ObjectName => ({
      ...{ kind: 'function', schema: found, table: '', name },
    }))
  })
}

// By its name alone: with which arguments a function is called is not looked at.
const isMadeByMigrations = (subject: Subject, object: ObjectName): boolean => {
  const { model, wholeHistory, at, earlier } = subject
  const here = { at, statement: earlier.count() }
  if (lastBefore(wholeHistory.elsewhere.madeAt(object), here) !== undefined) return true
  if (object.kind !== 'function') return model.find(object)?.isPresent === true
  const start = `${object.name.replace(/\(.*$/s, '')}(`
  return [...model.objects.values()].some(
    ({ isPresent, object: { kind, schema, name } }) =>
      isPresent && kind === 'function' && schema === object.schema && name.startsWith(start),
  )
}
