// What can go wrong under the lock, and our own bugs.

import { define, someMigrations, untouched } from './define.ts'
import { serverLines, type ServerWords } from './server-words.ts'

const nothingHalfDone =
  'Nothing is half done: what was under way is rolled back, what was committed is recorded.'

const rolledBack =
  'This migration was rolled back whole; those before it are applied and recorded; none after it was attempted.'

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
    title: (facts: ServerWords & { file: string; lockTimeout: string }) =>
      facts.sqlstate === '40P01'
        ? `${facts.file} lost a deadlock against another session`
        : `${facts.file} did not get its locks within ${facts.lockTimeout}`,
    detail: serverLines,
    database: rolledBack,
    fix: () =>
      'Another session holds a lock on a table of this migration (pg_stat_activity, pg_blocking_pids). Run again when it ' +
      'has ended, or allow a longer wait with MIGRATION_LOCK_TIMEOUT.',
  }),
  'unread-migration-failed': define({
    category: 'migration failed',
    title: (facts: ServerWords & { file: string; phase: string; advice: string }) =>
      `${facts.file} failed ${facts.phase}`.trimEnd(),
    detail: serverLines,
    database:
      'The parser could not read this file, so it went to the server whole. If a COMMIT in it took effect, what stands before ' +
      'it is in the database; else nothing of it is. It is not recorded, and none after it was attempted.',
    fix: () =>
      'Take transaction control out of the file, see with a catalog query what it left behind, and run again.',
  }),
  'not-recorded': define({
    category: 'migration failed',
    title: (facts: { file: string; ledger: string }) =>
      `${facts.file} ran, but ${facts.ledger} does not have its row and all others`,
    database: rolledBack,
    fix: (facts) =>
      `Look for rules and triggers on ${facts.ledger}, and for statements of the file that change its rows.`,
  }),
  'transaction-ended': define({
    category: 'migration failed',
    title: (facts: { file: string }) => `${facts.file} ended its own transaction`,
    detail: () => [
      'The parser could not read this file, so the server was given it whole; a COMMIT or ROLLBACK in it took effect.',
    ],
    database:
      'What stands before the COMMIT in this file may be in the database; the migration is not recorded. None after it was attempted.',
    fix: () =>
      'Take the COMMIT or ROLLBACK out of the file, see with a catalog query what it left behind, and run again.',
  }),
  'lock-timeout': define({
    category: 'try again',
    title: (facts: { waitedSeconds: number; pending: number; holder: string }) =>
      `another process held the migration lock for all of ${facts.waitedSeconds} s, with ${someMigrations(facts.pending)} still pending`,
    detail: (facts) => [`holder: ${facts.holder}`],
    database: untouched,
    fix: () =>
      'Run again when the holder has finished, or wait longer with MIGRATION_LOCK_WAIT_SECONDS. ' +
      'MIGRATION_ON_LOCK_TIMEOUT=skip starts the service all the same.',
  }),
  'lock-lost': define({
    category: 'try again',
    title: (facts: { file: string }) =>
      `the migration lock was lost before ${facts.file} could be recorded`,
    database: rolledBack,
    fix: () =>
      'Run again. If it happens often, something ends idle connections: look at the pooler.',
  }),
  'ledger-moved': define({
    category: 'try again',
    title: (facts: { file: string; ledger: string }) =>
      `somebody else wrote to ${facts.ledger} before ${facts.file} ran`,
    database: rolledBack,
    fix: () => 'Run again: the plan is made anew from what the ledger says then.',
  }),
  interrupted: define({
    category: 'SIGTERM',
    title: (facts: { during: string }) => `stopped by SIGTERM ${facts.during}`,
    database: nothingHalfDone,
    fix: () => 'Run again: it goes on from the first migration that is not recorded.',
  }),
  'interrupted-by-hand': define({
    category: 'SIGINT',
    title: (facts: { during: string }) => `stopped by SIGINT ${facts.during}`,
    database: nothingHalfDone,
    fix: () => 'Run again: it goes on from the first migration that is not recorded.',
  }),
  bug: define({
    category: 'bug',
    title: (facts: { name: string; message: string }) =>
      `schemagate itself failed: ${facts.name}: ${facts.message}`,
    database:
      'A migration that was under way is either committed and recorded whole, or not there at all.',
    fix: () => 'Please report it with this text and the log at LOG_LEVEL=debug. A re-run is safe.',
  }),
} as const
