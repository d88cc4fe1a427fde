// What every service of the demo does besides its own work: connect, refuse a schema that lacks what its
// queries name, and leave in order when told to. It knows no table and no route.

import postgres from 'postgres'

export type Service = {
  readonly name: string
  readonly sql: postgres.Sql
  readonly port: number
  /** Aborted by SIGTERM and SIGINT. */
  readonly stopping: AbortSignal
}

/** What a service's queries name, by table. */
export type RequiredColumns = Readonly<Record<string, readonly string[]>>

/** Resolves after `stopping`, when nothing of it is under way any more. */
type Work = (service: Service) => Promise<void>

/**
 * Runs until SIGTERM or SIGINT, then ends the process.
 * Exit code: 0 after a signal, 1 when schema or system do not let it run, 2 when a setting is wrong.
 */
export const runService = async (
  name: string,
  required: RequiredColumns,
  work: Work,
): Promise<never> => {
  const stopping = abortOnSignal(name)
  if (process.env['RUN_MIGRATIONS'] === '0') log('MIGRATIONS_DISABLED: RUN_MIGRATIONS is 0')
  const opened = open(name, process.env)
  if (opened.kind === 'wrong setting') return stop(2, `STOPPING: ${opened.reason}`)
  const { sql, port } = opened
  let doing = 'reading the schema'
  try {
    const lacking = (await findLacking(sql, required)).join(', ')
    if (lacking !== '')
      return stop(
        1,
        `STOPPING: the schema lacks ${lacking}; run the migrations first (schemagate run)`,
      )
    doing = 'running'
    if (!stopping.aborted) await work({ name, sql, port, stopping })
    await sql.end({ timeout: 3 })
    return stop(0, `[${name}] stopped`)
  } catch (error) {
    return stop(1, `STOPPING: ${codeOf(error)} while ${doing}`)
  }
}

type Fields = Readonly<Record<string, string | number>>

/** One line to stderr: the text, then the fields as name=value. */
export const log = (text: string, fields: Fields = {}): void => {
  const pairs = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${quoteIfOdd(String(value))}`,
  )
  process.stderr.write(`${text}${pairs.join('')}\n`)
}

/** The SQLSTATE or Node's code. Messages stay out of logs: they repeat hosts, paths and values. */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

// A line feed in a call_sid would forge a second line.
const quoteIfOdd = (value: string): string =>
  /^[\w.+:-]+$/.test(value) ? value : JSON.stringify(value)

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

// Without exit(), a socket that the database does not close would keep the process alive.
const stop = (exitCode: 0 | 1 | 2, line: string): never => {
  log(line)
  process.exit(exitCode)
}

type Opened =
  | { readonly kind: 'open'; readonly sql: postgres.Sql; readonly port: number }
  | { readonly kind: 'wrong setting'; readonly reason: string }

const open = (name: string, env: NodeJS.ProcessEnv): Opened => {
  const wrong = (reason: string): Opened => ({ kind: 'wrong setting', reason })
  // compose hands over what is not set as an empty text.
  const variable = ['DATABASE_URL_POOLER', 'DATABASE_URL'].find((each) => (env[each] ?? '') !== '')
  if (variable === undefined) return wrong('set DATABASE_URL_POOLER or DATABASE_URL')
  const port = Number(env['PORT'] ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return wrong('PORT is no number from 0 to 65535; 0 takes a free one')
  const url = env[variable] ?? ''
  try {
    // The driver takes any scheme, and a text without one for a host to look up.
    if (/^postgres(ql)?:\/\//.test(url)) return { kind: 'open', sql: connect(name, url), port }
  } catch {
    // The driver's error holds the URL with its password, so it is dropped.
  }
  return wrong(`${variable} is no URL like postgresql://user@host/database`)
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

// to_regclass looks along the search_path, as the service's own queries will.
const findLacking = async (sql: postgres.Sql, required: RequiredColumns): Promise<string[]> => {
  const names = Object.entries(required).flatMap(([table, columns]) =>
    columns.map((column) => `${table}.${column}`),
  )
  const rows = await sql<{ name: string }[]>`
    SELECT required.name
    FROM jsonb_array_elements_text(${sql.json(names)}) WITH ORDINALITY AS required (name, position)
    WHERE NOT EXISTS (
      SELECT FROM pg_catalog.pg_attribute
      WHERE attrelid = to_regclass(split_part(required.name, '.', 1))
        AND attname = split_part(required.name, '.', 2)
        AND NOT attisdropped
    )
    ORDER BY required.position`
  return rows.map(({ name }) => name)
}
