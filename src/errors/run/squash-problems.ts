// Why an old history is not made into a base file.

import { define, notContacted, shortList, untouched } from '../define.ts'

const mostShown = 20

export const squashProblems = {
  'squash-no-number': define({
    category: 'usage',
    title: () => 'squash needs the number of the last file that goes into the base',
    database: notContacted,
    fix: () =>
      'Name a file that every database has run, one that no release before the next is without: schemagate squash --to 0109',
  }),
  'squash-unknown-number': define({
    category: 'usage',
    title: (facts: { number: string; nearest: string | undefined }) =>
      `no migration has the number ${facts.number}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: notContacted,
    fix: () => 'Give the number of a file in the folder: schemagate squash --to <number>',
  }),
  'squash-nothing-new': define({
    category: 'usage',
    title: (facts: { file: string }) => `${facts.file} is a base already, and nothing follows it`,
    database: notContacted,
    fix: () => 'Give the number of a later file.',
  }),
  'squash-not-ours': define({
    category: 'refused',
    title: (facts: { tool: string }) => `the folder is that of ${facts.tool}`,
    database: notContacted,
    fix: (facts) =>
      `Only files of schemagate's own can be squashed: a base file would be unknown to ${facts.tool}.`,
  }),
  'squash-file-exists': define({
    category: 'refused',
    title: (facts: { file: string }) => `${facts.file} already exists`,
    database: untouched,
    fix: () => 'squash writes over no file. Remove it, or give another number.',
  }),
  'squash-not-recorded': define({
    category: 'refused',
    title: (facts: { endpoint: string; files: readonly string[] }) =>
      `${facts.endpoint} has not run ${facts.files.length === 1 ? 'a file that would go' : `${facts.files.length} of the files that would go`} into the base: ${shortList(facts.files)}`,
    database: untouched,
    fix: () =>
      'A base is for files that every database has run. Run them there first (schemagate run), give a lower number, or name no database: then the files are taken as they are.',
  }),
  'squash-differs': define({
    category: 'refused',
    title: (facts: { differences: readonly string[] }) =>
      `the base does not make what the files make: ${facts.differences.length} difference${facts.differences.length === 1 ? '' : 's'}; no file was written`,
    detail: ({ differences }) => [
      ...differences.slice(0, mostShown),
      ...(differences.length > mostShown ? [`… and ${differences.length - mostShown} more`] : []),
    ],
    database: 'Your database was not changed, and the scratch databases are gone again.',
    fix: () =>
      'Make what a base cannot carry in a file behind it (give --to a lower number), or by other means than migrations. If a base should carry it, please report it with these lines.',
  }),
} as const
