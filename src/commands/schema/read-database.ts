// What the commands of `schemagate schema` share: the schemas that somebody names, one connection, and how they end.

import { connectToDatabase } from '../../database/connect/connect.ts'
import { reading } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { interrupted } from '../../errors/interruption.ts'
import { nearest } from '../../errors/nearest.ts'
import { problem, problemsOf, SchemagateError, type Problem } from '../../errors/problem.ts'
import { readAll, withProblems, type ParsedArguments } from '../definition.ts'
import { prepareCommand, type CommandRequest, type Prepared } from '../prepare.ts'
import { reportFailure } from '../report-failure.ts'

/** How long to wait for who alters a table. */
export const patienceMs = 5_000

/** The names behind --schema; undefined for all schemas. */
export const readSchemas = (
  parsed: ParsedArguments,
): { readonly schemas: readonly string[] | undefined; readonly problems: readonly Problem[] } => {
  const form = 'names of schemas with commas between, such as app,audit'
  const { all, problems } = readAll(parsed, 'schema', form)
  const schemas = namesIn(all)
  return { schemas: schemas.length === 0 ? undefined : schemas, problems }
}

export const namesIn = (values: readonly string[]): readonly string[] =>
  values
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')

export type Reading<Found> = {
  /** Of the line. */
  readonly problems: readonly Problem[]
  readonly schemas: readonly string[] | undefined
  /** Before anything is asked of the database. Throws what is wrong with a file. */
  readonly before?: () => void
  readonly read: (session: Session) => Promise<Found>
  /** Yields the exit code. */
  readonly report: (found: Found, prepared: Prepared) => Promise<number>
}

export const readDatabase = async <Found>(
  line: CommandRequest,
  { problems: ofLine, schemas, before, read, report }: Reading<Found>,
): Promise<number> => {
  const request = withProblems(line, ofLine)
  const prepared = await prepareCommand(request)
  const { config, problems, announce } = prepared
  const { interruption } = request
  try {
    if (config === undefined) throw new SchemagateError(problems)
    before?.()
    const { session } = await connectToDatabase({
      endpoints: config.endpoints,
      waitMs: config.databaseWaitMs,
      role: 'schema',
      first: (opened) => checkSchemas(opened, schemas ?? []),
      announce,
      interruption,
    })
    try {
      return await report(await read(session), prepared)
    } finally {
      await session.close()
    }
  } catch (error) {
    const found = interruption.aborted
      ? [interrupted(interruption, 'before the answer came')]
      : problemsOf(error)
    return reportFailure(found, prepared)
  }
}

const schemasQuery = `SELECT nspname::pg_catalog.text AS schema FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`

const checkSchemas = async (session: Session, asked: readonly string[]): Promise<void> => {
  if (asked.length === 0) return
  const rows = rowsOf(session, await session.send(reading(schemasQuery)))
  const schemas = rows.map((row) => String(row['schema']))
  const problems = asked
    .filter((schema) => !schemas.includes(schema))
    .map((schema) =>
      problem('unknown-schema', { schema, nearest: nearest(schema, schemas, 3), schemas }),
    )
  if (problems.length > 0) throw new SchemagateError(problems)
}
