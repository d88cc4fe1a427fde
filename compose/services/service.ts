// What every service of the demo does besides its own work: refuse a schema that does not hold what its queries rely on,
// connect, and stop in order when asked to. It knows no table and no route.

import postgres from 'postgres'
import { assertSchema, SchemagateError } from 'schemagate'
import { codeOf, log } from './log.ts'
import { databaseUrl, wholeNumber, WrongSettingError } from './settings.ts'

export type Service = {
  readonly name: string
  readonly sql: postgres.Sql
  readonly port: number
  /** Aborted by SIGTERM and SIGINT. */
  readonly stopping: AbortSignal
}

/** Resolves after `stopping`, when nothing of it is under way any more. */
export type Work = (service: Service) => Promise<void>

/** Reads the settings that only this service has. Throws WrongSettingError. */
type Prepare = (env: NodeJS.ProcessEnv) => Work

/**
 * Runs until SIGTERM or SIGINT, then ends the process.
 * Exit code: 0 after a signal, 2 when a setting is wrong, 3 when the schema does not hold the contract, 69 when the database
 * does not answer, 1 otherwise.
 */
export const runService = async (
  name: string,
  contract: object,
  prepare: Prepare,
): Promise<never> => {
  const stopping = abortOnSignal(name)
  if (process.env['RUN_MIGRATIONS'] === '0') log('MIGRATIONS_DISABLED: RUN_MIGRATIONS is 0')
  try {
    const url = databaseUrl(process.env)
    const port = wholeNumber(process.env, 'PORT', { from: 0, to: 65_535, unset: 0 })
    const work = prepare(process.env)
    // Of the very database that it will query. The contract is part of the bundle: it belongs to this code, whatever
    // files lie around.
    await assertSchema({ contract, url, signal: stopping })
    const sql = connect(name, url)
    if (!stopping.aborted) await work({ name, sql, port, stopping })
    await sql.end({ timeout: 3 })
  } catch (error) {
    const isInterrupted = stopping.aborted && error instanceof SchemagateError
    if (!isInterrupted) return refuse(name, error)
  }
  return stop(0, `[${name}] stopped`)
}

// A database that hangs must not make us hang: Docker kills after 10 s. Work left behind is taken up again.
const abortOnSignal = (name: string): AbortSignal => {
  const controller = new AbortController()
  const onSignal = () => {
    controller.abort()
    setTimeout(() => stop(0, `[${name}] stopped, the database did not answer in time`), 8_000)
  }
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal)
  return controller.signal
}

// Behind a pooler in transaction mode, the next statement may meet another server process: nothing may be
// prepared there, and asking for array types on each connection is a query wasted.
const connect = (name: string, url: string): postgres.Sql =>
  postgres(url, {
    max: 3,
    connect_timeout: 5,
    prepare: false,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: name },
  })

const refuse = (name: string, error: unknown): never => {
  if (error instanceof WrongSettingError) return stop(2, `STOPPING: ${error.message}`)
  if (error instanceof SchemagateError && error.violations.length > 0) {
    log(error.message.trimEnd())
    const missing = error.violations.slice(0, 1).map(({ object }) => ` (${object})`)
    return stop(
      3,
      `STOPPING: ${name} does not start: the database lacks what it relies on${missing.join('')}; see what puts it right above, or with schemagate validate --service ${name}`,
    )
  }
  if (error instanceof SchemagateError) {
    log(error.message.trimEnd())
    const exitCode = error.exitCode === 2 || error.exitCode === 69 ? error.exitCode : 1
    return stop(exitCode, `STOPPING: it could not be checked what ${name} relies on`)
  }
  return stop(1, `STOPPING: ${codeOf(error)} while running`)
}

// Without exit(), a socket that the database does not close would keep the process alive.
const stop = (exitCode: 0 | 1 | 2 | 3 | 69, line: string): never => {
  log(line)
  process.exit(exitCode)
}
