// A file that cannot be one transaction, cut into the units that run one after the other: a statement by itself, or what
// the file puts between its own BEGIN and COMMIT. Pure.

import { createHash } from 'node:crypto'
import { problem, type Problem } from '../../errors/problem.ts'
import { addsValue, enumValueUsedLater } from '../../sql/transaction/enum-value.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import type { ParsedStatement } from '../../sql/tree/parse.ts'
import { settingsIn, type Setting } from '../../sql/transaction/settings.ts'
import type { TransactionNeed } from '../../sql/transaction/transaction-need.ts'
import type { Migration } from '../migration.ts'

export type UnitStatement = ParsedStatement & {
  /** Among the file's statements without its BEGIN and COMMIT, from 0. */
  readonly number: number
  /** SHA-256 in hex over its text, without the comments before it, and the sum of its rows. */
  readonly checksum: string
  /** What it sets for the statements behind it. */
  readonly sets: readonly Setting[]
}

export type Unit = {
  /**
   * In one transaction together with its record: what the file puts between BEGIN and COMMIT (`block`), or what the gate does
   * (`transaction`). `non-transactional`: without any, as its own message.
   */
  readonly kind: 'block' | 'transaction' | 'non-transactional'
  /** Of a non-transactional unit exactly one. */
  readonly statements: readonly [UnitStatement, ...UnitStatement[]]
}

export type StatementMode = {
  readonly units: readonly Unit[]
  /** Why the file is none of the usual, in words: 'CREATE INDEX CONCURRENTLY cannot run in a transaction (line 3)'. */
  readonly because: string
}

type Needed = { readonly statement: ParsedStatement; readonly need: TransactionNeed }

/** Why a file runs statement by statement; undefined for one that is one transaction. */
export const reasonForStatementMode = (
  { file, text, directives, source }: Migration,
  needed: readonly Needed[],
): string | undefined => {
  const at = (words: string, statement: ParsedStatement | undefined): string | undefined =>
    statement && `${words} (line ${placeAt(file, text, startOf(text, statement)).line})`
  if (directives.transaction === 'off')
    return source === undefined || /^\s*--\s*@transaction\b/m.test(text)
      ? 'it says @transaction off'
      : `${source.dialect} runs it outside of a transaction`
  const nonTransactional = needed.find(({ need }) => need.kind === 'no transaction')
  if (nonTransactional?.need.kind === 'no transaction')
    return at(
      `${nonTransactional.need.statement} cannot run in a transaction`,
      nonTransactional.statement,
    )
  const begun = needed.find(({ need }) => need.kind === 'begin')
  if (begun !== undefined) return at('it has a transaction of its own', begun.statement)
  const adding = enumValueUsedLater(needed.map(({ statement }) => statement))
  return at('it adds an enum value and uses it', adding)
}

/**
 * Every problem of the file at once. A file that is not a single transaction only because of an enum value has as few as can be: it
 * ends one behind ALTER TYPE … ADD VALUE.
 */
export const cutIntoUnits = (
  migration: Migration,
  needed: readonly Needed[],
): { readonly units: readonly Unit[]; readonly problems: readonly Problem[] } => {
  const { file, text } = migration
  const units: Unit[] = []
  const problems: Problem[] = []
  let number = 0
  let open: { readonly begin: ParsedStatement; readonly statements: UnitStatement[] } | undefined
  const control = (statement: string, { start }: ParsedStatement): void => {
    problems.push(problem('transaction-control', { file, statement }, placeAt(file, text, start)))
  }
  for (const { statement, need } of needed) {
    const place = placeAt(file, text, statement.start)
    switch (need.kind) {
      case 'copy through client':
        problems.push(problem('copy-through-client', { file }, place))
        break
      case 'begin':
        if (open === undefined) open = { begin: statement, statements: [] }
        else control('BEGIN within a transaction', statement)
        break
      case 'commit':
        if (open === undefined) control('COMMIT without a BEGIN', statement)
        else {
          const [first, ...more] = open.statements
          if (first !== undefined) units.push({ kind: 'block', statements: [first, ...more] })
        }
        open = undefined
        break
      case 'control':
        control(need.statement, statement)
        break
      case 'other reading': {
        const { setting, value } = need
        problems.push(problem('text-read-otherwise', { file, setting, value }, place))
        break
      }
      case 'any':
      case 'no transaction': {
        const read = readUnitStatement(migration, statement, number++)
        if (open === undefined) units.push({ kind: kindOf(read, need), statements: [read] })
        else {
          if (need.kind === 'no transaction') {
            const facts = { file, statement: need.statement }
            problems.push(problem('needs-no-transaction', facts, place))
          }
          open.statements.push(read)
        }
      }
    }
  }
  if (open !== undefined) control('BEGIN without a COMMIT', open.begin)
  const isCutFine =
    migration.directives.transaction === 'off' ||
    needed.some(({ need }) => need.kind === 'no transaction' || need.kind === 'begin')
  return { units: isCutFine ? units : joined(units), problems }
}

const joined = (units: readonly Unit[]): readonly Unit[] => {
  const joins: { kind: Unit['kind']; statements: [UnitStatement, ...UnitStatement[]] }[] = []
  for (const { kind, statements } of units) {
    const [statement] = statements
    const last = joins.at(-1)
    const before = last?.statements.at(-1)
    const isCut = before !== undefined && addsValue(before.node) && !addsValue(statement.node)
    if (last?.kind === 'transaction' && kind === 'transaction' && !isCut)
      last.statements.push(...statements)
    else joins.push({ kind, statements: [...statements] })
  }
  return joins
}

// A procedure may commit; whether it does, is in the database.
const kindOf = ({ node }: UnitStatement, need: TransactionNeed): Unit['kind'] =>
  need.kind === 'no transaction' || 'CallStmt' in node ? 'non-transactional' : 'transaction'

const readUnitStatement = (
  { text, rows = [] }: Migration,
  statement: ParsedStatement,
  number: number,
): UnitStatement => ({
  ...statement,
  number,
  checksum: createHash('sha256')
    .update(text.slice(startOf(text, statement), statement.end).trimEnd())
    .update((statement.rows && rows[statement.rows.number]?.checksum) ?? '')
    .digest('hex'),
  sets: settingsIn(statement.node).filter(({ lasts }) => lasts !== 'transaction'),
})

/** Where a statement begins, behind the blanks and comments that the parser counts as part of it. */
export const startOf = (text: string, { start }: { readonly start: number }): number =>
  start + (/^(?:\s+|--[^\n]*\n?|\/\*[\s\S]*?\*\/)*/.exec(text.slice(start))?.[0].length ?? 0)
