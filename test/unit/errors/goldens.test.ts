// The whole text of every problem. Read a changed golden as the operator who gets it at 3 a.m.

import { expect, test } from '@jest/globals'
import { problem, type Problem } from '../../../src/errors/problem.ts'
import { registry } from '../../../src/errors/registry.ts'
import { renderProblem } from '../../../src/report/formats/problem-text.ts'

const file = 'migrations/0109_call_log_timing.sql'
const backfill = 'migrations/backfills/call_log_duration_sec.sql'
const ledger = 'schemagate.schema_migrations'
const endpoint = 'DATABASE_URL (db.example:5432/app)'
const scratch = 'SCRATCH_URL (localhost:5499/postgres)'
const base = 'migrations/0109_base.sql'
const place = {
  file,
  line: 2,
  column: 13,
  excerpt: 'ALTER TABLE call_logg ADD COLUMN started_at timestamptz;',
}
const serverWords = {
  sqlstate: '42P01',
  message: 'relation "call_logg" does not exist',
  serverDetail: undefined,
  hint: 'Perhaps you meant "call_log".',
  context: undefined,
  internalQuery: undefined,
}
const failed = {
  ...serverWords,
  file,
  phase: 'at statement 2 of 3',
  advice: 'Correct it and run again.',
}
const onServer = (sqlstate: string, work: 'transaction' | 'statement' | 'index' | 'batch') => ({
  ...{ ...failed, work, sqlstate, hint: undefined },
  message: 'could not extend file "base/5/16384": No space left on device',
})
const contract = 'migrations/contracts/api.json'
const inContract = {
  file: contract,
  line: 9,
  column: 9,
  excerpt: '        "recording_mode": { "typ": "varchar(16)", "nullable": false },',
}
const refused = { role: 'lock', sqlstate: '53300', message: 'too many connections for role "app"' }
const onLedger = { ledger, sqlstate: '55P03', message: 'canceling statement due to lock timeout' }

const blocked = {
  lockTimeout: '5s',
  tries: 11,
  leaders: [{ pid: 4711, idleSeconds: 340 }],
  blockers: [
    'blocked by pid 4711 (psql, user app), idle in transaction for 340 s: SELECT * FROM call_log',
  ],
  behind: 3,
}

const samples: Readonly<Record<keyof typeof registry, Problem>> = {
  'unknown-command': problem('unknown-command', { command: 'rum', nearest: 'run' }),
  'unknown-flag': problem('unknown-flag', { flag: '--jsn', nearest: '--json', command: 'run' }),
  'unexpected-argument': problem('unexpected-argument', { argument: 'now', command: 'run' }),
  'unknown-variable': problem('unknown-variable', {
    name: 'DATABASE_URI',
    nearest: 'DATABASE_URL',
  }),
  'malformed-value': problem('malformed-value', {
    name: 'RUN_MIGRATIONS',
    value: 'yes',
    reason: 'is not valid',
    form: '1 or 0',
  }),
  'ambiguous-role': problem('ambiguous-role', { role: 'migrator' }),
  'secret-file-unreadable': problem('secret-file-unreadable', {
    name: 'PGPASSWORD_FILE',
    reason: 'EACCES',
  }),
  'given-twice': problem('given-twice', { name: 'DATABASE_URL' }),
  'no-database-named': problem('no-database-named', {}),
  'folder-missing': problem('folder-missing', { folder: 'migrations', reason: 'does not exist' }),
  'folder-empty': problem('folder-empty', { folder: 'migrations' }),
  'bad-migration-name': problem('bad-migration-name', { name: 'ünï' }),
  'file-not-written': problem('file-not-written', { file, reason: 'EROFS' }),
  'not-a-migration': problem('not-a-migration', { file, reason: 'it is a folder' }),
  'duplicate-version': problem('duplicate-version', {
    version: '9',
    files: ['m/9_a.sql', 'm/0009_b.sql'],
  }),
  'foreign-dialect': problem(
    'foreign-dialect',
    {
      ...{ file, tool: 'goose', sign: "'-- +goose Down'" },
      means: 'begins the part that undoes the migration',
      undoing: ['lines 5 to 6'],
      others: ['migrations/0110_b.sql'],
      cure: `Keep only the part that goes up:\nsed -e '1d' -e '5,$d' ${file} > ${file}.new && mv ${file}.new ${file}`,
    },
    place,
  ),
  'dialect-unclear': problem('dialect-unclear', {
    folder: 'migrations',
    ...{ tools: ['diesel', 'Hasura'], names: ['diesel', 'hasura'] },
  }),
  'claim-disagrees': problem('claim-disagrees', {
    ...{ file, version: '109', tool: 'Flyway', table: 'public.flyway_schema_history' },
    present: ['table public.call_log'],
    differences: [
      {
        object: 'column public.call_log.started_at',
        facet: 'type',
        expected: 'timestamp with time zone',
        found: 'timestamp without time zone',
      },
      {
        object: 'index public.call_log_started_at',
        facet: 'definition',
        expected: 'CREATE INDEX call_log_started_at ON public.call_log USING btree (started_at)',
        found: 'nothing',
      },
    ],
  }),
  'claim-edited': problem('claim-edited', {
    ...{ file, version: '109', tool: 'Flyway', table: 'public.flyway_schema_history' },
    ...{ recordedChecksum: '-1820133542', foundChecksum: '731829' },
  }),
  'tool-at-work': problem('tool-at-work', {
    ...{ tool: 'Prisma', table: 'public._prisma_migrations', waitedSeconds: 30 },
  }),
  'not-an-object-file': problem(
    'not-an-object-file',
    {
      file: 'migrations/objects/views/rich.sql',
      reason: 'it is about two objects: view app.rich and view app.poor',
    },
    {
      file: 'migrations/objects/views/rich.sql',
      ...{ line: 3, column: 1, excerpt: 'CREATE VIEW app.poor AS SELECT 1;' },
    },
  ),
  'object-circle': problem('object-circle', {
    files: [
      'migrations/objects/a.sql',
      'migrations/objects/b.sql',
      'migrations/objects/c.sql',
      'migrations/objects/a.sql',
    ],
  }),
  'object-twice': problem('object-twice', {
    object: 'view app.rich',
    files: ['migrations/objects/rich.sql', 'migrations/objects/views/rich.sql'],
  }),
  'object-needed': problem('object-needed', {
    file: 'migrations/objects/views/rich.sql',
    object: 'view app.rich',
    dependants: ['view app.mine', 'function app.first(app.rich)'],
  }),
  'object-large': problem('object-large', {
    file: 'migrations/objects/views/rich.sql',
    objects: ['materialized view app.totals (420 MB)'],
    mostMegabytes: 100,
  }),
  drifted: problem(
    'drifted',
    {
      drift: [
        {
          ...{ difference: 'different', object: 'column call_log.note', objectKind: 'column' },
          ...{ schema: 'public', table: 'call_log', name: 'note', property: 'type' },
          ...{ expected: 'text', found: 'character varying(50)', file, line: 2 },
        },
        {
          ...{ difference: 'missing', object: 'index call_log_note', objectKind: 'index' },
          ...{ schema: 'public', table: '', name: 'call_log_note', property: undefined },
          ...{ expected: undefined, found: undefined, file, line: 5 },
        },
        {
          ...{ difference: 'extra', object: 'trigger call_log.hot_fix', objectKind: 'trigger' },
          ...{ schema: 'public', table: 'call_log', name: 'hot_fix', property: undefined },
          ...{ expected: undefined, found: undefined, file: undefined, line: undefined },
        },
      ],
    },
    place,
  ),
  'tool-ledger-changed': problem('tool-ledger-changed', { table: 'public.goose_db_version' }),
  'dialect-misfit': problem('dialect-misfit', {
    ...{ file, tool: 'goose', reason: "has no '-- +goose Up'" },
    because: '11 of its 12 files have a marker of it',
  }),
  'code-migration': problem('code-migration', {
    ...{ file: 'migrations/0003_split.go', tool: 'goose', others: ['migrations/0007_fill.go'] },
  }),
  'only-by-tool': problem(
    'only-by-tool',
    {
      ...{ file: 'migrations/db.sql', tool: 'Liquibase' },
      reason: "has '--preconditions onFail:MARK_RAN', which only Liquibase evaluates",
    },
    { file: 'migrations/db.sql', line: 3, column: 1, excerpt: '--changeset ann:1' },
  ),
  'not-made-here': problem('not-made-here', {
    tool: 'Drizzle',
    reason:
      "Drizzle keeps a journal of its files: 'drizzle-kit generate --custom' makes an empty one",
  }),
  'unset-placeholder': problem(
    'unset-placeholder',
    { file, placeholder: '${OWNER}', variable: 'OWNER' },
    place,
  ),
  'unreadable-file': problem('unreadable-file', { file, reason: 'permission denied' }),
  'unfilled-template': problem('unfilled-template', { file }, place),
  'not-utf8': problem(
    'not-utf8',
    { file, reason: 'it holds a NUL character', cure: 'Remove it.' },
    place,
  ),
  'unknown-directive': problem(
    'unknown-directive',
    { directive: 'lock-timout', nearest: 'lock-timeout', valid: '@lock-timeout' },
    place,
  ),
  'repeated-directive': problem('repeated-directive', { directive: 'lock-timeout' }, place),
  'malformed-directive': problem(
    'malformed-directive',
    { directive: 'lock-timeout', value: '5', form: 'a number with a unit' },
    place,
  ),
  'copy-through-client': problem('copy-through-client', { file }, place),
  'unterminated-text': problem(
    'unterminated-text',
    { file, message: 'unterminated quoted string' },
    place,
  ),
  'psql-command': problem('psql-command', { file, command: '\\i' }, place),
  'needs-no-transaction': problem('needs-no-transaction', { file, statement: 'VACUUM' }, place),
  'transaction-control': problem('transaction-control', { file, statement: 'COMMIT' }, place),
  'edited-file': problem('edited-file', {
    file,
    version: '109',
    recordedChecksum: 'aa',
    foundChecksum: 'bb',
    recordedAt: '2026-11-20T03:00:00.000Z',
    recordedBy: 'app',
    table: ledger,
  }),
  'version-taken': problem('version-taken', {
    ...{ file: 'migrations/0003_b.sql', version: '3', free: 'migrations/0006_b.sql' },
    ...{ recordedName: '0003_a', recordedAt: 'applied 2026-11-20T03:00:00.000Z' },
    ...{ recordedBy: 'app', moved: undefined, back: 'migrations/0003_a.sql' },
  }),
  'renumbered-file': problem('renumbered-file', {
    ...{ file: 'migrations/0004_a.sql', back: 'migrations/0003_a.sql' },
    ...{
      recordedName: '0003_a',
      recordedAt: 'applied 2026-11-20T03:00:00.000Z',
      recordedBy: 'app',
    },
  }),
  'renumbered-row': problem('renumbered-row', {
    ...{ file, version: '109', recordedVersion: '777', table: 'schemagate.schema_migrations' },
    ...{ recordedName: '0109_call_log_timing', recordedAt: 'applied 2026-11-20T03:00:00.000Z' },
    recordedBy: 'app',
  }),
  'statements-unreadable': problem('statements-unreadable', { file }, place),
  'older-pooled-connections': problem(
    'older-pooled-connections',
    { file, statement: 'CREATE INDEX CONCURRENTLY' },
    place,
  ),
  'session-state-behind-pooler': problem(
    'session-state-behind-pooler',
    { file, setting: 'search_path', statement: 'CREATE INDEX CONCURRENTLY' },
    place,
  ),
  'sessions-ended': problem('sessions-ended', { file }),
  'session-state-between-steps': problem('session-state-between-steps', {
    file,
    what: 'the temporary object ids',
    line: 2,
    statement: 'DELETE FROM call_log',
    cure: 'Make it a permanent one, and drop it at the end of the file.',
  }),
  'statement-failed': problem(
    'statement-failed',
    { ...serverWords, file, number: 2, of: 3, advice: 'Correct it and run again.' },
    place,
  ),
  'statement-blocked': problem('statement-blocked', {
    ...serverWords,
    ...blocked,
    ...{ file, number: 2, of: 3, sqlstate: '55P03', hint: undefined },
    message: 'canceling statement due to lock timeout',
  }),
  'statements-stopped': problem('statements-stopped', {
    file,
    reason: 'the migration lock was lost',
  }),
  'statements-not-recorded': problem('statements-not-recorded', { file, ledger }),
  'statements-not-verified': problem(
    'statements-not-verified',
    {
      file,
      differences: [
        {
          object: 'index call_log_sid',
          facet: 'definition',
          expected: 'INDEX ON (sid)',
          found: 'INDEX ON (id)',
        },
      ],
    },
    place,
  ),
  'statement-in-doubt': problem('statement-in-doubt', {
    ...{ file, version: '109', number: 2, statement: 'CALL', checksum: 'aa', table: ledger },
  }),
  'statement-still-running': problem('statement-still-running', {
    ...{ file, number: 2, pid: 4711, waitedSeconds: 120 },
  }),
  'index-not-unique': problem(
    'index-not-unique',
    {
      ...{ file, number: 2, keys: 3, message: 'could not create unique index "call_log_sid_key"' },
      query:
        'SELECT sid, count(*) FROM public.call_log WHERE (sid) IS NOT NULL GROUP BY sid HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 20',
    },
    place,
  ),
  'index-build-timeout': problem('index-build-timeout', {
    ...{ file, number: 2, bound: '2h', by: undefined },
  }),
  'not-an-index-file': problem('not-an-index-file', {
    file: 'migrations/indexes/call_log_sid.sql',
    reason: 'its index has no name',
  }),
  'index-differs': problem('index-differs', {
    ...{ file: 'migrations/indexes/call_log_sid.sql', index: 'call_log_sid' },
    ...{
      expected: 'INDEX ON call_log USING btree (sid)',
      found: 'INDEX ON call_log USING hash (sid)',
    },
  }),
  'index-not-built': problem('index-not-built', {
    file: 'migrations/indexes/call_log_sid.sql',
    ...{ sqlstate: '22012', message: 'division by zero' },
  }),
  'index-too-early': problem('index-too-early', {
    file: 'migrations/indexes/call_log_sid.sql',
    missing: 'relation "call_log" does not exist',
  }),
  'indexes-busy': problem('indexes-busy', { waitedSeconds: 30, holder: 'pid 4711' }),
  'edited-statement': problem('edited-statement', {
    ...{ file, number: 1, done: 2, version: '109', table: ledger },
  }),
  'bad-git-ref': problem('bad-git-ref', {
    ref: 'origin/man',
    reason: 'git knows no such version, branch, tag or commit here',
  }),
  'git-not-usable': problem('git-not-usable', {
    ref: 'origin/main',
    reason: 'git is not installed',
  }),
  'database-unreachable': problem('database-unreachable', {
    endpoint,
    reason: 'connection refused: nothing listens there',
    waitedSeconds: 30,
  }),
  'login-refused': problem('login-refused', {
    endpoint,
    sqlstate: '28P01',
    message: 'password authentication failed for user "app"',
    ...{ user: 'app', databaseName: 'app', password: 'none' },
    doubt: 'PGPASSWORD ends with a line break, which counts as part of it',
  }),
  'tls-failed': problem('tls-failed', {
    endpoint,
    reason: 'its certificate has expired (CERT_HAS_EXPIRED)',
    cure: 'Have the certificate of db.example:5432 renewed.',
  }),
  'standby-server': problem('standby-server', { endpoint, pending: 2 }),
  'read-only-database': problem('read-only-database', {
    ...{ endpoint, pending: 1 },
    source: { source: 'database user', user: 'app', database: 'app' },
  }),
  'ledger-not-permitted': problem('ledger-not-permitted', {
    ledger,
    user: 'My-App',
    database: 'app',
    message: 'permission denied for database app',
  }),
  'ledger-not-ours': problem('ledger-not-ours', {
    ledger,
    user: 'deploy',
    flaws: [
      {
        what: 'schema_migrations belongs to joe',
        cure: 'ALTER TABLE schemagate.schema_migrations OWNER TO deploy;',
      },
      {
        what: 'schema_migrations has the trigger audit',
        cure: 'DROP TRIGGER audit ON schemagate.schema_migrations;',
      },
    ],
  }),
  'ledger-unreadable': problem('ledger-unreadable', {
    ledger,
    sqlstate: '42703',
    message: 'column "checksum" does not exist',
  }),
  'server-busy': problem('server-busy', refused),
  'server-refused': problem('server-refused', {
    ...refused,
    sqlstate: 'XX000',
    message: 'out of ideas',
  }),
  'part-not-loaded': problem('part-not-loaded', {
    part: 'SQL parser',
    reason: 'ERR_MODULE_NOT_FOUND',
  }),
  'pooler-too-small': problem('pooler-too-small', { endpoint, waitedSeconds: 30 }),
  'ledger-not-created': problem('ledger-not-created', {
    ...onLedger,
    sqlstate: 'P0001',
    message: 'no DDL',
  }),
  'migration-role-unknown': problem('migration-role-unknown', {
    role: 'app_owner',
    user: 'deploy',
  }),
  'migration-role-denied': problem('migration-role-denied', { role: 'app_owner', user: 'deploy' }),
  'ledger-busy': problem('ledger-busy', onLedger),
  'connection-lost': problem('connection-lost', {
    role: 'run',
    reason: 'the other side closed the connection',
  }),
  'migration-failed': problem('migration-failed', failed, place),
  'server-out-of-disk': problem('server-out-of-disk', onServer('53100', 'transaction'), place),
  'server-out-of-memory': problem('server-out-of-memory', onServer('53200', 'statement'), place),
  'server-limit': problem('server-limit', onServer('53400', 'batch'), place),
  'server-io-error': problem('server-io-error', { ...onServer('58030', 'index'), phase: '' }),
  'blocked-ddl': problem('blocked-ddl', { ...serverWords, ...onLedger, ...blocked, file }, place),
  'ledger-blocked': problem('ledger-blocked', { ...serverWords, ...onLedger, ...blocked, file }),
  'unread-migration-failed': problem('unread-migration-failed', failed, place),
  'rows-changed': problem('rows-changed', { file }, place),
  'not-recorded': problem('not-recorded', { file, ledger }),
  'transaction-ended': problem('transaction-ended', { file }),
  'role-left': problem('role-left', { file, role: 'app_owner' }),
  'lock-timeout': problem('lock-timeout', {
    waitedSeconds: 30,
    pending: 3,
    holder: 'pid 42, user app',
  }),
  'lock-lost': problem('lock-lost', { file }),
  'ledger-moved': problem('ledger-moved', { file, ledger }),
  'settings-changed': problem('settings-changed', { file }),
  interrupted: problem('interrupted', { during: `in ${file}` }),
  'interrupted-by-hand': problem('interrupted-by-hand', { during: 'before anything was applied' }),
  'data-loss': problem(
    'data-loss',
    {
      file,
      version: '109',
      losses: [
        {
          what: 'table customer',
          line: 4,
          size: ' (3.2 MB, about 1,200 rows)',
          because: 'the file makes it itself (line 2), and the database has it already',
          rule: 'drop-table',
        },
        {
          what: 'all rows of table orders',
          line: 5,
          size: '',
          because: 'the database has it, and no recorded or recognised file created it',
          rule: 'truncate',
        },
      ],
    },
    place,
  ),
  'conflicting-objects': problem(
    'conflicting-objects',
    {
      file,
      version: '109',
      differences: [
        {
          object: 'column call_log.started_at',
          facet: 'type',
          expected: 'timestamp without time zone',
          found: 'text',
        },
      ],
    },
    place,
  ),
  'renamed-by-hand': problem(
    'renamed-by-hand',
    {
      file,
      version: '109',
      renamed: [
        {
          object: 'column call_log.started_at',
          now: 'column call_log.begun_at',
          why: 'to be made',
          fingerprint: 'column public.call_log.started_at',
          back: 'ALTER TABLE public.call_log RENAME COLUMN begun_at TO started_at',
        },
        {
          object: 'table call_old',
          now: 'table call_kept',
          why: 'dropped',
          fingerprint: 'table public.call_old',
          back: 'ALTER TABLE public.call_kept RENAME TO call_old',
        },
      ],
    },
    place,
  ),
  'partial-state': problem('partial-state', {
    file,
    version: '109',
    present: ['column call_log.started_at'],
    missing: ['column call_log.ended_at', 'column call_log.duration_sec'],
    harm: ['repeat UPDATE (line 4)'],
  }),
  undecided: problem(
    'undecided',
    {
      file,
      version: '109',
      there: [],
      missing: ['index call_log_at'],
      harm: ['repeat UPDATE (line 2)'],
      doubt: undefined,
    },
    place,
  ),
  'late-conflict': problem(
    'late-conflict',
    {
      file,
      version: '109',
      meets: [
        { after: 'migrations/0110_call_ends.sql', object: 'column call_log.ended_at' },
        { after: 'migrations/0111_fill.sql', object: 'rows of table call_log' },
      ],
      moves: [{ from: file, to: 'migrations/0112_call_log_timing.sql' }],
    },
    place,
  ),
  'text-read-otherwise': problem(
    'text-read-otherwise',
    { file, setting: 'standard_conforming_strings', value: 'off' },
    place,
  ),
  'server-too-old': problem('server-too-old', {
    endpoint: 'DATABASE_URL (db/app)',
    version: '14.9',
  }),
  'out-of-order': problem('out-of-order', {
    ...{ file, version: '109', after: 'migrations/0110_b.sql' },
    moves: [{ from: file, to: 'migrations/0111_call_log_timing.sql' }],
  }),
  'fingerprint-failed': problem(
    'fingerprint-failed',
    { file, directive: '@fingerprint sql SELECT 1', reason: 'it returned 1, not true or false' },
    place,
  ),
  'not-verified': problem('not-verified', {
    file,
    differences: [
      {
        object: 'column call_log.started_at',
        facet: 'existence',
        expected: 'column',
        found: 'nothing',
      },
    ],
  }),
  'unreadable-contract': problem('unreadable-contract', {
    file: 'migrations/contracts/README.md',
    reason: 'its name does not end in .json',
  }),
  'contract-not-json': problem(
    'contract-not-json',
    { file: contract, reason: 'is not JSON: Unexpected token RBrace found' },
    { file: contract, line: 12, column: 3, excerpt: '  }' },
  ),
  'malformed-contract': problem(
    'malformed-contract',
    {
      file: contract,
      pointer: '/tables/call_log/columns/recording_mode/typ',
      found: '"typ"',
      isUnknown: true,
      nearest: 'type',
      form: 'one of "type", "nullable", "default"',
    },
    { ...inContract, column: 29 },
  ),
  'repeated-contract-member': problem(
    'repeated-contract-member',
    { file: contract, pointer: '/tables/call_log/columns/recording_mode', firstLine: 4 },
    inContract,
  ),
  'duplicate-contract': problem(
    'duplicate-contract',
    { service: 'api', files: [contract, 'migrations/contracts/worker.json'] },
    {
      file: 'migrations/contracts/worker.json',
      line: 2,
      column: 3,
      excerpt: '  "service": "api",',
    },
  ),
  'no-contracts': problem('no-contracts', { folder: 'migrations/contracts' }),
  'unknown-service': problem('unknown-service', {
    service: 'wroker',
    nearest: 'worker',
    services: ['api', 'calls', 'worker'],
  }),
  'contracts-not-named': problem('contracts-not-named', { count: 3 }),
  'unknown-table': problem('unknown-table', { table: 'call_logg', nearest: 'call_log' }),
  'contracts-not-readable': problem('contracts-not-readable', {
    waitedSeconds: 5,
    message: 'canceling statement due to lock timeout',
  }),
  'unreadable-schema-file': problem('unreadable-schema-file', {
    ...{ file: 'schema.sql', reason: 'it is not there' },
    command: 'schemagate schema dump --no-owner',
  }),
  'unknown-schema': problem('unknown-schema', {
    ...{ schema: 'audi', nearest: 'audit', schemas: ['app', 'audit', 'public'] },
  }),
  'schema-file-differs': problem('schema-file-differs', {
    ...{ file: 'schema.sql', changed: 2, command: 'schemagate schema dump' },
  }),
  'unreadable-drift-ignore': problem('unreadable-drift-ignore', {
    ...{ file: 'migrations/drift.ignore', reason: 'permission denied' },
  }),
  'nothing-recorded': problem('nothing-recorded', { ledger }),
  'base-number': problem('base-number', {
    ...{ file: 'migrations/0110_base.sql', from: '0001', to: '0109' },
  }),
  'replaced-files-left': problem('replaced-files-left', {
    ...{ base, from: '0001', to: '0109', files: [file, 'migrations/0105_late.sql'] },
    remove: `git rm ${file} migrations/0105_late.sql`,
  }),
  'partly-replaced': problem('partly-replaced', {
    ...{ file: base, version: 'B109', from: '0001', to: '0109', recorded: 57 },
    ...{ last: '0057_leads', isRunning: false, removed: 'migrations/0109_*.sql' },
  }),
  'replaced-rows-differ': problem('replaced-rows-differ', {
    ...{ file: base, version: 'B109', from: '0001', to: '0109', recorded: 109 },
    ...{ last: '0109_call_log_timing', table: ledger },
    ...{ expected: 'a'.repeat(64), found: 'b'.repeat(64) },
  }),
  'squash-no-number': problem('squash-no-number', {}),
  'squash-unknown-number': problem('squash-unknown-number', { number: '0190', nearest: '0109' }),
  'squash-nothing-new': problem('squash-nothing-new', { file: base }),
  'squash-not-ours': problem('squash-not-ours', { tool: 'Flyway' }),
  'squash-file-exists': problem('squash-file-exists', { file: base }),
  'squash-not-recorded': problem('squash-not-recorded', { endpoint, files: [file] }),
  'squash-differs': problem('squash-differs', {
    differences: [
      'user mapping app on server reports: a dump cannot carry it',
      'table app.customer: the files make "id integer NOT NULL,", the base "id bigint NOT NULL,"',
    ],
  }),
  'no-scratch-server': problem('no-scratch-server', { command: 'squash' }),
  'scratch-is-database': problem('scratch-is-database', { endpoint }),
  'scratch-not-usable': problem('scratch-not-usable', {
    ...{ endpoint: scratch, reason: 'the role app may not create databases' },
    cure: 'As a superuser of that server: ALTER ROLE app CREATEDB;',
  }),
  'scratch-shares-server': problem(
    'scratch-shares-server',
    {
      endpoint: scratch,
      statements: [`${file}:2 CREATE ROLE`, `${file}:9 ALTER DATABASE … SET`],
    },
    { file, line: 2, column: 1, excerpt: 'CREATE ROLE reader;' },
  ),
  'scratch-build-failed': problem(
    'scratch-build-failed',
    {
      endpoint: scratch,
      reason: `${file} failed at statement 2 of 3 (SQLSTATE 42704)`,
      words: ['SQLSTATE 42704: role "reader" does not exist'],
    },
    { file, line: 2, column: 1, excerpt: 'GRANT SELECT ON call_log TO reader;' },
  ),
  'scratch-not-made': problem('scratch-not-made', {
    ...{ endpoint: scratch, database: 'schemagate_scratch_4f2a9c01b7de' },
    ...{ sqlstate: '53100', message: 'could not write to file: No space left on device' },
  }),
  'newer-rows': problem('newer-rows', { versions: ['110', '111'] }),
  'wait-timeout': problem('wait-timeout', { waitedSeconds: 300, pending: 3, first: file }),
  'not-a-backfill': problem('not-a-backfill', { file: backfill, reason: 'it is a folder' }),
  'missing-directive': problem('missing-directive', {
    file: backfill,
    directive: 'key',
    form: 'the columns of a unique index of the table, such as id',
  }),
  'backfill-statement': problem(
    'backfill-statement',
    { file: backfill, reason: 'its WHERE lacks :batch' },
    { file: backfill, line: 3, column: 1, excerpt: 'UPDATE call_log SET duration_sec = 0' },
  ),
  'backfill-not-named': problem('backfill-not-named', {
    names: ['call_log_duration_sec', 'leads_last_call_direction'],
    given: 'nothing',
  }),
  'unknown-backfill': problem('unknown-backfill', {
    name: 'call_log_duration',
    nearest: 'call_log_duration_sec',
    names: ['call_log_duration_sec', 'leads_last_call_direction'],
  }),
  'restart-of-all': problem('restart-of-all', {}),
  'backfill-edited': problem('backfill-edited', {
    name: 'call_log_duration_sec',
    file: backfill,
    state: 'running',
  }),
  'backfill-too-early': problem('backfill-too-early', {
    file: backfill,
    missing: 'column "duration_sec" does not exist',
  }),
  'backfill-key': problem('backfill-key', {
    file: backfill,
    key: ['created_at'],
    table: 'call_log',
    reason: 'the index call_log_created_at_idx is not unique',
    cure: 'Name the columns of its primary key.',
  }),
  'backfill-busy': problem('backfill-busy', {
    name: 'call_log_duration_sec',
    holder: 'pid 4711, schemagate/0.1.0 lock, user app, from 10.0.0.7, for 12 s',
  }),
  'backfill-not-writable': problem('backfill-not-writable', {
    endpoint,
    reason: 'it is a standby (in recovery)',
  }),
  'backfill-failed': problem('backfill-failed', {
    ...{ sqlstate: '22003', message: 'integer out of range' },
    ...{ serverDetail: undefined, hint: undefined },
    file: backfill,
    name: 'call_log_duration_sec',
    rows: 'in the 5000 rows after id = 20000, up to id = 25000',
  }),
  'backfill-check-failed': problem('backfill-check-failed', {
    ...{ sqlstate: '42501', message: 'permission denied for table call_log' },
    ...{ serverDetail: undefined, hint: undefined },
    file: backfill,
    what: 'its statement',
  }),
  'backfill-not-done': problem('backfill-not-done', {
    file: backfill,
    name: 'call_log_duration_sec',
  }),
  'backfill-taken-over': problem('backfill-taken-over', { name: 'call_log_duration_sec' }),
  'backfill-wrote-ledger': problem('backfill-wrote-ledger', {
    name: 'call_log_duration_sec',
    file: 'migrations/backfills/call_log_duration_sec.sql',
  }),
  bug: problem('bug', { name: 'TypeError', message: 'x is not a function' }),
}

test.each(Object.entries(samples))('%s', (code, sample) => {
  expect(sample.code).toBe(code)
  expect(renderProblem(sample)).toMatchSnapshot()
})
