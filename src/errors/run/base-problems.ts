// What can be wrong with a base file, and with a ledger that has part of what it replaces.

import { define, notContacted, shellWord, shortList, untouched } from '../define.ts'

type Range = { readonly file: string; readonly from: string; readonly to: string }

type Recorded = Range & {
  readonly version: string
  /** How many of the rows are there, and the name of the last. */
  readonly recorded: number
  readonly last: string
}

const rows = (count: number): string => `${count} row${count === 1 ? '' : 's'}`

export const baseProblems = {
  'base-number': define({
    category: 'refused',
    title: (facts: Range) =>
      `${facts.file} says that it replaces ${facts.from} to ${facts.to}, and has another number`,
    database: notContacted,
    fix: (facts) =>
      `A base file has the number of the last file that it replaces. Name it ${facts.to}_base.sql, or restore the line that schemagate squash has written.`,
  }),
  'replaced-files-left': define({
    category: 'refused',
    title: (facts: {
      base: string
      from: string
      to: string
      files: readonly string[]
      remove: string
    }) =>
      `${facts.base} replaces ${facts.from} to ${facts.to}, and ${facts.files.length === 1 ? 'one of those files is' : `${facts.files.length} such files are`} still there: ${shortList(facts.files)}`,
    detail: () => ['A new database would get what is in them twice.'],
    database: notContacted,
    fix: (facts) =>
      `Remove what is in the base:\n${facts.remove}\nA file that was merged after the squash is not in it: give it a number behind all others.`,
  }),
  'partly-replaced': define({
    category: 'refused',
    title: (facts: Recorded & { readonly isRunning: boolean; readonly removed: string }) =>
      facts.isRunning
        ? `${facts.file} replaces ${facts.from} to ${facts.to}, and the database has not finished one of them`
        : `${facts.file} replaces ${facts.from} to ${facts.to}, and the database has only part of them: ${rows(facts.recorded)}, up to ${facts.last}`,
    detail: () => ['The base makes all of it at once: it can run on an empty database only.'],
    database: untouched,
    fix: (facts) =>
      `First run the last release that still has those files, up to ${facts.to}; then this one. The commit that removed them, whose parent has them:\ngit log -1 --diff-filter=D --format=%h -- ${shellWord(facts.removed)}`,
  }),
  'replaced-rows-differ': define({
    category: 'refused',
    title: (
      facts: Recorded & {
        readonly table: string
        readonly expected: string
        readonly found: string
      },
    ) =>
      `${facts.file} replaces ${facts.from} to ${facts.to}, but other files than those have run in this database: ${rows(facts.recorded)}, up to ${facts.last}`,
    detail: (facts) => [
      `sha256 over the checksums of the files that were squashed: ${facts.expected}`,
      `sha256 over the checksums of the rows:                     ${facts.found}`,
    ],
    database: untouched,
    fix: (facts) =>
      `One of the files was edited before it was squashed, or was never run here, or a row has no file. The rows, to be compared with the files of the last release that has them (sha256sum):\nSELECT version, name, checksum FROM ${facts.table} ORDER BY ordinal;\nThen squash again from the files that have run.`,
  }),
} as const
