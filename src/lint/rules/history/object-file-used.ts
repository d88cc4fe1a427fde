// A migration that needs what a file of migrations/objects/ defines: there when the file is of today, not there on a new database.

import type { ObjectName } from '../../../schema/effects/effect.ts'
import { callsOf, operatorsOf, subtrees } from '../../../sql/tree/tree.ts'
import { undefinedTable } from '../../../errors/server/sqlstate.ts'
import { missingRelations, missingTypes } from '../../analysis/uses.ts'
import type { Rule } from '../../rule.ts'
import { unfollowedIn, type Unfollowed } from '../../subject/defined-elsewhere.ts'
import { bodyOf, indexOfWord, type Subject } from '../../subject/subject.ts'
import { lastBefore } from '../../subject/whole-history.ts'
import { callLog } from '../example.ts'

export const objectFileUsed: Rule = {
  id: 'object-file-used',
  level: 'warning',
  title: 'a migration uses what a file of migrations/objects defines',
  condition:
    'A statement of a migration reads, calls, changes or drops a view, function, aggregate, operator, trigger, policy, event trigger or text search configuration that a file of migrations/objects/ defines, and that no migration before it has created. Not for DROP with IF EXISTS: a run makes it again from its file.',
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
    const drop = bodyOf(subject, 'DropStmt')
    if (elsewhere.isEmpty || drop?.missing_ok === true) return []
    const used = usedBy(subject).filter((object) => !isMadeByMigrations(subject, object))
    const defined = new Set(used.flatMap((object) => elsewhere.find(object) ?? []))
    return [...defined].map(({ words, name, file }) => ({
      index: indexOfWord(subject, name),
      message: `${words} is used here, and ${file} defines it behind all migrations`,
      cure: `${drop === undefined ? 'Use the tables that it is made of, or define' : 'Write IF EXISTS: the run makes it again from its file. Or define'} in this migration what it needs, under a name of its own. If it was moved to ${file} after every database had run this file: -- @allow object-file-used <why>`,
    }))
  },
}

const usedBy = (subject: Subject): readonly (ObjectName | Unfollowed)[] => {
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
    ...dropped(subject),
    ...operatorsUsed(subject),
    ...configurationsUsed(subject),
    ...effects.flatMap(({ kind, object }) => (kind === 'create' ? [] : [object])),
  ]
}

const dropped = (subject: Subject): readonly Unfollowed[] => {
  const drop = bodyOf(subject, 'DropStmt')
  return drop === undefined ? [] : unfollowedIn(drop, subject.searchPath)
}

const operatorsUsed = ({ statement, searchPath }: Subject): readonly Unfollowed[] =>
  operatorsOf(statement.node).flatMap(({ schema, name }) =>
    (schema === '' ? searchPath : [schema]).map((each): Unfollowed => ({
      ...{ kind: 'operator', schema: each, name },
    })),
  )

// https://www.postgresql.org/docs/current/functions-textsearch.html: with two arguments, the first is the configuration.
const searching =
  /^(?:json_to_tsvector|jsonb_to_tsvector|to_tsvector|(?:plain|phrase|websearch_)?to_tsquery|ts_headline)$/

const configurationsUsed = ({ statement, searchPath }: Subject): readonly Unfollowed[] =>
  callsOf(statement.node).flatMap(({ name: called, args }) => {
    const [first, second] = args
    const [text] = subtrees(first).flatMap(({ sval }) => (typeof sval === 'string' ? [sval] : []))
    if (!searching.test(called) || second === undefined || text === undefined) return []
    const [name = '', schema] = text.split('.').toReversed()
    return (schema === undefined ? searchPath : [schema]).map((each): Unfollowed => ({
      ...{ kind: 'text search configuration', schema: each, name },
    }))
  })

// By its name alone: with which arguments a function is called is not looked at.
const isMadeByMigrations = (subject: Subject, object: ObjectName | Unfollowed): boolean => {
  const { model, wholeHistory, at, earlier } = subject
  const here = { at, statement: earlier.count() }
  if (lastBefore(wholeHistory.elsewhere.madeAt(object), here) !== undefined) return true
  if (object.kind !== 'function') return 'table' in object && model.find(object)?.isPresent === true
  const start = `${object.name.replace(/\(.*$/s, '')}(`
  return [...model.objects.values()].some(
    ({ isPresent, object: { kind, schema, name } }) =>
      isPresent && kind === 'function' && schema === object.schema && name.startsWith(start),
  )
}
