// What can go wrong with a migration that runs statement by statement: what is done stays done, and the next run goes on
// behind it.

import { define, tooEarly, untouched } from '../define.ts'
import {
  blockedBy,
  collisionIn,
  endLeaders,
  inTries,
  keptDone,
  noneLeft,
  serverLines,
  type Blocked,
  type ServerWords,
} from '../server/server-words.ts'
import { sideBySide, subjects, type Difference } from './state-problems.ts'

const goesOn = 'Run again: the next run resumes at this statement.'

const duplicateKeys = (keys: number | undefined): string => {
  if (keys === undefined) return 'some keys are'
  return keys === 1 ? '1 key is' : `${keys} keys are`
}

export const statementProblems = {
  'text-read-otherwise': define({
    category: 'refused',
    title: (facts: { file: string; setting: string; value: string }) =>
      `${facts.file} sets ${facts.setting} to '${facts.value}', which would change how the server reads the rest of the file`,
    detail: () => [
      'psql sends one statement at a time. schemagate sends the file as one message, which the server reads before the setting takes effect: it would write other data than psql does.',
    ],
    database: untouched,
    fix: ({ setting }) =>
      setting === 'standard_conforming_strings'
        ? "Write the literals in which a backslash escapes as E'…', and remove the SET."
        : 'Save the file as UTF-8, and remove the SET.',
  }),
  'session-state-between-steps': define({
    category: 'refused',
    title: (facts: { file: string; what: string; line: number; statement: string; cure: string }) =>
      `${facts.file}: ${facts.what} (line ${facts.line}) is lost before ${facts.statement} runs, which has a transaction of its own`,
    detail: () => [
      'This file runs in several transactions. Each begins with a clean session, because a run that resumes after an error has a new one.',
    ],
    database: untouched,
    fix: ({ cure }) => cure,
  }),
  'statement-failed': define({
    category: 'migration failed',
    title: (facts: ServerWords & { file: string; number: number; of: number; advice: string }) =>
      `${facts.file} failed at statement ${facts.number} of ${facts.of}`,
    detail: serverLines,
    database: keptDone,
    fix: (facts) => facts.advice,
  }),
  'statement-blocked': define({
    category: 'try again',
    title: (facts: Blocked & { file: string; number: number; of: number }) =>
      `statement ${facts.number} of ${facts.of} of ${facts.file} ${collisionIn(facts) ?? 'did not get its locks'}${inTries(facts)}`,
    detail: (facts) => [...serverLines(facts), ...blockedBy(facts)],
    database: keptDone,
    fix: (facts) => `${endLeaders(facts)} The next run resumes at this statement.`,
  }),
  'statements-stopped': define({
    category: 'try again',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} was stopped: ${facts.reason}`,
    database: keptDone,
    fix: () => goesOn,
  }),
  'statements-not-recorded': define({
    category: 'migration failed',
    title: (facts: { file: string; ledger: string }) =>
      `${facts.file} was stopped: something other than schemagate changed ${facts.ledger}`,
    detail: () => [
      'A statement of the file changed its rows or put an object on it, or another session did so without the migration lock.',
    ],
    database: `${keptDone} Changes to the ledger by a statement without a transaction, such as a procedure that commits, stay.`,
    fix: (facts) =>
      `Only schemagate writes to ${facts.ledger}. Restore it before you run again, because a migration without its row would run a second time; and remove what changes it from the file and from the procedures that the file calls.`,
  }),
  'statements-not-verified': define({
    category: 'migration failed',
    title: (facts: { file: string; differences: readonly Difference[] }) =>
      `${facts.file} ran, but the database does not have what it promises: ${subjects(facts.differences)}`,
    detail: (facts) => sideBySide(facts.differences),
    database:
      'All its statements are done and stay, and it is recorded as running. Earlier migrations are applied and recorded; none after it was attempted.',
    fix: () =>
      'A guard (IF NOT EXISTS) skipped something else of that name: change it to the expected definition, and run again. The next run compares again.',
  }),
  'statement-in-doubt': define({
    category: 'refused',
    title: (facts: {
      file: string
      version: string
      number: number
      statement: string
      checksum: string
      table: string
    }) =>
      `statement ${facts.number} of ${facts.file} (${facts.statement}) may or may not have run: the run that started it never got the answer`,
    database: untouched,
    fix: ({ version, number, checksum, table }) =>
      'Look in the database for what it does. If it is done:\n' +
      `UPDATE ${table} SET statements_done = ${number}, statement_checksums = statement_checksums || '${checksum}'::text WHERE version = '${version}';\n` +
      'If it has not run, or may run again:\n' +
      `UPDATE ${table} SET statement_started = statements_done WHERE version = '${version}';\n` +
      'Then run again.',
  }),
  'statement-still-running': define({
    category: 'try again',
    title: (facts: { file: string; number: number; pid: number; waitedSeconds: number }) =>
      `statement ${facts.number} of ${facts.file}, which an earlier run started, still runs on the server after ${facts.waitedSeconds} s`,
    detail: (facts) => [`server process: ${facts.pid}`],
    database: untouched,
    fix: (facts) =>
      `Run again when it has ended, or end it: SELECT pg_terminate_backend(${facts.pid});`,
  }),
  'index-not-unique': define({
    category: 'migration failed',
    title: (facts: {
      file: string
      number: number
      /** Undefined when counting took too long. */
      keys: number | undefined
      query: string
      message: string
    }) =>
      `statement ${facts.number} of ${facts.file}: the index cannot be unique, ${duplicateKeys(facts.keys)} in more than one row`,
    detail: (facts) => [`SQLSTATE 23505: ${facts.message}`],
    database: noneLeft,
    fix: (facts) => `Correct these rows, and run again:\n${facts.query};`,
  }),
  'index-build-timeout': define({
    category: 'try again',
    title: (facts: { file: string; number: number; bound: string; by: number | undefined }) =>
      facts.by === undefined
        ? `statement ${facts.number} of ${facts.file} did not finish within ${facts.bound} (MIGRATION_INDEX_TIMEOUT) and was cancelled`
        : `statement ${facts.number} of ${facts.file} waited ${facts.bound} (MIGRATION_INDEX_TIMEOUT) for pid ${facts.by}, which builds the same index or works on its table`,
    database: noneLeft,
    fix: () =>
      'The log says what it waited for: end those transactions, or raise MIGRATION_INDEX_TIMEOUT (0 for no limit), and run again.',
  }),
  'not-an-index-file': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} declares no index: ${facts.reason}`,
    database: untouched,
    fix: () => 'Write one CREATE [UNIQUE] INDEX CONCURRENTLY statement that names the index.',
  }),
  'index-differs': define({
    category: 'refused',
    title: (facts: { file: string; index: string; expected: string; found: string }) =>
      `${facts.file}: the database has ${facts.index} with a different definition`,
    detail: (facts) => [`expected: ${facts.expected}`, `found:    ${facts.found}`],
    database: untouched,
    fix: () =>
      'Declare the index under a new name, and drop the old one in a migration once the new one is there.',
  }),
  'index-not-built': define({
    category: 'migration failed',
    title: (facts: { file: string; sqlstate: string; message: string }) =>
      `the index of ${facts.file} was not built`,
    detail: (facts) => [`SQLSTATE ${facts.sqlstate}: ${facts.message}`],
    database: noneLeft,
    fix: () => 'Remove the cause, then run again: schemagate indexes.',
  }),
  'index-too-early': tooEarly,
  'indexes-busy': define({
    category: 'try again',
    title: (facts: { waitedSeconds: number; holder: string }) =>
      `another process has been building the declared indexes for the whole ${facts.waitedSeconds} s`,
    detail: (facts) => [`holder: ${facts.holder}`],
    database: untouched,
    fix: () => 'Leave it to that process, or run again when it has finished.',
  }),
  'edited-statement': define({
    category: 'refused',
    title: (facts: {
      file: string
      number: number
      done: number
      version: string
      table: string
    }) => `statement ${facts.number} of ${facts.file} was edited after it was done`,
    detail: (facts) => [
      `The file runs statement by statement; its first ${facts.done} are done and recorded, and must stay as they were.`,
    ],
    database: untouched,
    fix: () =>
      'Restore the finished statements from version control; those after them may be edited.',
  }),
} as const
