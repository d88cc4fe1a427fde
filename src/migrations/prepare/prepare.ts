// A pending migration made ready to be sent: read by the parser, its own BEGIN/COMMIT taken off, and cut into units
// when it cannot be one transaction. Pure: the parser is handed in.

import { problem, type Problem } from '../../errors/problem.ts'
import type { RowsMark } from '../../sql/text/dump-parts.ts'
import { addsValue } from '../../sql/transaction/enum-value.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import type { Parse, ParsedStatement } from '../../sql/tree/parse.ts'
import { transactionNeed, type TransactionNeed } from '../../sql/transaction/transaction-need.ts'
import type { Migration, MigrationVersion } from '../migration.ts'
import { lostBetween } from './session-state.ts'
import { cutIntoUnits, reasonForStatementMode, type StatementMode } from './units.ts'

export type PreparedMigration = {
  readonly migration: Migration
  /** The text to send: as long as the file's, so that places stay what they are. */
  readonly body: string
  /** Where each statement is in the text; undefined when the parser could not read the file. */
  readonly statements: readonly StatementSpan[] | undefined
  /** How it runs statement by statement; undefined for what runs as one transaction. */
  readonly statementMode?: StatementMode
  /** Of one transaction that adds an enum value: how it runs when the server says that it uses it. */
  readonly unlessWhole?: StatementMode
  /** Why and where the parser could not read the file. */
  readonly unreadable?: { readonly message: string; readonly index: number }
}

export type StatementSpan = {
  readonly start: number
  readonly end: number
  /** Of COPY … FROM stdin: its rows, to be sent over the COPY protocol. */
  readonly rows?: RowsMark
}

export type Preparation = {
  readonly prepared: readonly PreparedMigration[]
  readonly problems: readonly Problem[]
}

/**
 * Every problem of every file at once; a file with a problem is not among the prepared. `begun` are those that an earlier
 * run began statement by statement.
 */
export const prepareMigrations = (
  migrations: readonly Migration[],
  parse: Parse,
  begun: ReadonlySet<MigrationVersion> = new Set(),
): Preparation => {
  const results = migrations.map((migration) =>
    prepare(migration, parse, begun.has(migration.version) ? 'begun' : 'new'),
  )
  return {
    prepared: results.flatMap((result) => (result.kind === 'prepared' ? [result.value] : [])),
    problems: results.flatMap((result) => (result.kind === 'problems' ? result.problems : [])),
  }
}

type Result =
  | { readonly kind: 'prepared'; readonly value: PreparedMigration }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

const prepare = (migration: Migration, parse: Parse, progress: 'new' | 'begun'): Result => {
  const { text, refused } = migration
  if (refused !== undefined) return { kind: 'problems', problems: [refused] }
  const parsed = parse(text)
  if (parsed.kind === 'unreadable') {
    const found =
      foreignToServer(migration, parsed.index) ??
      unterminated(migration, parsed) ??
      transactionOff(migration)
    return found === undefined
      ? {
          kind: 'prepared',
          value: {
            migration,
            body: parsed.sql ?? text,
            statements: undefined,
            unreadable: { message: parsed.message, index: parsed.index },
          },
        }
      : { kind: 'problems', problems: [found] }
  }
  const { sql = text } = parsed
  const needed = parsed.statements.map((statement) => ({
    statement,
    need: transactionNeed(statement.node, statement.rows),
  }))
  const wrapped =
    needed.length > 1 &&
    needed[0]?.need.kind === 'begin' &&
    needed.at(-1)?.need.kind === 'commit' &&
    needed
      .slice(1, -1)
      .every(({ need }) => !['begin', 'commit', 'no transaction'].includes(need.kind))
  const isOff = migration.directives.transaction === 'off'
  const reason = wrapped && !isOff ? undefined : reasonForStatementMode(migration, needed)
  const because = progress === 'begun' ? (reason ?? 'an earlier run began it so') : reason
  if (because !== undefined) return statementMode(migration, sql, { needed, because })
  const inner = wrapped ? needed.slice(1, -1) : needed
  const problems = inner.flatMap(({ statement, need }) => refusal(migration, statement, need))
  if (problems.length > 0) return { kind: 'problems', problems }
  const body = wrapped ? blank(sql, [needed[0], needed.at(-1)]) : sql
  return {
    kind: 'prepared',
    value: {
      migration,
      body,
      statements: inner.map(({ statement }) => spanOf(statement)),
      ...(wrapped ? {} : unlessWhole(migration, needed)),
    },
  }
}

const spanOf = ({ start, end, rows }: ParsedStatement): StatementSpan => ({
  ...{ start, end },
  ...(rows === undefined ? {} : { rows }),
})

const unitsOf = (...of: Parameters<typeof cutIntoUnits>): ReturnType<typeof cutIntoUnits> => {
  const { units, problems } = cutIntoUnits(...of)
  return { units, problems: [...problems, ...lostBetween(of[0], units)] }
}

// What uses the value may not show in the text: a function that the file calls, the rows of a COPY.
const unlessWhole = (
  ...of: Parameters<typeof cutIntoUnits>
): Pick<PreparedMigration, 'unlessWhole'> => {
  const [, needed] = of
  if (!needed.some(({ statement }) => addsValue(statement.node))) return {}
  const { units, problems } = unitsOf(...of)
  return problems.length > 0 || units.length < 2
    ? {}
    : { unlessWhole: { units, because: 'it adds an enum value and uses it' } }
}

const statementMode = (
  migration: Migration,
  body: string,
  {
    needed,
    because,
  }: { readonly needed: Parameters<typeof cutIntoUnits>[1]; readonly because: string },
): Result => {
  const { units, problems } = unitsOf(migration, needed)
  if (problems.length > 0) return { kind: 'problems', problems }
  const statements = units.flatMap((unit) => unit.statements)
  return {
    kind: 'prepared',
    value: { migration, body, statements, statementMode: { units, because } },
  }
}

const transactionOff = ({ file, text, directives }: Migration): Problem | undefined => {
  if (directives.transaction === undefined) return undefined
  const line = /^\s*--\s*@transaction\b/m.exec(text)
  const index = line === null ? 0 : line.index + line[0].indexOf('@')
  return problem('statements-unreadable', { file }, placeAt(file, text, index))
}

const refusal = (
  migration: Migration,
  { start }: ParsedStatement,
  need: TransactionNeed,
): Problem[] => {
  const { file, text } = migration
  const control = (statement: string): Problem[] => [
    problem('transaction-control', { file, statement }, placeAt(file, text, start)),
  ]
  switch (need.kind) {
    case 'any':
      return []
    case 'copy through client':
      return [problem('copy-through-client', { file }, placeAt(file, text, start))]
    // Such a file runs statement by statement.
    case 'no transaction':
      return []
    case 'begin':
      return control('BEGIN')
    case 'commit':
      return control('COMMIT')
    case 'control':
      return control(need.statement)
    case 'other reading': {
      const { setting, value } = need
      return [problem('text-read-otherwise', { file, setting, value }, placeAt(file, text, start))]
    }
  }
}

// What is for psql and not for the server stops the parser; anything else that it cannot read may be syntax
// of a newer server, which then decides.
const foreignToServer = ({ file, text }: Migration, index: number): Problem | undefined => {
  // The rows of a COPY follow it, where the parser stops first; a row may start with a backslash (\N).
  const copied = copyBefore(text, index)
  if (copied !== undefined)
    return problem('copy-through-client', { file }, placeAt(file, text, copied))
  const command = /^\\\S*/.exec(text.slice(index))?.[0]
  return command === undefined
    ? undefined
    : problem('psql-command', { file, command }, placeAt(file, text, index))
}

// What is left open would swallow the ledger row behind it; no server takes it either.
const unterminated = (
  { file, text }: Migration,
  { message, index }: { readonly message: string; readonly index: number },
): Problem | undefined =>
  message.startsWith('unterminated')
    ? problem(
        'unterminated-text',
        // The rest of the message repeats the rest of the file.
        { file, message: message.replace(/ at or near .*/s, '') },
        placeAt(file, text, index),
      )
    : undefined

// One whose rows are there has their mark behind it.
const copyBefore = (text: string, index: number): number | undefined =>
  /^[ \t]*copy\s[^;]*\sfrom\s+stdin\b[^;]*;(?![ \t\r]*\n\0)/im.exec(text.slice(0, index))?.index

const blank = (
  text: string,
  parts: readonly ({ statement: ParsedStatement } | undefined)[],
): string =>
  parts.reduce((result, part) => {
    if (part === undefined) return result
    const { start, end } = part.statement
    return (
      result.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + result.slice(end)
    )
  }, text)
