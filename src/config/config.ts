// Untrusted text in, one Config out, or every problem at once. Nothing past this file sees the environment.

import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { problem, type Problem } from '../errors/problem.ts'
import type { RunEvent } from '../events.ts'
import {
  parseDuration,
  parseLockTimeout,
  parseStatementTimeout,
  type Duration,
  type LockTimeout,
  type StatementTimeout,
} from '../sql/duration.ts'
import { dialectChoices } from '../migrations/dialects/dialect-names.ts'
import type { Reading } from '../migrations/load.ts'
import { readEndpoints, type Machine } from './connection/endpoints.ts'
import type { Endpoint, Endpoints } from './endpoint.ts'
import { decideGate, type Gate } from './gate.ts'
import {
  readVariables,
  malformedValue,
  type Environment,
  type Flags,
  type VariableValues,
} from './variables/read-variables.ts'
import { readPasswordFile } from './connection/password-file.ts'
import { readSecretFile } from './secret-file.ts'
import type { VariableName } from './variables/variables.ts'

export type LogFormat = 'text' | 'json'
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

export type Config = {
  /** Undefined only where the gate is closed, who may not migrate need not name a database, and for commands that do without. */
  readonly endpoints: Endpoints | undefined
  /** Where a command may make databases of its own. */
  readonly scratch: Endpoint | undefined
  readonly gate: Exclude<Gate, { kind: 'ambiguous role' }>
  readonly migrationsDir: string
  /** How its files are to be read. */
  readonly reading: Reading
  readonly ledgerSchema: string
  /** May a migration run after one of a higher version? */
  /** `auto`: in their order where that matters. */
  readonly order: 'any' | 'auto' | 'strict'
  readonly lockWaitMs: number
  readonly onLockTimeout: 'fail' | 'skip'
  readonly databaseWaitMs: number
  readonly statementTimeout: StatementTimeout
  readonly lockTimeout: LockTimeout
  readonly lockRetries: number
  /** How many migrations may share a transaction where the database is empty; 1 for none. */
  readonly batchFiles: number
  /** Is the ledger of the folder's own tool written to as well? `auto`: while it has all that is recorded. */
  readonly mirror: 'off' | 'on' | 'auto'
  /** What a run does when a table that pending files touch is not as the recorded files make it. */
  readonly drift: 'off' | 'warn' | 'fail'
  /** What migrations run under; the login role when undefined. */
  readonly migrationRole: string | undefined
  /** Of each concurrent index build; 0 for no bound. */
  readonly indexTimeout: Duration
}

/** Where to say things: needed even when the rest of the configuration is wrong. */
export type Output = {
  readonly logFormat: LogFormat
  readonly logLevel: LogLevel
  readonly reportFile: string | undefined
  readonly terminationLog: string | undefined
  /** Never to be printed. Not enumerable. */
  readonly secrets: readonly string[]
}

export type Configuration = {
  readonly output: Output
  readonly migrationsDir: string
  readonly reading: Reading
  readonly config: Config | undefined
  readonly problems: readonly Problem[]
  /** What is not a problem, but must be reported. */
  readonly notices: readonly RunEvent[]
}

export type Terminal = 'terminal' | 'no terminal'

/** Must a database be named? */
export type DatabaseNeed = 'needed' | 'optional'

type Given = {
  /** What the command line found wrong by itself, so that all are reported at once. */
  readonly problems?: readonly Problem[]
  readonly database?: DatabaseNeed
}

export const readConfiguration = (
  flags: Flags,
  environment: Environment,
  stderr: Terminal,
  given: Given = {},
): Configuration => {
  const variables = readVariables(flags, environment, readSecretFile)
  const { values } = variables
  const output = readOutput(variables, stderr)
  const migrationsDir = values.MIGRATIONS_DIR ?? ''
  const reading = readingOf(values.MIGRATIONS_DIALECT, environment)
  const problems = [...(given.problems ?? []), ...variables.problems]
  const broken = new Set(variables.problems.map(({ facts }) => facts['name']))
  const ways = readEndpoints(variables, broken, machineOf(environment))
  const { endpoints, scratch, secrets, notices } = ways
  const gate = decideGate(values)
  const isNeeded = gate.kind !== 'closed' && given.database !== 'optional'
  const needed = ways.problems.filter(({ code }) => isNeeded || code !== 'no-database-named')
  problems.push(...needed, ...unwritable(variables))
  const statementTimeout = timeout('MIGRATION_STATEMENT_TIMEOUT', variables, parseStatementTimeout)
  const lockTimeout = timeout('MIGRATION_LOCK_TIMEOUT', variables, parseLockTimeout)
  const indexTimeout = timeout('MIGRATION_INDEX_TIMEOUT', variables, parseDuration)
  for (const parsed of [statementTimeout, lockTimeout, indexTimeout])
    if (parsed.kind === 'problem' && !broken.has(parsed.problem.facts['name']))
      problems.push(parsed.problem)
  if (gate.kind === 'ambiguous role') problems.push(problem('ambiguous-role', { role: gate.role }))
  Object.defineProperty(output, 'secrets', { value: secrets, enumerable: false })
  if (
    problems.length > 0 ||
    gate.kind === 'ambiguous role' ||
    statementTimeout.kind === 'problem' ||
    lockTimeout.kind === 'problem' ||
    indexTimeout.kind === 'problem'
  )
    return { output, migrationsDir, reading, config: undefined, problems, notices }
  const config: Config = {
    ...{ endpoints, scratch, gate, migrationsDir, reading },
    ledgerSchema: values.LEDGER_SCHEMA ?? '',
    order: orderOf(values.STRICT_ORDER),
    lockWaitMs: Number(values.MIGRATION_LOCK_WAIT_SECONDS) * 1_000,
    onLockTimeout: values.MIGRATION_ON_LOCK_TIMEOUT === 'skip' ? 'skip' : 'fail',
    databaseWaitMs: Number(values.DATABASE_WAIT_SECONDS) * 1_000,
    statementTimeout: statementTimeout.value,
    lockTimeout: lockTimeout.value,
    lockRetries: Number(values.MIGRATION_LOCK_RETRIES),
    batchFiles: values.BATCH === '0' ? 1 : mostInBatch,
    mirror: mirrorOf(values.LEDGER_MIRROR),
    drift: driftOf(values.DRIFT),
    migrationRole: values.MIGRATION_ROLE,
    indexTimeout: indexTimeout.value,
  }
  return { output, migrationsDir, reading, config, problems: [], notices }
}

const readingOf = (dialect: string | undefined, environment: Environment): Reading => {
  const reading: Reading = {
    dialect: dialectChoices.find((each) => each === dialect) ?? 'auto',
    variables: {},
  }
  // Whoever prints a configuration must not print the environment.
  return Object.defineProperty(reading, 'variables', { value: environment, enumerable: false })
}

const mostInBatch = 1_000

const orderOf = (value: string | undefined): Config['order'] => {
  if (value === 'auto') return value
  return value === '1' ? 'strict' : 'any'
}

const machineOf = ({ HOME: home }: Environment): Machine => ({
  userName,
  passwordFile: (named) => {
    const path = named ?? join(home ?? homeFolder(), '.pgpass')
    return named === undefined && !existsSync(path) ? undefined : readPasswordFile(path)
  },
})

// Both throw for a numeric user without a line in /etc/passwd, as in a hardened container.
const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'postgres'
  }
}

const homeFolder = (): string => {
  try {
    return homedir()
  } catch {
    return '/'
  }
}

const readOutput = ({ values }: VariableValues, stderr: Terminal): Output => {
  const defaultFormat: LogFormat = stderr === 'terminal' ? 'text' : 'json'
  const levels: readonly string[] = ['error', 'warn', 'info', 'debug']
  const { LOG_FORMAT: format, LOG_LEVEL: level = '' } = values
  return {
    logFormat: format === 'text' || format === 'json' ? format : defaultFormat,
    logLevel: levels.includes(level) ? (level as LogLevel) : 'info',
    reportFile: values.REPORT_FILE,
    terminationLog:
      values.TERMINATION_LOG ??
      (existsSync('/dev/termination-log') ? '/dev/termination-log' : undefined),
    secrets: [],
  }
}

type Parsed<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'problem'; readonly problem: Problem }

const timeout = <Value>(
  name: VariableName,
  { values, fromFlag }: VariableValues,
  parse: (text: string) => Value | undefined,
): Parsed<Value> => {
  const value = parse(values[name] ?? '')
  return value === undefined
    ? {
        kind: 'problem',
        problem: malformedValue(name, values[name], fromFlag, 'is longer than the server takes'),
      }
    : { kind: 'value', value }
}

// Reported before the run: a report that cannot be written afterwards would be missed when it matters.
const unwritable = ({ values, fromFlag }: VariableValues): readonly Problem[] =>
  (['REPORT_FILE', 'TERMINATION_LOG'] as const).flatMap((name) => {
    const path = values[name]
    if (path === undefined) return []
    try {
      const there = statSync(path, { throwIfNoEntry: false })
      accessSync(there === undefined ? dirname(path) : path, constants.W_OK)
      if (there?.isDirectory() !== true) return []
    } catch {
      // Told below.
    }
    return [malformedValue(name, undefined, fromFlag, 'names a file that cannot be written')]
  })

const mirrorOf = (value: string | undefined): Config['mirror'] =>
  value === '0' ? 'off' : value === '1' ? 'on' : 'auto'

const driftOf = (value: string | undefined): Config['drift'] =>
  value === 'warn' || value === 'fail' ? value : 'off'
