// What every command gets, and how it reads its configuration: output first, so that even a wrong configuration is
// reported in the right format.

import { randomUUID } from 'node:crypto'
import { readConfiguration, type Config, type DatabaseNeed, type Output } from '../config/config.ts'
import type { Environment, Flags } from '../config/variables/read-variables.ts'
import type { Problem } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import type { Reading } from '../migrations/load.ts'
import { failureFields, type Failure } from '../report/formats/failure-fields.ts'
import type { Log, Teller } from '../report/log/log.ts'
import { printReport, type Report, type ReportFormat } from '../report/publish.ts'
import { makeRedact, type Redact } from '../report/redact.ts'
import { openTeller } from '../report/teller.ts'

export type CommandRequest = {
  readonly flags: Flags
  readonly environment: Environment
  readonly format: ReportFormat
  /** What is wrong with the command line itself. */
  readonly problems: readonly Problem[]
  readonly interruption: AbortSignal
}

/** A command yields its exit code. */
export type Command = (request: CommandRequest) => Promise<number>

export type Prepared = {
  readonly config: Config | undefined
  readonly problems: readonly Problem[]
  /** Known even when the rest of the configuration is wrong: `new` needs no more. */
  readonly migrationsDir: string
  readonly reading: Reading
  readonly output: Output
  readonly runId: string
  readonly log: Log
  readonly redact: Redact
  readonly announce: Announce
  /** Where a person or a machine follows what is announced. */
  readonly watchedOn: Teller['kind']
  /** A log that is JSON has a line of its own for why a command failed; people read the report. */
  readonly logFailure: (message: string, failure: Failure, exitCode: number) => void
  /** The report, when all is over; in the form that the command line asks for, unless stated otherwise. */
  readonly print: (report: Report, as?: ReportFormat) => Promise<void>
}

export const prepareCommand = async (
  request: CommandRequest,
  database: DatabaseNeed = 'needed',
): Promise<Prepared> => {
  const { flags, environment, problems, format } = request
  const terminal = process.stderr.isTTY ? 'terminal' : 'no terminal'
  const configuration = readConfiguration(flags, environment, terminal, { problems, database })
  const { output, config } = configuration
  const runId = randomUUID()
  const redact = makeRedact(output.secrets)
  const { logFormat, logLevel } = output
  const teller = await openTeller({
    ...{ format: logFormat, level: logLevel, environment, runId, redact },
  })
  const { log, announce } = teller
  process.on('warning', ({ name, message }) => {
    log({ level: 'warn', message: `Node.js warns: ${name}: ${message}` })
  })
  for (const notice of configuration.notices) announce(notice)
  return {
    config,
    problems: configuration.problems,
    migrationsDir: configuration.migrationsDir,
    reading: configuration.reading,
    output,
    runId,
    log,
    redact,
    announce,
    watchedOn: teller.kind,
    logFailure: (message, failure, exitCode) => {
      if (logFormat !== 'json') return
      const database = config?.endpoints?.first.database
      log({ level: 'error', message, fields: failureFields(failure, { exitCode, database }) })
    },
    print: async (report, as = format) => {
      teller.end()
      await printReport(report, { format: as, redact, environment, seen: teller.kind })
    },
  }
}

/** For commands that need no database: it is not a problem for them that none is named. */
export const prepareOffline = async (request: CommandRequest): Promise<Prepared> => {
  const prepared = await prepareCommand(request)
  const problems = prepared.problems.filter(({ code }) => code !== 'no-database-named')
  return { ...prepared, problems }
}
