// What can be wrong with backfills: their files, the database they meet, and a batch that fails.

import { define, notContacted, tooEarly, untouched } from './define.ts'
import { serverLines, type ServerWords } from './server-words.ts'

// What the server was running is our own batch around the statement: it would tell nobody anything.
type BatchWords = Omit<ServerWords, 'context' | 'internalQuery'>

const batchLines = (facts: BatchWords): readonly string[] =>
  serverLines({ ...facts, context: undefined, internalQuery: undefined })

const nextRun = (name: string): string => `schemagate backfill ${name}`

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'The folder backfills has none.' : `There are ${names.join(', ')}.`

export const backfillProblems = {
  'not-a-backfill': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} is no backfill: ${facts.reason}`,
    database: notContacted,
    fix: () => 'Name it like call_log_duration_sec.sql, or move it out of the folder.',
  }),
  'missing-directive': define({
    category: 'refused',
    title: (facts: { file: string; directive: string; form: string }) =>
      `${facts.file} does not say @${facts.directive}`,
    database: notContacted,
    fix: (facts) => `Write '-- @${facts.directive}' at its top, and behind it ${facts.form}.`,
  }),
  'backfill-statement': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} cannot run in batches: ${facts.reason}`,
    database: notContacted,
    fix: () =>
      'A backfill is one UPDATE, DELETE, INSERT or MERGE; :batch stands for the rows of one batch, for example:\n' +
      'UPDATE call_log SET duration_sec = 0 WHERE :batch AND duration_sec IS NULL;',
  }),
  'backfill-not-named': define({
    category: 'usage',
    title: (facts: { names: readonly string[]; given: 'nothing' | 'both' }) =>
      facts.given === 'nothing'
        ? 'which backfill? None is named'
        : 'backfills are named, and --all is given, too',
    database: notContacted,
    fix: (facts) => `Give the names of backfills, or --all and no name. ${listed(facts.names)}`,
  }),
  'unknown-backfill': define({
    category: 'usage',
    title: (facts: { name: string; nearest: string | undefined; names: readonly string[] }) =>
      `there is no backfill ${facts.name}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: notContacted,
    fix: (facts) =>
      `A backfill is named like its file in the folder backfills, without '.sql'. ${listed(facts.names)}`,
  }),
  'restart-of-all': define({
    category: 'usage',
    title: () => '--restart is given without the name of a backfill',
    database: notContacted,
    fix: () => 'Name those that are to start again from their first row.',
  }),
  'backfill-edited': define({
    category: 'refused',
    title: (facts: { name: string; file: string; state: string }) =>
      `${facts.file} was edited after it ${facts.state === 'done' ? 'was done' : 'began'}`,
    detail: () => [
      'Its table, key or statement differs from what the rows so far were given. Comments and the pace may change at any time.',
    ],
    database: untouched,
    fix: (facts) =>
      `Take the edit back; or let it start again from the first row: ${nextRun(facts.name)} --restart. ` +
      'A statement that passes over what is filled already does no harm then.',
  }),
  'backfill-too-early': tooEarly,
  'backfill-key': define({
    category: 'refused',
    title: (facts: {
      file: string
      key: readonly string[]
      table: string
      reason: string
      cure: string
    }) => `${facts.file} cannot walk ${facts.table} by ${facts.key.join(', ')}: ${facts.reason}`,
    detail: () => [
      'Each batch is found by the key alone: without a unique index of just these columns it would read the table from its start, or do rows twice.',
    ],
    database: untouched,
    fix: (facts) => facts.cure,
  }),
  'backfill-busy': define({
    category: 'try again',
    title: (facts: { name: string; holder: string }) =>
      `another process is at the backfill ${facts.name}`,
    detail: (facts) => [`holder: ${facts.holder}`],
    database: untouched,
    fix: () =>
      'Nothing needs to be done: each backfill is done by one process at a time, and that one goes on.',
  }),
  'backfill-not-writable': define({
    category: 'try again',
    title: (facts: { endpoint: string; reason: string }) =>
      `${facts.endpoint} takes no writes: ${facts.reason}`,
    database: untouched,
    fix: () =>
      'Point the URL at the primary, with a role that may write. If a failover is under way, try again when it is over.',
  }),
  'backfill-failed': define({
    category: 'migration failed',
    title: (facts: BatchWords & { file: string; name: string; rows: string }) =>
      `${facts.file} failed ${facts.rows}`,
    detail: batchLines,
    database: 'That batch was rolled back; those that were done are recorded.',
    fix: (facts) =>
      `Correct the rows, or exclude them, and go on: ${nextRun(facts.name)}. If the file itself is wrong, correct it and add --restart.`,
  }),
  'backfill-wrote-ledger': define({
    category: 'migration failed',
    title: (facts: { name: string; file: string }) =>
      `${facts.file} changed rows of schema_migrations, by its statement or by a trigger that it fired`,
    database: 'That batch was rolled back; those that were done are recorded.',
    fix: (facts) =>
      `Only schemagate writes to its ledger: take that out of the file or the trigger, and go on: ${nextRun(facts.name)} --restart.`,
  }),
  'backfill-check-failed': define({
    category: 'refused',
    title: (facts: BatchWords & { file: string; what: string }) =>
      `${facts.file}: the server refuses ${facts.what}`,
    detail: batchLines,
    database: untouched,
    fix: (facts) =>
      facts.sqlstate === '42501'
        ? 'GRANT the role the privilege it lacks, or set MIGRATION_ROLE to the owner of the table.'
        : 'Correct it there and run again.',
  }),
  'backfill-not-done': define({
    category: 'migration failed',
    title: (facts: { file: string; name: string }) =>
      `${facts.file} went through all rows and changed none, and still its @done is not true`,
    database: 'The rows that it changed before are done and recorded.',
    fix: (facts) =>
      `Let @done ask for no more than the statement does, or the statement do what @done asks for; then: ${nextRun(facts.name)} --restart.`,
  }),
  'backfill-taken-over': define({
    category: 'try again',
    title: (facts: { name: string }) =>
      `the backfill ${facts.name} lost its lock, or another process went on with it`,
    database: 'The batch under way was rolled back; those that were done are recorded.',
    fix: () =>
      'Run again. If it happens often, something ends idle connections: look at the pooler.',
  }),
} as const
