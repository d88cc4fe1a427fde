// A renamed object in the definitions of others: the server holds on to the object, so its new name is there.

import { columnsIn, renameColumnIn } from '../../effects/names/columns-in.ts'
import {
  objectKey,
  type ObjectName,
  type Fragment,
  type RelationName,
} from '../../effects/effect.ts'
import { renameIn, type NameKind, type WrittenName } from '../../effects/names/names-in.ts'
import { isSame, rewrite } from '../model/follow.ts'
import { type Cause, type Model, type Tracked } from '../model/model.ts'

export const renameInDefinitions = (
  model: Model,
  from: ObjectName,
  to: ObjectName,
  cause: Cause,
): void => {
  if (from.kind === 'column') renameColumns(model, from, to, cause)
  else if (from.kind === 'schema')
    rewrite(model.objects.values(), (part) => inSchema(part, from.name, to.name), cause)
  else if (from.kind === 'type') renameNames(model, 'type', { from, to }, cause)
  else if (from.kind === 'function') {
    const bare = { from: withoutArguments(from), to: withoutArguments(to) }
    renameNames(model, 'function', bare, cause)
    const callers = model.mentions.naming(bare.from.name)
    rewrite(callers, (part) => inTrigger(part, bare.from, bare.to), cause)
  } else if (objectKey(from).startsWith('relation')) {
    renameNames(model, 'sequence', { from, to }, cause)
    rewrite(model.mentions.over(from.name), (part) => withRelation(part, from, to), cause)
  }
}

type Renaming = { readonly from: RelationName; readonly to: RelationName }

const withoutArguments = ({ schema, name }: ObjectName): RelationName => ({
  schema,
  name: name.replace(/\(.*$/, ''),
})

const renameColumns = (model: Model, from: ObjectName, to: ObjectName, cause: Cause): void => {
  const table = { schema: from.schema, name: from.table }
  rewrite(
    new Set([...model.mentions.over(table.name), ...model.mentions.ownedBy(table.name)]),
    (part, tracked) => {
      if (!isOver(part, tracked, table)) return part
      if (part.kind === 'columns' && part.names.includes(from.name))
        return { ...part, names: part.names.map((name) => (name === from.name ? to.name : name)) }
      if (part.kind === 'collation' && part.column === from.name)
        return { ...part, column: to.name }
      const node = 'node' in part ? part.node : undefined
      return node !== undefined && columnsIn(node).includes(from.name)
        ? ({ ...part, node: renameColumnIn(node, from.name, to.name) } as Fragment)
        : part
    },
    cause,
  )
}

// A generated column speaks of its own table.
const isOver = (part: Fragment, { object }: Tracked, table: RelationName): boolean => {
  if (part.kind === 'default') return isSame({ schema: object.schema, name: object.table }, table)
  return 'relation' in part && part.relation !== undefined && isSame(part.relation, table)
}

const withRelation = (part: Fragment, from: RelationName, to: RelationName): Fragment =>
  'relation' in part && part.relation !== undefined && isSame(part.relation, from)
    ? { ...part, relation: { schema: to.schema, name: to.name } }
    : part

const renameNames = (model: Model, kind: NameKind, { from, to }: Renaming, cause: Cause): void => {
  const rename = ({ schema, name }: WrittenName): WrittenName | undefined => {
    if (name !== from.name || (schema ?? from.schema) !== from.schema) return undefined
    const isBare = schema === undefined && to.schema === from.schema
    return { schema: isBare ? undefined : to.schema, name: to.name }
  }
  rewrite(model.mentions.naming(from.name), (part) => inNodes(part, kind, rename), cause)
}

const inNodes = (
  part: Fragment,
  kind: NameKind,
  rename: Parameters<typeof renameIn>[2],
): Fragment => {
  const renamed = part.kind === 'query' ? part : renameIn(part, kind, rename)
  return renamed
}

const inSchema = (part: Fragment, from: string, to: string): Fragment => {
  const rename = ({ schema, name }: WrittenName): WrittenName | undefined =>
    schema === from ? { schema: to, name } : undefined
  const related =
    'relation' in part && part.relation?.schema === from
      ? ({ ...part, relation: { ...part.relation, schema: to } } as Fragment)
      : part
  const named = (['type', 'function', 'sequence'] as const).reduce(
    (result, kind) => inNodes(result, kind, rename),
    related,
  )
  const start = ` EXECUTE ${from}.`
  return named.kind === 'text' && named.text.startsWith(start)
    ? { ...named, text: ` EXECUTE ${to}.${named.text.slice(start.length)}` }
    : named
}

const inTrigger = (part: Fragment, from: RelationName, to: RelationName): Fragment => {
  const start = ` EXECUTE ${from.schema}.${from.name}(`
  return part.kind === 'text' && part.text.startsWith(start)
    ? { ...part, text: ` EXECUTE ${to.schema}.${to.name}(${part.text.slice(start.length)}` }
    : part
}
