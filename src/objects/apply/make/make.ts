// One object made as its file says: replaced in place where the server can do that, else made again with all that was said of it.

import {
  isCondition,
  undefinedColumn,
  undefinedObject,
  wrongObjectType,
} from '../../../errors/server/sqlstate.ts'
import type { Deparse } from '../../../sql/tree/deparse.ts'
import {
  isFollowed,
  type Identity,
  type ObjectFile,
  type ObjectStatement,
} from '../../object-file.ts'
import type { Found, Piece } from '../../state/definitions.ts'
import { foundOne, type Bench } from '../bench.ts'
import { alterTextSearch } from './text-search.ts'
import { indexMade, trialOf, replaceable, replacing, withdrawals } from './statements.ts'

export type Making = {
  readonly bench: Bench
  readonly deparse: Deparse
  readonly file: ObjectFile
  readonly identity: Identity
  /** What the file said when it was last applied. */
  readonly earlier: readonly ObjectStatement[]
  /** Indexes that are as they were recorded, by their statements. */
  readonly untouched: ReadonlySet<string>
}

/** `cannot be replaced`: nothing is left of the try. */
export const replaceInPlace = async (
  making: Making,
  before: Found | undefined,
): Promise<'made' | 'cannot be replaced'> => {
  const { bench, file } = making
  const { main } = file
  if (file.defines.kind === 'default privileges' && before !== undefined)
    await bench.run(file, before.drop)
  if (main !== undefined && before === undefined) await runMain(making, main)
  else if (main !== undefined && before !== undefined) {
    if (replaceable(file) === 'never') {
      const isThere =
        (await isAlready(making, before)) || (await alterTextSearch(making, before)) === 'altered'
      if (!isThere) return 'cannot be replaced'
    } else {
      const { sql, shift } = replacing(main)
      await bench.savepoint('try')
      const isOther = isOtherFor(file)
      const error = await bench.run(file, sql, { statement: main, shift }, isOther)
      if (error !== undefined) {
        await bench.rollBackTo('try')
        return 'cannot be replaced'
      }
      await bench.release('try')
    }
  }
  await sayBelongings(making, before)
  return 'made'
}

const isOtherFor =
  ({ defines: { kind } }: ObjectFile) =>
  ({ sqlstate }: { readonly sqlstate: string }): boolean =>
    isCondition(sqlstate, 'irreplaceable') ||
    // One with ORDER BY in its arguments, or without.
    (kind === 'aggregate' && sqlstate === wrongObjectType)

/** After it was dropped: owner, grants, comments, labels and indexes of `before` are there again, where the file does not say otherwise. */
export const makeAgain = async (making: Making, before: Found): Promise<void> => {
  const { bench, file, identity } = making
  const { main } = file
  if (main !== undefined) await runMain(making, main)
  const now = await foundOne(bench, file, identity)
  const restored = before.pieces.filter(({ part }) => part !== 'main' && part !== 'index')
  await restore(making, now?.pieces ?? [], restored)
  await sayBelongings(making, now)
  const made = await foundOne(bench, file, identity)
  const withdrawn = new Set(making.earlier.map(indexMade))
  const isWithdrawn = (piece: Piece): boolean =>
    [...withdrawn].some((name) => name !== undefined && namesIndex(piece, name))
  await restore(
    making,
    [],
    before.pieces.filter(
      (piece) => piece.part === 'index' && !isWithdrawn(piece) && !hasIndexOf(made, piece),
    ),
  )
}

const runMain = async ({ bench, file }: Making, main: ObjectStatement): Promise<void> => {
  await bench.run(file, main.text, { statement: main, shift: 0 })
}

const hasIndexOf = (found: Found | undefined, { undo }: Piece): boolean =>
  found?.pieces.some((piece) => piece.part === 'index' && piece.undo === undo) === true

const namesIndex = ({ undo = '' }: Piece, name: string): boolean =>
  undo.endsWith(`.${name}`) || undo.endsWith(`."${name.replaceAll('"', '""')}"`)

const restore = async (
  { bench, file }: Making,
  now: readonly Piece[],
  wanted: readonly Piece[],
): Promise<void> => {
  const texts = new Set(wanted.map(({ text }) => text))
  const there = new Set(now.map(({ text }) => text))
  const undone = now.flatMap(({ part, text, undo }) =>
    undo === undefined || part === 'main' || texts.has(text) ? [] : [undo],
  )
  const said = wanted.flatMap(({ text }) => (there.has(text) ? [] : [text]))
  // What was said of a column that is gone goes with it.
  const isOfGone = ({ sqlstate }: { readonly sqlstate: string }): boolean =>
    sqlstate === undefinedColumn || sqlstate === undefinedObject
  for (const statement of [...undone, ...said]) {
    await bench.savepoint('try')
    const error = await bench.run(file, statement, undefined, isOfGone)
    await (error === undefined ? bench.release('try') : bench.rollBackTo('try'))
  }
}

const sayBelongings = async (
  { bench, file, deparse, earlier, untouched }: Making,
  before: Found | undefined,
): Promise<void> => {
  const target = before === undefined || isFollowed(file.defines) ? '' : before.target
  const withdrawn =
    before === undefined
      ? []
      : withdrawals(earlier, file.belongings, { query: deparse.query, target })
  const indexes = before?.pieces.filter(({ part }) => part === 'index') ?? []
  for (const piece of indexes) {
    const isMade = (each: ObjectStatement): boolean => namesIndex(piece, indexMade(each) ?? '')
    const statement = file.belongings.find(isMade)
    const isAsBefore =
      statement !== undefined && earlier.some(({ text }) => text === statement.text)
    if (statement === undefined ? earlier.some(isMade) : !(isAsBefore && untouched.has(piece.text)))
      await bench.run(file, piece.undo ?? '')
  }
  for (const statement of withdrawn) await bench.run(file, statement)
  const kept = indexes.filter(({ text }) => untouched.has(text))
  for (const statement of file.belongings) {
    const name = indexMade(statement)
    const isThere =
      name !== undefined &&
      earlier.some(({ text }) => text === statement.text) &&
      kept.some((piece) => namesIndex(piece, name))
    if (!isThere) await bench.run(file, statement.text, { statement, shift: 0 })
  }
}

const trialName = 'schemagate_trial'

// Of a materialized view an empty one is made beside it, which runs nothing of its query.
const isAlready = async (
  { bench, deparse, file, identity }: Making,
  before: Found,
): Promise<boolean> => {
  const sql = trialOf(file, trialName, deparse)
  if (sql === undefined) return false
  await bench.savepoint('try')
  await bench.run(file, sql)
  const trial = await foundOne(bench, file, { ...identity, name: trialName })
  await bench.rollBackTo('try')
  return trial !== undefined && queryOf(trial) === queryOf(before)
}

const queryOf = ({ target, pieces }: Found): string => {
  const main = pieces.find(({ part }) => part === 'main')?.text ?? ''
  return main.slice(`CREATE ${target}`.length)
}
