// The entry point of this module: what the files that are about to run would remove of what the database has, and what of that is
// refused. Pure: removalsOf() says what to ask the database for, lossesIn() decides on its answers.

import { quoteName } from '../../errors/define.ts'
import { problem, type Place, type Problem } from '../../errors/problem.ts'
import type { LostThing } from '../../errors/run/state-problems.ts'
import { describeObject, type ObjectName } from '../../schema/effects/effect.ts'
import type { TakenName } from '../../schema/effects/rows/taken-name.ts'
import type { History } from '../../schema/history/history.ts'
import type { Migration } from '../../migrations/migration.ts'
import { placeOfChange } from '../refuse.ts'
import { sizeInBrackets, type TableSize, type TableSizes } from '../table-size.ts'
import { explainedBy, type Past } from './explained.ts'
import { lossesOf, type Because, type Loss, type LostObject } from './loss.ts'
import type { Removal } from './removals.ts'

export type FileLoss = Loss & {
  readonly migration: Migration
  /** 'table customer', 'all rows of table customer' */
  readonly what: string
  /** Of the table; undefined where nobody could tell. */
  readonly size: TableSize | undefined
}

/** `there` has an answer for each ask of all that is sought, in their order. */
export const lossesIn = (
  removals: readonly Removal[],
  lostObjects: readonly (readonly LostObject[])[],
  past: Past,
): readonly FileLoss[] => {
  if (lostObjects.every((each) => each.length === 0)) return []
  const explains = explainedBy(past)
  let next = 0
  return removals.flatMap((each) => {
    const answers = lostObjects.slice(next, (next += each.queries.length))
    return lossesOf(each, answers, explains).map((loss) => ({
      ...loss,
      migration: each.migration,
      what: whatOf(loss),
      size: undefined,
    }))
  })
}

/** As SQL writes it. */
export const tableOfLoss = ({ name: { kind, schema, table, name } }: Loss): string =>
  `${quoteName(schema)}.${quoteName(kind === 'column' ? table : name)}`

export const withSizes = (losses: readonly FileLoss[], sizes: TableSizes): readonly FileLoss[] =>
  losses.map((loss) => ({ ...loss, size: sizes.get(tableOfLoss(loss)) }))

/** One for each file that would remove what it may not. */
export const lossProblems = (losses: readonly FileLoss[], history: History): readonly Problem[] => {
  const refused = losses.filter(({ verdict }) => verdict.kind === 'refused')
  return [...new Set(refused.map(({ migration }) => migration))].map((migration) => {
    const own = refused.filter((each) => each.migration === migration)
    const { file, version } = migration
    const facts = { file, version, losses: own.map((loss) => thingOf(loss, history)) }
    return problem('data-loss', facts, own[0] && placeOfLoss(own[0], history))
  })
}

const thingOf = (loss: FileLoss, history: History): LostThing => ({
  what: loss.what,
  line: placeOfLoss(loss, history)?.line,
  size: sizeInBrackets(loss.size),
  because: reasonOf(loss, history),
  rule: loss.rule,
})

/** Why it is refused, or may be removed. */
export const reasonOf = ({ verdict, migration }: FileLoss, history: History): string => {
  switch (verdict.kind) {
    case 'explained':
      return 'an earlier file created it'
    case 'allowed':
      return `@allow ${verdict.allowance.rule} ${verdict.allowance.reason}`
    case 'refused': {
      const { other } = verdict
      const line = other === undefined ? undefined : placeOf(other, migration, history)?.line
      return `${reasons[verdict.because]}${line === undefined ? '' : ` (line ${line})`}`
    }
  }
}

const reasons: Readonly<Record<Because, string>> = {
  'nobody made it': 'the database has it, and no recorded or recognised file created it',
  'it makes it': 'the file creates it itself, and the database already has it',
  'it makes its schema': 'it is in a schema that the file creates itself, and drops',
  'it fills it': 'the file adds rows to the table first, and the table already exists',
  'it makes it again': 'the file creates it again, and what it has not copied before is lost',
  'it gives it two types': 'the file changes its type twice, and values are cut in between',
}

export const placeOfLoss = (
  { statement, migration }: Pick<FileLoss, 'statement' | 'migration'>,
  history: History,
): Place | undefined => placeOf(statement, migration, history)

const placeOf = (statement: number, { version }: Migration, history: History): Place | undefined =>
  placeOfChange(
    {
      at: history.migrations.findIndex(({ migration }) => migration.version === version),
      statement,
    },
    history,
  )

const whatOf = ({ name, how }: Loss): string => {
  const object = describe(name)
  switch (how) {
    case 'drop':
      return object
    case 'empty':
      return `all rows of ${object}`
    case 'delete':
      return `rows of ${object}`
    case 'retype':
      return `values of ${object}`
    case 'detach':
      return `${object} as a part of its parent`
  }
}

const describe = (name: TakenName): string => describeObject(name as ObjectName)
