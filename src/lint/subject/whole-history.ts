// What one statement cannot tell: which file makes what, and which statements may have made or removed anything, because
// nobody can see into them.

import type { Node } from 'libpg-query'
import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import { callsOf } from '../../sql/tree/tree.ts'
import type { History, ReadMigration } from '../../schema/history/history.ts'
import type { Model, Tracked } from '../../schema/history/model/model.ts'
import { locksOf } from '../../sql/locks/locks.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import type { Contract } from '../../contract/contract.ts'
import type { DefinedElsewhere } from './defined-elsewhere.ts'
import { isSystem } from './system-names.ts'
import { makeWordIndex, wholeWord } from './word-index.ts'

/** A place in the history: the file and the statement in it, by index. */
export type HistoryStep = { readonly at: number; readonly statement: number }

export type WholeHistory = {
  readonly history: History
  /** The steps that create an object, in the order of the history. */
  readonly creations: (object: ObjectName) => readonly HistoryStep[]
  /** 'migrations/0001_a.sql:3' */
  readonly describe: (step: HistoryStep) => string
  /** May a statement between the two have made or dropped something of this name, unseen? */
  readonly mayHaveChanged: (
    name: string,
    after: HistoryStep | undefined,
    before: HistoryStep,
  ) => boolean
  /** Does a statement between the two drop more than it names: what CASCADE finds, or all that a role owns? */
  readonly mayHaveGone: (after: HistoryStep, before: HistoryStep) => boolean
  /** Does its first file use what it does not create? Such a history was not the first to be there. */
  readonly startsLate: () => boolean
  readonly isThereAtTheEnd: (object: ObjectName) => boolean
  /** Undefined for what is not there at the end of the history. */
  readonly atTheEnd: (object: ObjectName) => Tracked | undefined
  readonly contracts: readonly Contract[]
  readonly elsewhere: DefinedElsewhere
}

export const wholeHistoryOf = (
  history: History,
  model: Model | undefined,
  contracts: readonly Contract[],
  elsewhere: DefinedElsewhere,
): WholeHistory => {
  const creations = creationsOf(history)
  const mayHaveChanged = opaqueChanges(opaqueSteps(history))
  const late = once(() => startsLate(history))
  const sweeping = sweepingSteps(history)
  return {
    history,
    contracts,
    elsewhere,
    creations: (object) => creations.get(objectKey(object)) ?? [],
    describe: (step) => describe(history, step),
    mayHaveChanged,
    mayHaveGone: (after, before) => {
      // With the later statement itself: ALTER TABLE … DROP COLUMN a CASCADE, ADD COLUMN b ….
      const next = firstBehind(sweeping, after)
      return next !== undefined && !isBefore(before, next)
    },
    startsLate: late,
    isThereAtTheEnd: (object) => model?.find(object)?.isPresent === true,
    atTheEnd: (object) => {
      const found = model?.find(object)
      return found?.isPresent === true ? found : undefined
    },
  }
}

const isBefore = (a: HistoryStep, b: HistoryStep): boolean =>
  a.at < b.at || (a.at === b.at && a.statement < b.statement)

/** Of steps in their order. */
export const lastBefore = (
  steps: readonly HistoryStep[],
  here: HistoryStep,
): HistoryStep | undefined =>
  steps[firstThat(steps.length, (at) => !isBefore(steps[at] ?? here, here)) - 1]

/** Of steps in their order. */
export const firstBehind = (
  steps: readonly HistoryStep[],
  here: HistoryStep,
): HistoryStep | undefined =>
  steps[firstThat(steps.length, (at) => isBefore(here, steps[at] ?? here))]

// By halving: what is so from some place on begins there.
const firstThat = (length: number, isSo: (at: number) => boolean): number => {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isSo(middle)) high = middle
    else low = middle + 1
  }
  return low
}

const creationsOf = (history: History): ReadonlyMap<string, readonly HistoryStep[]> => {
  const found = new Map<string, HistoryStep[]>()
  history.migrations.forEach(({ statements = [] }, at) => {
    statements.forEach(({ effects }, statement) => {
      for (const effect of effects) {
        if (effect.kind !== 'create' && effect.kind !== 'rename') continue
        const key = objectKey(effect.kind === 'create' ? effect.object : effect.to)
        const steps = found.get(key) ?? []
        steps.push({ at, statement })
        found.set(key, steps)
      }
    })
  })
  return found
}

const describe = (history: History, { at, statement }: HistoryStep): string => {
  const read = history.migrations[at]
  if (read === undefined) return ''
  const start = read.statements?.[statement]?.start ?? 0
  const { file, line } = placeAt(read.migration.file, read.migration.text, start)
  return `${file}:${line}`
}

type Opaque = {
  readonly step: HistoryStep
  readonly text: string
  readonly reach: 'what it names' | 'anything'
}

// By the words in them: an object that nobody made is asked about once for each use.
const opaqueChanges = (opaque: readonly Opaque[]): WholeHistory['mayHaveChanged'] => {
  const anything = opaque.filter(({ reach }) => reach === 'anything').map(({ step }) => step)
  const naming = opaque.filter(({ reach }) => reach === 'what it names')
  const words = makeWordIndex()
  for (const { text } of naming) words.add(text)
  return (name, after, before) => {
    const isBehind = ({ step }: Pick<Opaque, 'step'>): boolean =>
      after === undefined || isBefore(after, step)
    const last = lastBefore(anything, before)
    if (last !== undefined && isBehind({ step: last })) return true
    const pattern = wholeWord(name, 'i')
    return words
      .mayName(name)
      .flatMap((number) => naming[number] ?? [])
      .some((each) => isBehind(each) && isBefore(each.step, before) && pattern.test(each.text))
  }
}

const opaqueSteps = (history: History): readonly Opaque[] =>
  history.migrations.flatMap(({ migration: { text }, statements }: ReadMigration, at): Opaque[] => {
    if (statements === undefined)
      return [{ step: { at, statement: 0 }, text, reach: 'what it names' }]
    return statements.flatMap(({ node, start, end }, statement): Opaque[] => {
      const reach = reachOf(node, text.slice(start, end))
      return reach === undefined
        ? []
        : [{ step: { at, statement }, text: text.slice(start, end), reach }]
    })
  })

// A view of SELECT *, or a function that takes a table's row, depends on what its text does not name.
const sweepingSteps = (history: History): readonly HistoryStep[] =>
  history.migrations.flatMap(({ statements = [] }, at) =>
    statements.flatMap(({ node }, statement) => (isSweeping(node) ? [{ at, statement }] : [])),
  )

const isSweeping = (node: Node): boolean => {
  if ('DropOwnedStmt' in node) return true
  if ('DropStmt' in node) return node.DropStmt.behavior === 'DROP_CASCADE'
  if (!('AlterTableStmt' in node)) return false
  return (node.AlterTableStmt.cmds ?? []).some(
    (command) => 'AlterTableCmd' in command && command.AlterTableCmd.behavior === 'DROP_CASCADE',
  )
}

/** Undefined for what is seen, or makes no object. */
const reachOf = (node: Node, text: string): Opaque['reach'] | undefined => {
  if ('DoStmt' in node) return /\bexecute\b/i.test(text) ? 'anything' : 'what it names'
  if ('CallStmt' in node || 'ImportForeignSchemaStmt' in node) return 'anything'
  if ('CreateSchemaStmt' in node)
    return node.CreateSchemaStmt.schemaElts === undefined ? undefined : 'what it names'
  if ('CreateExtensionStmt' in node)
    return withoutRelations.has(node.CreateExtensionStmt.extname ?? '') ? undefined : 'anything'
  if ('SelectStmt' in node) return callsUnknown(node) ? 'anything' : undefined
  return undefined
}

const withoutRelations: ReadonlySet<string> = new Set([
  ...['btree_gin', 'btree_gist', 'citext', 'cube', 'fuzzystrmatch', 'hstore', 'intarray', 'ltree'],
  ...['pg_trgm', 'pgcrypto', 'plpgsql', 'tablefunc', 'unaccent', 'uuid-ossp', 'vector'],
])

const callsUnknown = (node: Node): boolean =>
  callsOf(node).some(({ name }) => !plainFunctions.has(name))

const plainFunctions: ReadonlySet<string> = new Set([
  ...[
    'set_config',
    'setval',
    'nextval',
    'currval',
    'max',
    'min',
    'count',
    'sum',
    'coalesce',
    'now',
  ],
  ...['pg_sleep', 'pg_notify', 'generate_series', 'pg_get_serial_sequence', 'current_setting'],
  ...[
    'pg_advisory_lock',
    'pg_advisory_xact_lock',
    'pg_advisory_unlock',
    'version',
    'lower',
    'upper',
  ],
])

const startsLate = (history: History): boolean => {
  const first = history.migrations.find(({ statements }) => (statements ?? []).length > 0)
  const made = new Set<string>()
  for (const { node, effects } of first?.statements ?? []) {
    for (const { relation } of locksOf(node))
      if (
        relation.of === undefined &&
        !isSystem(relation.schema, relation.name) &&
        !made.has(relation.name)
      )
        return true
    for (const effect of effects) if (effect.kind === 'create') made.add(effect.object.name)
  }
  return false
}

const once = <Fact>(find: () => Fact): (() => Fact) => {
  let known: { readonly fact: Fact } | undefined
  return () => (known ??= { fact: find() }).fact
}
