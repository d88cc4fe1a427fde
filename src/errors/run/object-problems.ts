// What can be wrong with the objects that are defined once, in migrations/objects/.

import { define, shellWord, shortList } from '../define.ts'

const objectsUntouched =
  'No object of migrations/objects was changed: they are applied in one transaction, which was rolled back. What the report lists as applied stays.'

export const objectProblems = {
  'not-an-object-file': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} is not the definition of one object: ${facts.reason}`,
    database: 'Nothing was changed.',
    fix: () =>
      'A file of migrations/objects/ holds one CREATE VIEW, MATERIALIZED VIEW, FUNCTION, PROCEDURE, AGGREGATE, TRIGGER, POLICY, OPERATOR, CAST, EVENT TRIGGER or TEXT SEARCH with what belongs to it (owner, grants, comments, the indexes of a materialized view); or, of one table, row level security, grants and comments; or the default privileges of one role, one schema and one kind of object. Name the object in the same way throughout. Everything else belongs into a migration.',
  }),
  'object-circle': define({
    category: 'refused',
    title: (facts: { files: readonly string[] }) =>
      `${facts.files[0] ?? ''} needs itself: ${facts.files.join(' needs ')}`,
    database: 'Nothing was changed.',
    fix: () =>
      'Break the circle: one of them must do without the next. What the body of a function names in a string is looked up when it runs, and does not count.',
  }),
  'object-twice': define({
    category: 'refused',
    title: (facts: { object: string; files: readonly string[] }) =>
      `${facts.object} is defined by ${facts.files.length} files: ${facts.files.join(', ')}`,
    database: objectsUntouched,
    fix: () => 'Keep one of them, and remove the others.',
  }),
  'object-needed': define({
    category: 'refused',
    title: (facts: { file: string; object: string; dependants: readonly string[] }) =>
      `${facts.object} cannot be dropped${facts.dependants.length === 0 ? '' : `: ${shortList(facts.dependants)} ${facts.dependants.length === 1 ? 'depends' : 'depend'} on it and cannot be made again from a file`}`,
    detail: ({ dependants }) => dependants,
    database: objectsUntouched,
    fix: ({ file }) =>
      `Give each of them a file in migrations/objects/ (then schemagate drops it and makes it again), or drop it in a migration. Or change ${shellWord(file)} so that the object can be replaced in place: CREATE OR REPLACE can add columns at the end of a view, and cannot change the type or the names of what is there.`,
  }),
  'object-large': define({
    category: 'refused',
    title: (facts: { file: string; objects: readonly string[]; mostMegabytes: number }) =>
      `${facts.file} would have ${shortList(facts.objects)} built again, which would keep readers out for long`,
    detail: ({ mostMegabytes }) => [
      `A materialized view of up to ${mostMegabytes} MB is dropped and built again on the way.`,
    ],
    database: objectsUntouched,
    fix: () =>
      'Drop it in a migration, at a time of your choosing: the run then builds it from its file. Or make the new definition a materialized view of another name, in a file of its own, and let its readers move.',
  }),
} as const
