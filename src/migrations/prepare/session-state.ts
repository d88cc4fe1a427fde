// Files that run in several transactions, and have in one what only lasts within another: a temporary table, a cursor. Found
// before anything runs, since what came before would stay. Pure.

import { problem, type Problem } from '../../errors/problem.ts'
import { addsValue } from '../../sql/transaction/enum-value.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { hideSecrets } from '../../sql/text/secrets.ts'
import {
  asksForLastNumber,
  ends,
  leftBy,
  needs,
  type SessionObject,
} from '../../sql/transaction/session-objects.ts'
import type { Migration } from '../migration.ts'
import { startOf, type Unit, type UnitStatement } from './units.ts'

type Left = {
  readonly object: SessionObject
  readonly by: UnitStatement
  /** Its place among the units. */
  readonly unit: number
}

/** Each with the place of the first statement that would miss it. */
export const lostBetween = (migration: Migration, units: readonly Unit[]): readonly Problem[] => {
  const problems: Problem[] = []
  let left: readonly Left[] = []
  for (const [unit, { statements }] of units.entries())
    for (const statement of statements) {
      const { node } = statement
      const made = leftBy(node)
      const remade = (found: Left): boolean => made.some((own) => isSame(own, found.object))
      const missed = left.filter(
        (found) => found.unit !== unit && !remade(found) && needs(node, found.object),
      )
      for (const found of missed)
        problems.push(
          lost(migration, statement, {
            what: inWords(found.object),
            by: found.by,
            cure: cureOf(found, units, statement, migration),
          }),
        )
      left = [
        ...left.filter(
          (found) => !missed.includes(found) && !remade(found) && !ends(node, found.object),
        ),
        ...made.map((object) => ({ object, by: statement, unit })),
      ]
    }
  return problems
}

/** What currval() and lastval() answer lasts on one session of the server, and not behind a pooler. */
export const lostNumbers = (migration: Migration, units: readonly Unit[]): readonly Problem[] =>
  units.flatMap(({ statements: [first] }, unit) => {
    const by = units[unit - 1]?.statements.at(-1)
    return by === undefined || !asksForLastNumber(first.node)
      ? []
      : [lost(migration, first, { what: 'the last value of a sequence', by, cure: numberByQuery })]
  })

const numberByQuery =
  'Ask for the number by what its row holds, (SELECT id FROM … WHERE …), put BEGIN; and COMMIT; around this statement and the one that draws the number, or give the gate a direct connection: DATABASE_URL_DIRECT.'

type Lost = { readonly what: string; readonly by: UnitStatement; readonly cure: string }

const lost = (
  { file, text }: Migration,
  statement: UnitStatement,
  { what, by, cure }: Lost,
): Problem => {
  const facts = { file, what, line: lineOf(text, by), statement: firstWords(text, statement), cure }
  const place = placeAt(file, text, startOf(text, statement))
  return problem('session-state-between-steps', facts, place)
}

const isSame = (one: SessionObject, other: SessionObject): boolean =>
  one.kind === other.kind && one.name === other.name

const inWords = ({ kind, name }: SessionObject): string => {
  switch (kind) {
    case 'setting':
      return 'the setting that a function call or a DO block makes'
    case 'lock':
      return 'the advisory lock of the session'
    default:
      return `the ${kind} ${name}`
  }
}

const lineOf = (text: string, statement: UnitStatement): number =>
  placeAt('', text, startOf(text, statement)).line

const firstWords = (text: string, statement: UnitStatement): string =>
  hideSecrets(text.slice(startOf(text, statement), statement.end))
    .trim()
    .split(/\s+/)
    .slice(0, 3)
    .join(' ')

const cureOf = (
  { object, by, unit }: Left,
  units: readonly Unit[],
  missing: UnitStatement,
  { text }: Migration,
): string => {
  if (object.kind === 'setting')
    return 'Write it as a statement of its own, SET <name> = <value>; schemagate then sets it again before each later statement.'
  if (object.kind === 'lock')
    return 'Remove it: the migration lock keeps other runs away. Against others, pg_advisory_xact_lock() holds between BEGIN and COMMIT.'
  const last = units.findLastIndex(({ statements }) =>
    statements.some(({ node }) => needs(node, object)),
  )
  const joined = units.slice(unit, last + 1)
  const apart = ({ kind, statements }: Unit): boolean =>
    kind !== 'transaction' || statements.some(({ node }) => addsValue(node))
  if (!joined.some(apart)) {
    const end = joined.at(-1)?.statements.at(-1) ?? missing
    return `Put BEGIN; before line ${lineOf(text, by)}, and COMMIT; after the statement of line ${lineOf(text, end)}: what is between them is one step.`
  }
  return object.kind === 'temporary object'
    ? `Make it a permanent one, and drop it at the end of the file.`
    : `Write the query itself instead of its name.`
}
