// What one statement cannot tell: which file makes what, and which statements may have made or taken away anything, because
// nobody can see into them.

import type { Node } from 'libpg-query'
import { objectKey, type ObjectName } from '../effects/effect.ts'
import { stringsOf } from '../effects/scope.ts'
import type { History, ReadMigration } from '../history/history.ts'
import type { Model, Tracked } from '../history/model.ts'
import { placeAt } from '../sql/offsets.ts'
import type { Contract } from '../contract/contract.ts'

/** A place in the history: the file and the statement in it, by index. */
export type Step = { readonly at: number; readonly statement: number }

export type Whole = {
  readonly history: History
  /** The steps that create an object, in the order of the history. */
  readonly creations: (object: ObjectName) => readonly Step[]
  /** 'migrations/0001_a.sql:3' */
  readonly describe: (step: Step) => string
  /** May a statement between the two have made or dropped something of this name, unseen? */
  readonly mayHaveChanged: (name: string, after: Step | undefined, before: Step) => boolean
  readonly isThereAtTheEnd: (object: ObjectName) => boolean
  /** Undefined for what is not there at the end of the history. */
  readonly atTheEnd: (object: ObjectName) => Tracked | undefined
  readonly contracts: readonly Contract[]
}

export const wholeOf = (
  history: History,
  model: Model | undefined,
  contracts: readonly Contract[],
): Whole => {
  const creations = creationsOf(history)
  const opaque = opaqueSteps(history)
  return {
    history,
    contracts,
    creations: (object) => creations.get(objectKey(object)) ?? [],
    describe: (step) => describe(history, step),
    mayHaveChanged: (name, after, before) =>
      opaque.some(
        ({ step, text, reach }) =>
          isBefore(step, before) &&
          (after === undefined || isBefore(after, step)) &&
          (reach === 'anything' || mentions(text, name)),
      ),
    isThereAtTheEnd: (object) => model?.find(object)?.isPresent === true,
    atTheEnd: (object) => {
      const found = model?.find(object)
      return found?.isPresent === true ? found : undefined
    },
  }
}

export const isBefore = (a: Step, b: Step): boolean =>
  a.at < b.at || (a.at === b.at && a.statement < b.statement)

const creationsOf = (history: History): ReadonlyMap<string, readonly Step[]> => {
  const found = new Map<string, Step[]>()
  history.migrations.forEach(({ statements = [] }, at) => {
    statements.forEach(({ effects }, statement) => {
      for (const effect of effects) {
        if (effect.kind !== 'create' && effect.kind !== 'rename') continue
        const key = objectKey(effect.kind === 'create' ? effect.object : effect.to)
        found.set(key, [...(found.get(key) ?? []), { at, statement }])
      }
    })
  })
  return found
}

const describe = (history: History, { at, statement }: Step): string => {
  const read = history.migrations[at]
  if (read === undefined) return ''
  const start = read.statements?.[statement]?.start ?? 0
  const { file, line } = placeAt(read.migration.file, read.migration.text, start)
  return `${file}:${line}`
}

type Opaque = {
  readonly step: Step
  readonly text: string
  readonly reach: 'what it names' | 'anything'
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

const callsUnknown = (node: Node): boolean => {
  const visit = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    if ('FuncCall' in value) {
      const { funcname } = value.FuncCall as { readonly funcname?: readonly Node[] }
      if (!plainFunctions.has(stringsOf(funcname).at(-1) ?? '')) return true
    }
    return Object.values(value).some(visit)
  }
  return visit(node)
}

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

const mentions = (text: string, name: string): boolean =>
  new RegExp(`(?<![\\w$])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w$])`, 'i').test(text)
