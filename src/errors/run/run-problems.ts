// What can go wrong under the lock, and our own bugs.

import { define, quoteName, someMigrations, untouched } from '../define.ts'
import {
  blockedBy,
  collisionIn,
  endLeaders,
  inTries,
  rolledBack,
  serverLines,
  type Blocked,
  type ServerWords,
} from '../server/server-words.ts'
import { isRowCollision } from '../server/sqlstate.ts'

const nothingHalfDone =
  'Nothing is half done: the work in progress was rolled back, and what was committed is recorded.'

const notBegun =
  'This migration did not start; those before it are applied and recorded; none after it was attempted.'

const endBlockers = (facts: Blocked): string =>
  isRowCollision(facts.sqlstate)
    ? 'Run again when the other session has finished. MIGRATION_LOCK_RETRIES allows more tries.'
    : `${endLeaders(facts)} MIGRATION_LOCK_RETRIES and MIGRATION_LOCK_TIMEOUT make the gate wait longer.`

export const runProblems = {
  'migration-failed': define({
    category: 'migration failed',
    title: (facts: ServerWords & { file: string; phase: string; advice: string }) =>
      `${facts.file} failed ${facts.phase}`.trimEnd(),
    detail: serverLines,
    database: rolledBack,
    fix: (facts) => facts.advice,
  }),
  'blocked-ddl': define({
    category: 'try again',
    title: (facts: Blocked & { file: string; lockTimeout: string }) =>
      collisionIn(facts) !== undefined
        ? `${facts.file} ${collisionIn(facts) ?? ''}${inTries(facts)}`
        : `${facts.file} did not get its locks${inTries(facts)} (lock_timeout ${facts.lockTimeout})`,
    detail: (facts) => [...serverLines(facts), ...blockedBy(facts)],
    database: rolledBack,
    fix: endBlockers,
  }),
  'ledger-blocked': define({
    category: 'try again',
    title: (facts: Blocked & { file: string; ledger: string; lockTimeout: string }) =>
      `${facts.file} could not begin: another session has locked ${facts.ledger}${inTries(facts)} (lock_timeout ${facts.lockTimeout})`,
    detail: (facts) => [...serverLines(facts), ...blockedBy(facts)],
    database: notBegun,
    fix: endBlockers,
  }),
  'rows-changed': define({
    category: 'try again',
    title: (facts: { file: string }) =>
      `${facts.file} was changed while it was applied: the rows of this COPY are no longer those that schemagate read when the run began`,
    database: rolledBack,
    fix: () => 'Make sure that nothing writes to the file, then run again.',
  }),
  'unread-migration-failed': define({
    category: 'migration failed',
    title: (facts: ServerWords & { file: string; phase: string; advice: string }) =>
      `${facts.file} failed ${facts.phase}`.trimEnd(),
    detail: serverLines,
    database:
      'The parser could not read this file, so schemagate sent it to the server as a whole. If a COMMIT in it took effect, the statements before that COMMIT are in the database; otherwise nothing is. The file is not recorded, and none after it was attempted.',
    fix: () =>
      'Remove transaction control from the file, check with a catalog query what it left in the database, and run again.',
  }),
  'not-recorded': define({
    category: 'migration failed',
    title: (facts: { file: string; ledger: string }) =>
      `${facts.file} ran, but ${facts.ledger} was changed beyond the row that schemagate writes`,
    database: rolledBack,
    fix: (facts) =>
      `Only schemagate writes to ${facts.ledger}: remove whatever changes its rows, or puts a trigger, a rule or another owner on it, from the file and from the functions and triggers that the file calls.`,
  }),
  'transaction-ended': define({
    category: 'migration failed',
    title: (facts: { file: string }) => `${facts.file} ended its own transaction`,
    detail: () => [
      'The parser could not read this file, so schemagate sent it to the server as a whole; a COMMIT or ROLLBACK in it took effect.',
    ],
    database:
      'The statements before the COMMIT in this file may be in the database; the migration is not recorded. None after it was attempted.',
    fix: () =>
      'Remove the COMMIT or ROLLBACK from the file, check with a catalog query what it left in the database, and run again.',
  }),
  'role-left': define({
    category: 'migration failed',
    title: (facts: { file: string; role: string }) =>
      `${facts.file} left the role ${facts.role} (MIGRATION_ROLE): it ended as the login role`,
    database: rolledBack,
    fix: (facts) =>
      `RESET ROLE, SET ROLE NONE and SET SESSION AUTHORIZATION switch back to the login role, which then owns what the file creates: write SET ROLE ${quoteName(facts.role)} instead.`,
  }),
  'lock-timeout': define({
    category: 'try again',
    title: (facts: { waitedSeconds: number; pending: number; holder: string }) =>
      `another process held the migration lock for the whole ${facts.waitedSeconds} s, with ${someMigrations(facts.pending)} still pending`,
    detail: (facts) => [`holder: ${facts.holder}`],
    database: untouched,
    fix: () =>
      'Run again when the holder has finished, or wait longer with MIGRATION_LOCK_WAIT_SECONDS. MIGRATION_ON_LOCK_TIMEOUT=skip lets the service start anyway.',
  }),
  'lock-lost': define({
    category: 'try again',
    title: (facts: { file: string }) =>
      `the migration lock was lost before ${facts.file} could be recorded`,
    database: rolledBack,
    fix: () =>
      "Run again. If it happens every time at this file, something that the file calls ends the sessions of schemagate (application_name LIKE 'schemagate/%'); otherwise something closes idle connections: check the pooler.",
  }),
  'sessions-ended': define({
    category: 'migration failed',
    title: (facts: { file: string }) =>
      `${facts.file} ends sessions (pg_terminate_backend), and a session of this run was ended while it ran`,
    detail: () => [
      'One session holds the migration lock, and another one runs the file. Without both of them nothing can be recorded.',
    ],
    database:
      'The work in progress was rolled back, except for a statement that ran without a transaction; what is recorded stays. None after this file was attempted.',
    fix: () =>
      "Exclude the sessions of this run in the file's query: AND application_name NOT LIKE 'schemagate/%' AND pid <> pg_backend_pid(). If the file runs statement by statement and that statement is done, just run again.",
  }),
  'ledger-moved': define({
    category: 'try again',
    title: (facts: { file: string; ledger: string }) =>
      `another process wrote to ${facts.ledger} before ${facts.file} ran`,
    database: rolledBack,
    fix: () => 'Run again: the next run plans from the ledger as it is now.',
  }),
  'settings-changed': define({
    category: 'try again',
    title: (facts: { file: string }) =>
      `another session changed the settings of the login role or the database (ALTER ROLE … SET, ALTER DATABASE … SET) before ${facts.file} ran`,
    database: notBegun,
    fix: () => 'Run again: the next run plans with the new settings.',
  }),
  interrupted: define({
    category: 'SIGTERM',
    title: (facts: { during: string }) => `stopped by SIGTERM ${facts.during}`,
    database: nothingHalfDone,
    fix: () => 'Run again: the next run continues after what is recorded.',
  }),
  'interrupted-by-hand': define({
    category: 'SIGINT',
    title: (facts: { during: string }) => `stopped by SIGINT ${facts.during}`,
    database: nothingHalfDone,
    fix: () => 'Run again: the next run continues after what is recorded.',
  }),
  'part-not-loaded': define({
    category: 'usage',
    title: (facts: { part: string; reason: string }) =>
      `schemagate cannot load its ${facts.part} (${facts.reason}): this installation is damaged or incomplete`,
    database: untouched,
    fix: () =>
      'Install the whole package again, or pull the whole image again: all files in dist/ belong together. Then run again.',
  }),
  bug: define({
    category: 'bug',
    title: (facts: { name: string; message: string }) =>
      `schemagate itself failed: ${facts.name}: ${facts.message}`,
    database:
      'A migration in progress is either committed and recorded as a whole, or not in the database at all.',
    fix: () => 'Please report it with this text and the log at LOG_LEVEL=debug. A re-run is safe.',
  }),
} as const
