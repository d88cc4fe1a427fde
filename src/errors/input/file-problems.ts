// What can be wrong with migration files. All are found before anything runs, and all at once.

import { define, gitMove, notContacted, shellWord, shortList, untouched } from '../define.ts'

type Recorded = {
  readonly recordedName: string
  /** 'applied 2026-11-20T03:00:00.000Z', 'begun and not finished'. */
  readonly recordedAt: string
  readonly recordedBy: string
}

const recorded = ({ recordedName, recordedAt, recordedBy }: Recorded): string =>
  `recorded: ${recordedName}, ${recordedAt}, by ${recordedBy}`

const move = (from: string, to: string): string => gitMove({ from, to })

export const fileProblems = {
  'not-a-migration': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} is not a migration file: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'Name it like 0109_call_log_timing.sql (digits, _ or -, a name, .sql), or move it out of the folder.',
  }),
  'foreign-dialect': define({
    category: 'refused',
    title: (facts: {
      file: string
      /** Whose file it is. */
      tool: string
      /** The marker in quotes, or 'its name'. */
      sign: string
      /** Goes on from the sign. */
      means: string
      /** Lines of the file that undo what it does. */
      undoing: readonly string[]
      /** Further files with the same sign. */
      others: readonly string[]
      cure: string
    }) => `${facts.file} is written for ${facts.tool}: ${facts.sign} ${facts.means}`,
    detail: (facts) => [
      ...(facts.undoing.length === 0
        ? []
        : [
            `schemagate runs a file as a whole: ${facts.undoing.join(' and ')} would undo what the other lines do, and delete the data`,
          ]),
      ...(facts.others.length === 0 ? [] : [`the same is true of: ${shortList(facts.others)}`]),
    ],
    database: notContacted,
    fix: (facts) => facts.cure,
  }),
  'duplicate-version': define({
    category: 'refused',
    title: (facts: { version: string; files: readonly string[] }) =>
      `version ${facts.version} is claimed by ${facts.files.length} files: ${facts.files.join(', ')}`,
    detail: () => ['Leading zeros do not count: 9_ and 0009_ are the same version.'],
    database: notContacted,
    fix: () =>
      'Give the file that no database has recorded yet the next free number (schemagate status shows what is recorded).',
  }),
  'unreadable-file': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} cannot be read: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'It must be a regular file (or a link to one) that this user may read, of at most 64 MiB without the rows of COPY … FROM stdin: check what it is with ls -l, and the permissions of the file and its folder.',
  }),
  'unfilled-template': define({
    category: 'refused',
    title: (facts: { file: string }) =>
      `${facts.file} is still what 'schemagate new' wrote: it has no statement`,
    detail: () => [
      'schemagate would record it as applied, and what you write into it later would count as an edit.',
    ],
    database: notContacted,
    fix: (facts) => `Write the migration into it, or delete it:\nrm ${shellWord(facts.file)}`,
  }),
  'not-utf8': define({
    category: 'refused',
    title: (facts: { file: string; reason: string; cure: string }) =>
      `${facts.file} is not UTF-8: ${facts.reason}`,
    database: notContacted,
    fix: (facts) => facts.cure,
  }),
  'unknown-directive': define({
    category: 'refused',
    title: (facts: { directive: string; nearest: string; valid: string }) =>
      `there is no directive @${facts.directive}; did you mean @${facts.nearest}?`,
    database: notContacted,
    fix: (facts) =>
      `Valid directives: ${facts.valid}. If the line is a comment, write it without the '@'.`,
  }),
  'repeated-directive': define({
    category: 'refused',
    title: (facts: { directive: string }) => `@${facts.directive} is given twice`,
    database: notContacted,
    fix: () => 'Keep one of them.',
  }),
  'malformed-directive': define({
    category: 'refused',
    title: (facts: { directive: string; value: string; form: string }) =>
      `@${facts.directive} does not accept '${facts.value}'`,
    database: notContacted,
    fix: (facts) => `Write '-- @${facts.directive}' followed by ${facts.form}.`,
  }),
  'copy-through-client': define({
    category: 'refused',
    title: (facts: { file: string }) => `${facts.file} has a COPY that only psql can carry out`,
    database: untouched,
    fix: () =>
      'COPY … FROM stdin needs its rows, in text or CSV, on the lines after it, and a line \\. at their end. COPY … TO stdout has no client to write to: remove it.',
  }),
  'unterminated-text': define({
    category: 'refused',
    title: (facts: { file: string; message: string }) =>
      `${facts.file} has a quote or comment that does not end: ${facts.message}`,
    database: untouched,
    fix: () => 'Close the quote, comment or dollar quote that opens here.',
  }),
  'psql-command': define({
    category: 'refused',
    title: (facts: { file: string; command: string }) =>
      `${facts.file} holds the psql command '${facts.command}', which is not SQL`,
    database: untouched,
    fix: () =>
      'Remove the lines that start with a backslash (\\i, \\connect, \\set, …): psql runs them itself, and the server does not know them.',
  }),
  'needs-no-transaction': define({
    category: 'refused',
    title: (facts: { file: string; statement: string }) =>
      `${facts.file}: ${facts.statement} cannot run between BEGIN and COMMIT`,
    database: untouched,
    fix: () =>
      'Put it before the BEGIN, after the COMMIT, or into a file of its own, which then runs without a transaction.',
  }),
  'statements-unreadable': define({
    category: 'refused',
    title: (facts: { file: string }) =>
      `${facts.file} has @transaction off, but the parser cannot split it into statements`,
    database: untouched,
    fix: () =>
      "Correct the statement that 'schemagate lint' names; if it is valid and newer than the parser, put it into a file of its own without @transaction off.",
  }),
  'transaction-control': define({
    category: 'refused',
    title: (facts: { file: string; statement: string }) =>
      `${facts.file}: ${facts.statement} conflicts with the transaction in which schemagate runs and records the file`,
    detail: () => [
      'BEGIN and COMMIT in pairs, without options, are allowed, and so are savepoints.',
    ],
    database: untouched,
    fix: ({ statement }) =>
      statement === 'SET TRANSACTION'
        ? 'Remove it: a migration runs READ COMMITTED, alone under the migration lock. Use LOCK TABLE for what must not change meanwhile.'
        : 'Remove it, or split the file into one migration for each transaction.',
  }),
  'session-state-behind-pooler': define({
    category: 'refused',
    title: (facts: { file: string; setting: string; statement: string }) =>
      `${facts.file}: behind a pooler the setting ${facts.setting} would not last until ${facts.statement}`,
    detail: () => [
      'A statement without a transaction may run on another server connection of the pooler than the SET before it.',
    ],
    database: untouched,
    fix: () =>
      'Do without the setting (qualify names with their schema instead of setting search_path), or give the gate a direct connection: DATABASE_URL_DIRECT.',
  }),
  'version-taken': define({
    category: 'refused',
    title: (
      facts: Recorded & {
        file: string
        version: string
        /** The same file under the next free number. */
        free: string
        /** A file that has the recorded text, under another number. */
        moved: string | undefined
        /** Where that was when it was recorded. */
        back: string
      },
    ) =>
      `${facts.file} has version ${facts.version}, which the ledger has recorded for ${facts.recordedName}`,
    detail: (facts) => [
      recorded(facts),
      `The name and the text of this file differ from the recorded ones: it is another file, which has not run, or ${facts.recordedName} renamed and edited.`,
      ...(facts.moved === undefined ? [] : [`The recorded file is now called ${facts.moved}.`]),
    ],
    database: untouched,
    fix: (facts) =>
      `If it is another file, give it the next free number; the next run then applies it:\n${move(facts.file, facts.free)}\n` +
      (facts.moved === undefined
        ? `If it is ${facts.recordedName}, renamed and edited: restore its name and its text from version control, and put the change into a new migration.`
        : `And give the recorded file its number back:\n${move(facts.moved, facts.back)}`),
  }),
  'renumbered-file': define({
    category: 'refused',
    title: (facts: Recorded & { file: string; back: string }) =>
      `${facts.file} is already recorded as ${facts.recordedName}: its number was changed since then`,
    detail: (facts) => [recorded(facts), 'Under its new number it would run a second time.'],
    database: untouched,
    fix: (facts) => `Give it its number back:\n${move(facts.file, facts.back)}`,
  }),
  'renumbered-row': define({
    category: 'refused',
    title: (
      facts: Recorded & { file: string; version: string; recordedVersion: string; table: string },
    ) =>
      `the row of ${facts.file} in the ledger has the version ${facts.recordedVersion}: somebody changed it`,
    detail: (facts) => [recorded(facts), 'Under its own number the file would run a second time.'],
    database: untouched,
    fix: (facts) =>
      `Give the row its version back:\nUPDATE ${facts.table} SET version = '${facts.version}' WHERE version = '${facts.recordedVersion}';`,
  }),
  'edited-file': define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      recordedChecksum: string
      foundChecksum: string
      recordedAt: string
      recordedBy: string
      table: string
    }) => `${facts.file} was edited after it was applied`,
    detail: (facts) => [
      `recorded: sha256 ${facts.recordedChecksum}, applied ${facts.recordedAt} by ${facts.recordedBy}`,
      `found:    sha256 ${facts.foundChecksum}`,
    ],
    database: untouched,
    fix: (facts) =>
      'Restore the file from version control and put the change into a new migration.\n' +
      'If the edit does not change what the file does (a comment, say), accept it:\n' +
      `UPDATE ${facts.table} SET checksum = '${facts.foundChecksum}' WHERE version = '${facts.version}';`,
  }),
} as const
