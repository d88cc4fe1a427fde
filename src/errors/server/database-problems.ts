// What can keep us from the server.

import { define, quoteName, someMigrations, untouched } from '../define.ts'
import {
  insufficientPrivilege,
  invalidAuthorizationSpecification,
  invalidCatalogName,
  invalidPassword,
} from './sqlstate.ts'

type ServerSaid = { sqlstate: string; message: string }

const serverSaid = ({ sqlstate, message }: ServerSaid): readonly string[] => [
  `SQLSTATE ${sqlstate}: ${message}`,
]

type Refused = ServerSaid & { readonly user: string; readonly databaseName: string }

const whyRefused = ({ sqlstate, user, databaseName }: Refused): string => {
  const [role, name] = [quoteName(user), quoteName(databaseName)]
  switch (sqlstate) {
    case invalidPassword:
      return `Correct the password of ${user} (in the URL, PGPASSWORD or the secret file), or the user name. In psql, \\password ${role} sets a new one.`
    case invalidCatalogName:
      return `Correct the database in the URL (or PGDATABASE), or create it: CREATE DATABASE ${name} OWNER ${role};`
    case invalidAuthorizationSpecification:
      return `Does the role ${user} exist, and may it log in (CREATE ROLE ${role} LOGIN;)? If so, pg_hba.conf of the server needs a line that lets it in from here: host ${name} ${role} <client address> scram-sha-256`
    case insufficientPrivilege:
      return `As the owner of the database: GRANT CONNECT ON DATABASE ${name} TO ${role};`
    default:
      return 'Check user, password and database name of the URL (or PGUSER, PGPASSWORD, PGDATABASE), and that the role may connect.'
  }
}

/** Where default_transaction_read_only comes from, as pg_settings.source has it. */
export type ReadOnlySource = {
  readonly source: string
  readonly user: string
  readonly database: string
}

const whereReadOnly = (from: ReadOnlySource | undefined): string => {
  if (from === undefined)
    return "This shows where it is set: SELECT source FROM pg_settings WHERE name = 'default_transaction_read_only';"
  const { source, user, database } = from
  const [role, name] = [quoteName(user), quoteName(database)]
  const reset = 'RESET default_transaction_read_only;'
  switch (source) {
    case 'database':
      return `It is set for the database ${database}: ALTER DATABASE ${name} ${reset}`
    case 'user':
      return `It is set for the role ${user}: ALTER ROLE ${role} ${reset}`
    case 'database user':
      return `It is set for the role ${user} in the database ${database}: ALTER ROLE ${role} IN DATABASE ${name} ${reset}`
    case 'client':
      return 'This connection sets it itself: remove it from PGOPTIONS, or from options in the URL.'
    case 'global':
      return `It is set for all roles: ALTER ROLE ALL ${reset}`
    default:
      return 'It is set for the whole server: ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf(); (or it comes from postgresql.conf, or from the provider of the server, for example because its disk is full).'
  }
}

export const databaseProblems = {
  'database-unreachable': define({
    category: 'unreachable',
    title: (facts: { endpoint: string; reason: string; waitedSeconds: number }) =>
      `no answer from ${facts.endpoint} within ${facts.waitedSeconds} s`,
    detail: (facts) => [`last attempt: ${facts.reason}`],
    database: untouched,
    fix: () =>
      'Check that the server is running and that host and port are right; DATABASE_WAIT_SECONDS sets how long to wait for it.',
  }),
  'login-refused': define({
    category: 'usage',
    title: (
      facts: ServerSaid & {
        endpoint: string
        user: string
        databaseName: string
        password: 'given' | 'none'
        /** What about the secrets makes it likely. */
        doubt: string | undefined
      },
    ) => `the server refused the connection to ${facts.endpoint}`,
    detail: (facts) => [
      ...serverSaid(facts),
      ...(facts.password === 'none' ? ['no password was given'] : []),
      ...(facts.doubt === undefined ? [] : [facts.doubt]),
    ],
    database: untouched,
    fix: (facts) => `${whyRefused(facts)} schemagate did not retry: waiting would not help.`,
  }),
  'tls-failed': define({
    category: 'usage',
    title: (facts: { endpoint: string; reason: string; cure: string }) =>
      `no trusted TLS connection to ${facts.endpoint}`,
    detail: (facts) => [facts.reason],
    database: untouched,
    fix: ({ cure }) => cure,
  }),
  'server-too-old': define({
    category: 'refused',
    title: (facts: { endpoint: string; version: string }) =>
      `${facts.endpoint} is PostgreSQL ${facts.version}; schemagate needs 15 or later`,
    database: untouched,
    fix: () => 'Upgrade the server to a version that is still maintained.',
  }),
  'standby-server': define({
    category: 'unreachable',
    title: (facts: { endpoint: string; pending: number }) =>
      `${facts.endpoint} is a standby (in recovery), with ${someMigrations(facts.pending)} pending`,
    database: untouched,
    fix: () =>
      'Point the URL at the primary. If a failover is in progress, try again when it is over.',
  }),
  'read-only-database': define({
    category: 'refused',
    title: (facts: { endpoint: string; pending: number; source?: ReadOnlySource | undefined }) =>
      `${facts.endpoint} is read-only (default_transaction_read_only is on), with ${someMigrations(facts.pending)} pending`,
    database: untouched,
    fix: ({ source }) =>
      `${whereReadOnly(source)} After a failover, first check that this server is the primary.`,
  }),
  'migration-role-unknown': define({
    category: 'usage',
    title: (facts: { role: string; user: string }) =>
      `the role ${facts.role} (MIGRATION_ROLE) does not exist`,
    database: untouched,
    fix: () =>
      'Create the role, or correct the name: write it exactly as pg_roles shows it, without quotes.',
  }),
  'migration-role-denied': define({
    category: 'usage',
    title: (facts: { role: string; user: string }) =>
      `the login role ${facts.user} is not allowed to SET ROLE to ${facts.role} (MIGRATION_ROLE)`,
    database: untouched,
    fix: (facts) =>
      `GRANT ${quoteName(facts.role)} TO ${quoteName(facts.user)}; on PostgreSQL 16 or later the membership needs the SET option, which is the default.`,
  }),
  'ledger-not-permitted': define({
    category: 'usage',
    title: (facts: { ledger: string; user: string; database: string; message: string }) =>
      `the role ${facts.user} lacks privileges for the ledger ${facts.ledger}`,
    detail: (facts) => [facts.message],
    database: untouched,
    fix: (facts) =>
      `As the owner of the database: GRANT CREATE ON DATABASE ${quoteName(facts.database)} TO ${quoteName(facts.user)}; if the ledger exists, make this role the owner of its schema and table. Or set LEDGER_SCHEMA to a schema it owns.`,
  }),
  'ledger-not-ours': define({
    category: 'refused',
    title: (facts: {
      ledger: string
      user: string
      flaws: readonly { readonly what: string; readonly cure: string }[]
    }) => `${facts.ledger} is not a ledger that ${facts.user} can trust`,
    detail: (facts) => [
      ...facts.flaws.map(({ what }) => what),
      'Triggers, rules and other objects on the ledger run with the rights of whoever reads or writes it.',
    ],
    database: 'No migration was run, and nothing was recorded.',
    fix: (facts) =>
      `Find out who created this, and whether the rows of the ledger can be trusted. Then, as a superuser: ${facts.flaws.map(({ cure }) => cure).join(' ')} If a role of your own should keep owning it, name that role in MIGRATION_ROLE. Or set LEDGER_SCHEMA to a schema that does not exist yet.`,
  }),
  'ledger-unreadable': define({
    category: 'refused',
    title: (facts: ServerSaid & { ledger: string }) => `${facts.ledger} cannot be used as a ledger`,
    detail: serverSaid,
    database: untouched,
    fix: () =>
      'Another tool may own a table of that name: set LEDGER_SCHEMA to a schema of its own.',
  }),
  'server-busy': define({
    category: 'try again',
    title: (facts: ServerSaid & { role: string }) =>
      `the server cannot serve the ${facts.role} connection of schemagate now`,
    detail: serverSaid,
    database: untouched,
    fix: () =>
      'Run again. A run needs two connections at once: check max_connections and the connection limit of the role.',
  }),
  'server-refused': define({
    category: 'refused',
    title: (facts: ServerSaid & { role: string }) =>
      `the server rejected a query on the ${facts.role} connection of schemagate`,
    detail: serverSaid,
    database: untouched,
    fix: () =>
      "Read the server's message above and its log; LOG_LEVEL=debug shows more of what schemagate did.",
  }),
  'pooler-too-small': define({
    category: 'try again',
    title: (facts: { endpoint: string; waitedSeconds: number }) =>
      `${facts.endpoint} did not provide a second server connection within ${facts.waitedSeconds} s`,
    database: untouched,
    fix: () =>
      'A run needs two server connections at once: one holds the lock, the other one works. Give the pool at least two (PgBouncer: default_pool_size = 2), in transaction or session mode, or set DATABASE_URL_DIRECT. If other clients had used up the pool, run again.',
  }),
  'older-pooled-connections': define({
    category: 'refused',
    title: (facts: { file: string; statement: string }) =>
      `${facts.file}: ${facts.statement} would run on a pooled connection that is older than the search_path of the login`,
    detail: () => [
      'ALTER ROLE … SET and ALTER DATABASE … SET take effect on new connections only, and outside a transaction schemagate cannot set the path for one statement.',
    ],
    database: untouched,
    fix: () =>
      'Make the pooler open new connections to the server (PgBouncer: RECONNECT on its console) and run again, or give the gate a direct connection: DATABASE_URL_DIRECT.',
  }),
  'ledger-not-created': define({
    category: 'refused',
    title: (facts: ServerSaid & { ledger: string }) => `${facts.ledger} could not be created`,
    detail: serverSaid,
    database: untouched,
    fix: () =>
      'Something on the server forbids it, such as an event trigger or a setting of the role: see its message above.',
  }),
  'ledger-busy': define({
    category: 'try again',
    title: (facts: ServerSaid & { ledger: string }) => `schemagate cannot use ${facts.ledger} now`,
    detail: serverSaid,
    database: untouched,
    fix: () =>
      'Another session may have locked the table, for example a statement of a killed runner (pg_stat_activity shows it), or the server is short of a resource. Run again.',
  }),
  'connection-lost': define({
    category: 'try again',
    title: (facts: { role: string; reason: string; file?: string }) =>
      `the ${facts.role} connection to the database was lost${facts.file === undefined ? '' : ` in ${facts.file}`}`,
    detail: (facts) => [facts.reason],
    database:
      'Each migration in progress is either committed and recorded as a whole, or not in the database at all.',
    fix: () => 'Run again: the next run finds out what was committed and continues from there.',
  }),
} as const
