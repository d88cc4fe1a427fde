// What every command gets, and how it reads its configuration: output first, so that even a wrong configuration is
// told in the right format.

import { randomUUID } from 'node:crypto'
import { readConfiguration, type Config, type Output } from '../config/config.ts'
import type { Environment, Flags } from '../config/read-variables.ts'
import type { Problem } from '../errors/problem.ts'
import type { Announce } from '../events.ts'
import { makeLog, type Log } from '../report/log.ts'
import { narrate } from '../report/narrate.ts'
import type { ReportFormat } from '../report/publish.ts'
import { makeRedact, type Redact } from '../report/redact.ts'

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
  readonly output: Output
  readonly runId: string
  readonly log: Log
  readonly redact: Redact
  readonly announce: Announce
}

export const prepareCommand = (request: CommandRequest): Prepared => {
  const { flags, environment, problems } = request
  const terminal = process.stderr.isTTY ? 'terminal' : 'no terminal'
  const configuration = readConfiguration(flags, environment, terminal, problems)
  const { output } = configuration
  const runId = randomUUID()
  const redact = makeRedact(output.secrets)
  const colour = process.stderr.isTTY && (environment['NO_COLOR'] ?? '') === '' ? 'colour' : 'plain'
  const log = makeLog({ format: output.logFormat, level: output.logLevel, colour, runId, redact })
  process.on('warning', ({ name, message }) => {
    log({ level: 'warn', message: `Node.js warns: ${name}: ${message}` })
  })
  const announce: Announce = (event) => {
    log(narrate(event))
  }
  for (const notice of configuration.notices) announce(notice)
  return {
    config: configuration.config,
    problems: configuration.problems,
    migrationsDir: configuration.migrationsDir,
    output,
    runId,
    log,
    redact,
    announce,
  }
}

/** For commands that need no database: that none is named is no problem of theirs. */
export const prepareOffline = (request: CommandRequest): Prepared => {
  const prepared = prepareCommand(request)
  const problems = prepared.problems.filter(({ code }) => code !== 'no-database-named')
  return { ...prepared, problems }
}
