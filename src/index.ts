// The library: what a Node service imports to start only on the schema that it relies on.

import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfiguration, type Config } from './config/config.ts'
import type { Environment } from './config/variables/read-variables.ts'
import { loadContract } from './contract/file/load.ts'
import { acceptContract } from './contract/file/read.ts'
import { exitCodes, gravest } from './errors/exit-codes.ts'
import { interrupted } from './errors/interruption.ts'
import { SchemagateError as Problems, type Problem, problemsOf } from './errors/problem.ts'
import type { Announce } from './events.ts'
import { migrate as runMigrations } from './commands/run/migrate.ts'
import { narrate } from './report/log/narrate.ts'
import { type Outcome } from './commands/run/outcome/outcome.ts'
import { renderOutcome } from './commands/run/outcome/outcome-text.ts'
import { problemJson } from './report/formats/problem-json.ts'
import { renderProblem } from './report/formats/problem-text.ts'
import { makeRedact, redactStrings, type Redact } from './report/redact.ts'
import { visible } from './report/visible.ts'
import { violationJson } from './commands/validate/report/violations-json.ts'
import { renderViolations, violationSummary } from './commands/validate/report/violations-text.ts'
import type { ExplainedViolation } from './commands/validate/explain.ts'
import {
  SchemagateError,
  type AssertOptions,
  type DatabaseOptions,
  type MigrateOutcome,
  type MigrateProgress,
  type MigrateResult,
  type SchemagateProblem,
  type SchemaViolation,
} from './library.ts'
import { loadFolder } from './commands/load-folder.ts'
import type { Migration } from './migrations/migration.ts'
import { loadContractSet, validate, type ContractSet } from './commands/validate/validate.ts'

export * from './library.ts'

/**
 * Resolves when the database holds what the contract says. One look: reads only, takes no lock.
 * Rejects with a SchemagateError that has every violation, or the problems that kept it from being checked.
 */
export const assertSchema = async (options: AssertOptions = {}): Promise<void> => {
  const prepared = prepare(options, 'assert')
  const { redact, announce, interruption } = prepared
  try {
    const config = configOf(prepared)
    const contractSet = contractSetOf(options, config, announce)
    const context = { role: 'validate', announce, interruption } as const
    const { violations } = await validate(config, contractSet, context)
    if (violations.length > 0) throw violationError(violations, redact)
  } catch (error) {
    if (error instanceof SchemagateError) throw error
    const problems = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    throw problemError(problems, redact)
  }
}

/**
 * `schemagate run`: resolves when every migration is applied and every contract holds, or when RUN_MIGRATIONS says that this
 * process may not migrate. Rejects with a SchemagateError.
 * The SQL parser is loaded when something is pending: V8 may take 600 MB for a moment to compile it (see docs/contracts.md).
 */
export const migrate = async (options: DatabaseOptions = {}): Promise<MigrateResult> => {
  const prepared = prepare(options, 'migrate')
  const { redact, announce, interruption } = prepared
  let outcome: Outcome
  try {
    const config = configOf(prepared)
    const context = { announce, interruption, runId: randomUUID(), onBug: () => undefined }
    outcome = await runMigrations(config, context)
  } catch (error) {
    throw problemError(problemsOf(error), redact)
  }
  const { problems, contractCheck, exitCode } = outcome
  const report = textOf(renderOutcome(outcome), redact)
  const progress = progressOf(outcome)
  if (exitCode !== exitCodes.ok)
    throw new SchemagateError(report, {
      exitCode,
      problems: publicProblems(problems, redact),
      violations: publicViolations(contractCheck?.violations ?? [], redact),
      progress,
    })
  return {
    // Those that did not end well are thrown.
    outcome: outcome.kind.replaceAll(' ', '_') as MigrateOutcome,
    applied: progress.applied,
    reconciled: progress.reconciled,
    contracts: contractCheck?.services ?? [],
    report,
  }
}

const progressOf = ({
  applied,
  reconciled,
  partlyDone,
  inDoubt,
  notAttempted,
}: Outcome): MigrateProgress => {
  const files = (all: readonly { readonly migration: Migration }[]): readonly string[] =>
    all.map(({ migration }) => migration.file)
  return {
    applied: files(applied),
    reconciled: files(reconciled),
    partlyDone: files(partlyDone),
    inDoubt: inDoubt.map(({ file }) => file),
    notAttempted: notAttempted.map(({ file }) => file),
  }
}

type Prepared = {
  readonly config: Config | undefined
  readonly problems: readonly Problem[]
  readonly redact: Redact
  readonly announce: (event: Parameters<typeof narrate>[0]) => void
  readonly interruption: AbortSignal
}

// Variables of the service itself, such as its own LOG_LEVEL, are not ours.
const read: Readonly<Record<'assert' | 'migrate', RegExp>> = {
  assert: /^(DATABASE_|MIGRATION|LEDGER_|PG)/,
  migrate: /^(DATABASE_|MIGRATION|LEDGER_|PG|RUN_MIGRATIONS|SERVICE_ROLE$|STRICT_ORDER$)/,
}

const prepare = (
  { url, migrationsDir, settings, log, signal }: DatabaseOptions,
  purpose: keyof typeof read,
): Prepared => {
  const environment = Object.entries(process.env).filter(
    ([name]) => read[purpose].test(name) && !(url !== undefined && name.startsWith('DATABASE_URL')),
  )
  const given: Environment = {
    ...Object.fromEntries(environment),
    ...(url === undefined ? {} : { DATABASE_URL: url }),
    ...(migrationsDir === undefined ? {} : { MIGRATIONS_DIR: migrationsDir }),
    ...settings,
  }
  const { config, problems, output, notices } = readConfiguration({}, given, 'no terminal')
  const redact = makeRedact(output.secrets)
  const announce: Announce = (event) => {
    const { level, message } = narrate(event)
    // A log of the service's own that fails must not stop a migration on its way.
    try {
      log?.({ level, message: textOf(message, redact) })
    } catch {
      // Its caller's affair.
    }
  }
  for (const notice of notices) announce(notice)
  return {
    config,
    problems,
    redact,
    interruption: signal ?? new AbortController().signal,
    announce,
  }
}

const configOf = ({ config, problems }: Prepared): Config => {
  if (config === undefined) throw new Problems(problems)
  return config
}

const contractSetOf = (
  { contract, service }: AssertOptions,
  config: Config,
  announce: Announce,
): ContractSet => {
  if (contract === undefined)
    return loadContractSet(config, announce, service === undefined ? [] : [service])
  const migrations = migrationsToExplain(config, announce)
  if (typeof contract === 'string' || contract instanceof URL) {
    const path = contract instanceof URL ? fileURLToPath(contract) : resolve(contract)
    const { contracts, problems } = loadContract(path)
    if (problems.length > 0) throw new Problems(problems)
    return { contracts, migrations }
  }
  const read = acceptContract('the contract', contract)
  if (read.kind === 'bad') throw new Problems(read.problems)
  return { contracts: [read.loaded], migrations }
}

// They only explain: a service that brings its contract along need not have sound ones, or any.
const migrationsToExplain = (config: Config, announce: Announce): ContractSet['migrations'] => {
  const { migrations, problems } = loadFolder(config, announce)
  return problems.length > 0 ? undefined : migrations
}

// It may be printed as it is. The members beside it are data: names and the server's words as they are.
const textOf = (text: string, redact: Redact): string => visible(redact(text), 'text')

const violationError = (
  violations: readonly ExplainedViolation[],
  redact: Redact,
): SchemagateError => {
  const text = `${violationSummary(violations)}\n${renderViolations(violations)}`
  return new SchemagateError(textOf(text, redact), {
    exitCode: exitCodes['contract violated'],
    violations: publicViolations(violations, redact),
  })
}

// The JSON of the command line has just these members.
const publicViolations = (
  violations: readonly ExplainedViolation[],
  redact: Redact,
): readonly SchemaViolation[] =>
  redactStrings(violations.map(violationJson), redact) as SchemaViolation[]

const problemError = (problems: readonly Problem[], redact: Redact): SchemagateError =>
  new SchemagateError(textOf(problems.map(renderProblem).join('\n'), redact), {
    exitCode: exitCodes[gravest(problems.map(({ category }) => category))],
    problems: publicProblems(problems, redact),
  })

const publicProblems = (
  problems: readonly Problem[],
  redact: Redact,
): readonly SchemagateProblem[] =>
  redactStrings(problems.map(problemJson), redact) as SchemagateProblem[]
