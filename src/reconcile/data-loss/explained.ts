// What the history has made, as far as the database has it: the files that the ledger has, and those that are recognised. A file
// that merely speaks of something has not made it.

import { objectKey, type ObjectName } from '../../schema/effects/effect.ts'
import type { TakenName } from '../../schema/effects/rows/taken-name.ts'
import { readHistory, type LoginPath, type ReadStatement } from '../../schema/history/history.ts'
import type { Model, Tracked } from '../../schema/history/model/model.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Naming } from '../../sql/tree/naming.ts'
import type { Parse } from '../../sql/tree/parse.ts'
import { keyOfName } from './identities.ts'

export type Explains = (name: TakenName) => boolean

export type Past = {
  /** In the order in which the database has got them. */
  readonly files: readonly Migration[]
  readonly parse: Parse
  readonly naming: Naming
  readonly loginPath: LoginPath
  /** What files of migrations/objects/ have made. */
  readonly objects: readonly {
    readonly kind: string
    readonly schema: string
    readonly name: string
  }[]
}

export const explainedBy = ({ files, parse, naming, loginPath, objects }: Past): Explains => {
  const last: { model?: Model } = {}
  const { migrations } = readHistory(files, {
    ...{ parse, naming, loginPath },
    onStatement: (_statement, _migration, model) => {
      last.model = model
    },
  })
  const mentioned = new Set(
    migrations.flatMap(({ statements, embedded }) =>
      (statements ?? [embedded]).flatMap(({ mayMake }) => mayMake.map(keyOfName)),
    ),
  )
  const open = tablesWithMore(migrations.flatMap(({ statements = [] }) => statements))
  const isMade = (name: TakenName): boolean => {
    const tracked = last.model?.find(name as ObjectName)
    return tracked !== undefined && isKnown(tracked)
      ? tracked.isPresent && isCreated(tracked)
      : mentioned.has(keyOfName(name))
  }
  const isDefined = ({ kind, schema, name }: TakenName): boolean =>
    objects.some((each) => each.kind === kind && each.schema === schema && each.name === name)
  return (name) => {
    if (isMade(name) || isDefined(name)) return true
    if (name.kind !== 'column') return false
    const table: TakenName = { kind: 'table', schema: name.schema, table: '', name: name.table }
    const tracked = last.model?.find(name as ObjectName)
    // Of a table that was made of another, or of what a query yields, the columns are unknown.
    return (
      tracked === undefined &&
      isMade(table) &&
      (open.has(keyOfName(table)) || mentioned.has(keyOfName(table)))
    )
  }
}

const isKnown = (tracked: Tracked): boolean =>
  tracked.isMade || isCreated(tracked) || !tracked.isPresent

// Under a new name a thing keeps what is defined of it; of what no file has made, only that it is there.
const isCreated = ({ properties }: Tracked): boolean =>
  [...properties.values()].some(({ changes }) =>
    changes
      .slice(changes.findLastIndex(({ value }) => value.kind === 'absent') + 1)
      .some(
        ({ how, value }) => (how === 'create' || how === 'replace') && value.kind === 'defined',
      ),
  )

const tablesWithMore = (statements: readonly ReadStatement[]): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const { node, effects } of statements)
    for (const effect of effects) {
      const { object } = effect
      if (effect.kind === 'create' && object.kind === 'table' && hasMore(node))
        found.add(objectKey(object))
      if (effect.kind === 'rename' && found.has(objectKey(object))) found.add(objectKey(effect.to))
    }
  return found
}

const hasMore = (node: ReadStatement['node']): boolean => {
  if (!('CreateStmt' in node)) return true
  const { inhRelations = [], ofTypename, tableElts = [] } = node.CreateStmt
  return (
    inhRelations.length > 0 ||
    ofTypename !== undefined ||
    tableElts.some((element) => 'TableLikeClause' in element)
  )
}
