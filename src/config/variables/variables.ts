// Every variable that schemagate reads, as one JSON Schema: the check, the flags, --help and the reference
// in the docs all come from this table. `form` is the valid form in words.

import { dialectChoices } from '../../migrations/dialects/dialect-names.ts'
import { durationForm, durationPattern } from '../../sql/duration.ts'
import { pgVariables } from './pg-variables.ts'
import type { Variable } from './variable.ts'

const url = {
  type: 'string',
  secret: true,
  form: 'postgresql://<user>:<password>@<host>:5432/<database>?sslmode=require',
} as const

const flag = { type: 'string', enum: ['0', '1'], form: '1 or 0' } as const

const seconds = {
  type: 'string',
  pattern: '^\\d{1,6}$',
  form: 'a whole number of seconds, such as 30',
} as const

const duration = { type: 'string', pattern: durationPattern, form: durationForm } as const

const text = { type: 'string', form: 'any text' } as const

export const variables = {
  DATABASE_URL: { ...url, description: 'the database, when it has one address' },
  DATABASE_URL_DIRECT: {
    ...url,
    description: 'the server itself, without a pooler; tried once, for 5 s, before the pooler',
  },
  DATABASE_URL_POOLER: { ...url, description: 'the connection pooler' },
  SCRATCH_URL: {
    ...url,
    description:
      'a throw-away server where squash and drift --exact make databases of their own and drop them again; its role may create databases',
  },
  ...pgVariables,
  MIGRATIONS_DIR: {
    ...text,
    default: './migrations',
    description: 'folder of the migration files',
    form: 'the path of a folder',
  },
  MIGRATIONS_DIALECT: {
    type: 'string',
    enum: dialectChoices,
    default: 'auto',
    form: `one of ${dialectChoices.join(', ')}`,
    description: 'the tool that the folder was made for; auto: as the files show',
  },
  RUN_MIGRATIONS: { ...flag, description: 'may this container migrate?' },
  RUN_MIGRATIONS_ON_START: { ...flag, description: 'older name of RUN_MIGRATIONS' },
  SERVICE_ROLE: {
    ...text,
    description: "decides when neither is set: 'migrate' may, any other role may not",
    form: "'migrate', or the name of a service",
  },
  MIGRATION_LOCK_WAIT_SECONDS: {
    ...seconds,
    default: '30',
    description: 'how long to wait for the migration lock',
  },
  MIGRATION_ON_LOCK_TIMEOUT: {
    type: 'string',
    enum: ['fail', 'skip'],
    default: 'fail',
    form: 'fail (exit 75) or skip (exit 0 with a warning)',
    description: 'when the lock was not obtained and migrations are pending',
  },
  MIGRATION_STATEMENT_TIMEOUT: {
    ...duration,
    default: '120s',
    description: 'statement_timeout of every migration',
  },
  MIGRATION_LOCK_TIMEOUT: {
    ...duration,
    default: '5s',
    description: 'lock_timeout of every migration',
  },
  MIGRATION_LOCK_RETRIES: {
    type: 'string',
    pattern: '^\\d{1,4}$',
    default: '10',
    form: 'a whole number, such as 10; 0 for none',
    description: 'how often a migration that did not get its locks is tried again',
  },
  BATCH: {
    ...flag,
    default: '1',
    description: 'may migrations share a transaction on an empty database?',
  },
  LEDGER_MIRROR: {
    type: 'string',
    enum: ['0', '1', 'auto'],
    form: '1, 0 or auto',
    default: 'auto',
    description:
      "write into the ledger of the folder's own tool as well? auto: while it has all that is recorded",
  },
  MIGRATION_ROLE: {
    ...text,
    description:
      'role that migrations, indexes and backfills run under; the login role must be a member of it',
    form: 'the name of a role, such as app_owner',
  },
  MIGRATION_INDEX_TIMEOUT: {
    ...duration,
    default: '0',
    description: 'how long each concurrent index build may take; 0 for no limit',
  },
  DATABASE_WAIT_SECONDS: {
    ...seconds,
    default: '30',
    description: 'how long to wait for a database that is not up yet',
  },
  STRICT_ORDER: {
    type: 'string',
    enum: ['0', '1', 'auto'],
    form: '1, 0 or auto',
    default: '0',
    description:
      'refuse migrations that are out of order (below a recorded one)? auto: only where the order matters',
  },
  DRIFT: {
    type: 'string',
    enum: ['off', 'warn', 'fail'],
    form: 'off, warn or fail',
    default: 'off',
    description:
      'compare the tables that pending files touch with what recorded files make of them, before anything runs?',
  },
  LEDGER_SCHEMA: {
    type: 'string',
    default: 'schemagate',
    pattern: '^(?!pg_|information_schema$)[a-z_][a-z0-9_]{0,62}$',
    form: 'a schema name of lower-case letters, digits and _, such as schemagate, and not a schema of PostgreSQL itself',
    description: 'schema of the ledger table schema_migrations',
  },
  LOG_FORMAT: {
    type: 'string',
    enum: ['text', 'json'],
    form: 'text or json',
    description: 'text on a terminal, json otherwise, when not set',
  },
  LOG_LEVEL: {
    type: 'string',
    enum: ['error', 'warn', 'info', 'debug'],
    default: 'info',
    form: 'error, warn, info or debug',
    description: 'what is logged to stderr',
  },
  REPORT_FILE: {
    ...text,
    description: 'also write the JSON report to this file',
    form: 'the path of a file in a folder that exists',
  },
  TERMINATION_LOG: {
    ...text,
    description: 'also write the cause in brief; /dev/termination-log when that exists',
    form: 'the path of a file in a folder that exists',
  },
} as const satisfies Readonly<Record<string, Variable>>

export type VariableName = keyof typeof variables

export const variableNames = Object.keys(variables) as readonly VariableName[]

export const variable = (name: VariableName): Variable => variables[name]

/** MIGRATION_LOCK_WAIT_SECONDS is also --migration-lock-wait-seconds; PG* stay libpq's own. */
export const flagOf = (name: VariableName): string => name.toLowerCase().replaceAll('_', '-')

export const hasFlag = (name: VariableName): boolean => !name.startsWith('PG')

export const secretNames = variableNames.filter((name) => variable(name).secret === true)
