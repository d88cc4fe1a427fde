// What can be wrong with backfills: their files, the database they meet, and a batch that fails.

import { define, notContacted, tooEarly, untouched } from '../define.ts'
import { serverLines, type ServerWords } from '../server/server-words.ts'
import { insufficientPrivilege } from '../server/sqlstate.ts'

// What the server was running is our own batch around the statement: printing it would not help anybody.
type BatchWords = Omit<ServerWords, 'context' | 'internalQuery'>

const batchLines = (facts: BatchWords): readonly string[] =>
  serverLines({ ...facts, context: undefined, internalQuery: undefined })

const nextRun = (name: string): string => `schemagate backfill ${name}`

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'There are none in the folder backfills.' : `Available: ${names.join(', ')}.`

export const backfillProblems = {
  'not-a-backfill': define({
    category: 'refused',
    title: (facts: { file: string; reason: string }) =>
      `${facts.file} is not a backfill file: ${facts.reason}`,
    database: notContacted,
    fix: () => 'Name it like call_log_duration_sec.sql, or move it out of the folder.',
  }),
  'missing-directive': define({
    category: 'refused',
    title: (facts: { file: string; directive: string; form: string }) =>
      `${facts.file} has no @${facts.directive} directive`,
    database: notContacted,
    fix: (facts) =>
      `Add the line '-- @${facts.directive} …' at the top of the file. Its value is ${facts.form}.`,
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
        ? 'no backfill was named'
        : 'backfills were named together with --all',
    database: notContacted,
    fix: (facts) =>
      `Name one or more backfills, or use --all without names. ${listed(facts.names)}`,
  }),
  'unknown-backfill': define({
    category: 'usage',
    title: (facts: { name: string; nearest: string | undefined; names: readonly string[] }) =>
      `there is no backfill ${facts.name}` +
      (facts.nearest === undefined ? '' : `; did you mean ${facts.nearest}?`),
    database: notContacted,
    fix: (facts) =>
      `A backfill has the name of its file in the folder backfills, without '.sql'. ${listed(facts.names)}`,
  }),
  'restart-of-all': define({
    category: 'usage',
    title: () => '--restart is given without the name of a backfill',
    database: notContacted,
    fix: () => 'Name the backfills that should start again from the first row.',
  }),
  'backfill-edited': define({
    category: 'refused',
    title: (facts: { name: string; file: string; state: string }) =>
      `${facts.file} was edited after it ${facts.state === 'done' ? 'finished' : 'started'}`,
    detail: () => [
      'Its table, key or statement is no longer the one that earlier batches ran with. Comments and the pacing directives may change at any time.',
    ],
    database: untouched,
    fix: (facts) =>
      `Undo the edit; or start again from the first row: ${nextRun(facts.name)} --restart. That does no harm if the statement skips rows that are already filled.`,
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
      'schemagate finds each batch by the key alone: without a unique index on exactly these columns, every batch would scan the table from its start, or process rows twice.',
    ],
    database: untouched,
    fix: (facts) => facts.cure,
  }),
  'backfill-busy': define({
    category: 'try again',
    title: (facts: { name: string; holder: string }) =>
      `another process is running the backfill ${facts.name}`,
    detail: (facts) => [`holder: ${facts.holder}`],
    database: untouched,
    fix: () =>
      'There is nothing to do: one process at a time runs a backfill, and that one continues.',
  }),
  'backfill-not-writable': define({
    category: 'try again',
    title: (facts: { endpoint: string; reason: string }) =>
      `${facts.endpoint} does not accept writes: ${facts.reason}`,
    database: untouched,
    fix: () =>
      'Point the URL at the primary, and use a role that can write. If a failover is in progress, try again when it is over.',
  }),
  'backfill-failed': define({
    category: 'migration failed',
    title: (facts: BatchWords & { file: string; name: string; rows: string }) =>
      `${facts.file} failed ${facts.rows}`,
    detail: batchLines,
    database: 'That batch was rolled back; the batches before it are committed and recorded.',
    fix: (facts) =>
      `Correct the rows or exclude them, then resume: ${nextRun(facts.name)}. If the file itself is wrong, correct it and add --restart.`,
  }),
  'backfill-wrote-ledger': define({
    category: 'migration failed',
    title: (facts: { name: string; file: string }) =>
      `${facts.file} changed rows of schema_migrations, through its statement or a trigger`,
    database: 'That batch was rolled back; the batches before it are committed and recorded.',
    fix: (facts) =>
      `Only schemagate writes to its ledger. Remove that from the file or the trigger, then start again: ${nextRun(facts.name)} --restart.`,
  }),
  'backfill-check-failed': define({
    category: 'refused',
    title: (facts: BatchWords & { file: string; what: string }) =>
      `${facts.file}: the server rejects ${facts.what}`,
    detail: batchLines,
    database: untouched,
    fix: (facts) =>
      facts.sqlstate === insufficientPrivilege
        ? 'Grant the role the missing privilege, or set MIGRATION_ROLE to the owner of the table.'
        : 'Correct it at the place shown, and run again.',
  }),
  'backfill-not-done': define({
    category: 'migration failed',
    title: (facts: { file: string; name: string }) =>
      `${facts.file} went through all rows without changing any, but its @done query is still not true`,
    database: 'The rows that earlier batches changed are committed and recorded.',
    fix: (facts) =>
      `Make the two agree: @done must not ask for more than the statement does. Then: ${nextRun(facts.name)} --restart.`,
  }),
  'backfill-taken-over': define({
    category: 'try again',
    title: (facts: { name: string }) =>
      `the backfill ${facts.name} lost its lock, or another process took it over`,
    database:
      'The current batch was rolled back; the batches before it are committed and recorded.',
    fix: () =>
      'Run again. If this happens often, something closes idle connections: check the pooler.',
  }),
} as const
