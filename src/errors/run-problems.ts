// What can go wrong under the lock, and our own bugs.

import { define, quoteName, someMigrations, untouched } from './define.ts'
import {
  blockedBy,
  collisionIn,
  endLeaders,
  inTries,
  rolledBack,
  serverLines,
  type Blocked,
  type ServerWords,
} from './server-words.ts'

const nothingHalfDone =
  'Nothing is half done: what was under way is rolled back, what was committed is recorded.'

const notBegun =
  'Nothing of this migration ran; those before it are applied and recorded; none after it was attempted.'

const endBlockers = (facts: Blocked): string =>
  facts.sqlstate === '40001' || facts.sqlstate === 'XX000'
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
      `${facts.file} was changed while it was applied: the rows of this COPY are no longer those that the run read at its start`,
    database: rolledBack,
    fix: () => 'When nothing writes to the file any more, run again: it is then read as it is.',
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
      `${facts.file} ran, but ${facts.ledger} is not as it was before, with its row and nothing else new`,
    database: rolledBack,
    fix: (facts) =>
      `Only schemagate writes to ${facts.ledger}: take out of the file what changes its rows, or puts a trigger, a rule or another ` +
      'owner on it, also in functions and triggers that the file calls.',
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
  'role-left': define({
    category: 'migration failed',
    title: (facts: { file: string; role: string }) =>
      `${facts.file} left the role ${facts.role} (MIGRATION_ROLE): it ended as the login role`,
    database: rolledBack,
    fix: (facts) =>
      'RESET ROLE, SET ROLE NONE and SET SESSION AUTHORIZATION go back to the login role, and what is made then belongs to it: ' +
      `write SET ROLE ${quoteName(facts.role)} in their place.`,
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
      'Run again. If it happens each time at this file, something that it calls ends our session, which application_name shows ' +
      "(LIKE 'schemagate/%'); else something ends idle connections: look at the pooler.",
  }),
  'sessions-ended': define({
    category: 'migration failed',
    title: (facts: { file: string }) =>
      `a session of this run was ended while ${facts.file} ran, which ends sessions itself (pg_terminate_backend)`,
    detail: () => [
      'One session holds the migration lock, and another one runs the file. Without either nothing can be recorded.',
    ],
    database:
      'What was under way is rolled back, but for a statement that ran without a transaction; what is recorded stays. None after this file was attempted.',
    fix: () =>
      "Leave out the sessions of this run in the file's query: AND application_name NOT LIKE 'schemagate/%' AND pid <> pg_backend_pid(). " +
      'Where the file runs statement by statement and that statement is done, run again.',
  }),
  'ledger-moved': define({
    category: 'try again',
    title: (facts: { file: string; ledger: string }) =>
      `somebody else wrote to ${facts.ledger} before ${facts.file} ran`,
    database: rolledBack,
    fix: () => 'Run again: the plan is made anew from what the ledger says then.',
  }),
  'settings-changed': define({
    category: 'try again',
    title: (facts: { file: string }) =>
      `somebody else changed the settings of the login role or the database (ALTER ROLE … SET, ALTER DATABASE … SET) before ${facts.file} ran`,
    database: notBegun,
    fix: () => 'Run again: the next run plans with the settings as they are then.',
  }),
  interrupted: define({
    category: 'SIGTERM',
    title: (facts: { during: string }) => `stopped by SIGTERM ${facts.during}`,
    database: nothingHalfDone,
    fix: () => 'Run again: it goes on behind what is recorded.',
  }),
  'interrupted-by-hand': define({
    category: 'SIGINT',
    title: (facts: { during: string }) => `stopped by SIGINT ${facts.during}`,
    database: nothingHalfDone,
    fix: () => 'Run again: it goes on behind what is recorded.',
  }),
  'part-not-loaded': define({
    category: 'usage',
    title: (facts: { part: string; reason: string }) =>
      `schemagate cannot load its ${facts.part} (${facts.reason}): this installation is damaged or incomplete`,
    database: untouched,
    fix: () =>
      'Install the package again, or pull the image again, whole: all of dist/ belongs together. Then run again.',
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
