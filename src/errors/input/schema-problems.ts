// What can be wrong with a file that `schema dump` is to be compared with, and with the schemas and tables that somebody names.

import { define, notContacted, shellWord, shortList, untouched } from '../define.ts'

export const schemaProblems = {
  'unreadable-schema-file': define({
    category: 'usage',
    title: (facts: { file: string; reason: string; command: string }) =>
      `${facts.file} cannot be compared with the database: ${facts.reason}`,
    database: notContacted,
    fix: (facts) =>
      `Name the file that schema dump has written. To write it:\n${facts.command} > ${shellWord(facts.file)}`,
  }),
  'unknown-schema': define({
    category: 'usage',
    title: (facts: { schema: string; nearest: string | undefined; schemas: readonly string[] }) =>
      `the database has no schema ${facts.schema}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: untouched,
    fix: (facts) =>
      `Schemas of the database: ${facts.schemas.join(', ')}. Names are as they are in the catalog, without quotes.`,
  }),
  'schema-file-differs': define({
    category: 'contract violated',
    title: (facts: { file: string; changed: number; command: string }) =>
      `${facts.file} is not what the database has: ${facts.changed} object${facts.changed === 1 ? '' : 's'} differ${facts.changed === 1 ? 's' : ''}`,
    database: untouched,
    fix: (facts) =>
      `When the database is right, write the file again and commit it with the migration:\n${facts.command} > ${shellWord(facts.file)}\nWhen the file is right, a migration is missing, or somebody has changed the database by hand: schemagate drift tells which.`,
  }),
  'unreadable-drift-ignore': define({
    category: 'usage',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} cannot be read: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'It is a text file, one pattern a line, such as "table audit.*"; make it readable for the user that runs schemagate, or remove it.',
  }),
  'nothing-recorded': define({
    category: 'refused',
    title: (facts: { ledger: string }) =>
      `nothing is recorded in ${facts.ledger}: there is nothing to compare the database with`,
    database: untouched,
    fix: () =>
      'Run the migrations first (schemagate run). A database that has them already: schemagate adopt records what is there.',
  }),
  'newer-rows': define({
    category: 'refused',
    title: (facts: { versions: readonly string[] }) =>
      `the ledger has migrations that are not among these files (${shortList(facts.versions)}): what they have changed would be called drift`,
    database: untouched,
    fix: () => 'Run schemagate drift with the files of the newest image that has migrated.',
  }),
} as const
