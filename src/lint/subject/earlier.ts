// The statements of a file in front of the one that a rule looks at, indexed as the file is read: a rule that asks about an
// object must not go through all of them for each statement.

import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import type { TakenName } from '../../schema/effects/rows/taken-name.ts'
import type { ReadStatement } from '../../schema/history/history.ts'
import { makeWordIndex, wholeWord } from './word-index.ts'

/** Objects are asked for by their keys (objectKey()). */
export type Earlier = {
  readonly count: () => number
  readonly isDropped: (key: string) => boolean
  /** The last of the statements that create it. */
  readonly madeBy: (key: string) => Made | undefined
  /** Does one of them insert rows into it? */
  readonly isFilled: (key: string) => boolean
  /** Have they left it without rows? */
  readonly isEmptied: (key: string) => boolean
  /** Does one behind that statement read the relation? */
  readonly isReadBehind: (statement: number, name: TakenName) => boolean
  /** Of these values, those that one of them adds to an enum, in the order of the file. */
  readonly newValues: (among: ReadonlySet<string>) => readonly NewValue[]
}

type Made = { readonly statement: number; readonly isGuarded: boolean }

type NewValue = { readonly value: string; readonly object: ObjectName }

export type GrowingEarlier = Earlier & {
  readonly add: (statement: ReadStatement, text: string) => void
}

export const makeEarlier = (): GrowingEarlier => {
  let count = 0
  const dropped = new Set<string>()
  const made = new Map<string, Made>()
  const rows = makeRows()
  const newValues = new Map<string, (NewValue & { readonly number: number })[]>()
  const readers: Reader[] = []
  const words = makeWordIndex()
  // What has another name now is not what gets the old one.
  const follow = (key: string, to: string): void => {
    const own = made.get(key)
    if (own !== undefined) made.set(to, own)
    made.delete(key)
    rows.follow(key, to)
    dropped.delete(to)
  }
  const addEffects = ({ effects }: ReadStatement): void => {
    for (const effect of effects) {
      const key = objectKey(effect.object)
      if (effect.kind === 'drop') dropped.add(key)
      if (effect.kind === 'rename') follow(key, objectKey(effect.to))
      if (effect.kind === 'create')
        made.set(key, { statement: count, isGuarded: isGuarded(effects, key) })
      const value = newValueOf(effect)
      if (value === undefined) continue
      const known = newValues.get(value) ?? []
      known.push({ value, object: effect.object, number: count })
      newValues.set(value, known)
    }
  }
  return {
    count: () => count,
    isDropped: (key) => dropped.has(key),
    madeBy: (key) => made.get(key),
    isFilled: rows.isFilled,
    isEmptied: rows.isEmptied,
    isReadBehind: (statement, { name }) => {
      const pattern = wholeWord(name, 'gi')
      return words.mayName(name).some((number) => {
        const reader = readers[number]
        if (reader === undefined || reader.statement <= statement) return false
        const ownMentions = reader.targets.has(name) ? 1 : 0
        return (reader.text.match(pattern)?.length ?? 0) > ownMentions
      })
    },
    newValues: (among) =>
      [...among].flatMap((value) => newValues.get(value) ?? []).sort((a, b) => a.number - b.number),
    add: (statement, text) => {
      addEffects(statement)
      rows.add(statement)
      if (reading.some((kind) => kind in statement.node)) {
        readers.push({ statement: count, text, targets: targetsOf(statement) })
        words.add(text)
      }
      count++
    },
  }
}

type Rows = Pick<Earlier, 'isFilled' | 'isEmptied'> & {
  readonly follow: (key: string, to: string) => void
  readonly add: (statement: ReadStatement) => void
}

const makeRows = (): Rows => {
  const filled = new Set<string>()
  const emptied = new Set<string>()
  return {
    isFilled: (key) => filled.has(key),
    isEmptied: (key) => emptied.has(key),
    follow: (key, to) => {
      for (const each of [filled, emptied]) if (each.delete(key)) each.add(to)
    },
    add: (statement) => {
      for (const each of statement.fills.flat()) {
        filled.add(objectKey(each as ObjectName))
        emptied.delete(objectKey(each as ObjectName))
      }
      for (const { how, candidates } of statement.takes)
        if (candidates.length === 1 && (how === 'empty' || isDeleteOfAll(statement)))
          for (const each of candidates) emptied.add(objectKey(each as ObjectName))
    },
  }
}

const isDeleteOfAll = ({ node }: ReadStatement): boolean =>
  'DeleteStmt' in node &&
  node.DeleteStmt.whereClause === undefined &&
  node.DeleteStmt.usingClause === undefined &&
  node.DeleteStmt.withClause === undefined

type Reader = {
  readonly statement: number
  readonly text: string
  /** What it changes: it names that once, and reads it only with a second time. */
  readonly targets: ReadonlySet<string>
}

const targetsOf = ({ node, fills, effects }: ReadStatement): ReadonlySet<string> =>
  new Set([
    ...fills.flat().map(({ name }) => name),
    ...effects.flatMap(({ object: { name, table } }) => [name, table]),
    ...('AlterTableStmt' in node ? [node.AlterTableStmt.relation?.relname ?? ''] : []),
  ])

const reading = [
  ...(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'DoStmt'] as const),
  ...(['CallStmt', 'CreateTableAsStmt', 'ViewStmt', 'CopyStmt', 'RefreshMatViewStmt'] as const),
  // They refer to it: by a foreign key, a default, LIKE.
  ...(['AlterTableStmt', 'CreateStmt'] as const),
]

const isGuarded = (effects: ReadStatement['effects'], key: string): boolean =>
  effects.some(({ guard, object }) => guard === 'if not exists' && objectKey(object) === key)

/** Two labels are a RENAME VALUE, which makes no new one. */
const newValueOf = (effect: ReadStatement['effects'][number]): string | undefined => {
  const [label, ...more] = Object.keys(effect.kind === 'alter' ? effect.properties : {})
  return label?.startsWith('label ') === true && more.length === 0
    ? label.slice('label '.length)
    : undefined
}
