// Does an act have to do with an object, by the names that it says? Pure.

import { hasStar } from '../../schema/effects/columns-in.ts'
import { objectKey, type ObjectName, type RelationName } from '../../schema/effects/effect.ts'
import { namesIn, type WrittenName } from '../../schema/effects/names-in.ts'
import { ownerKey, type Act } from './acts.ts'

export const isOwn = ({ effects }: Act, object: ObjectName): boolean =>
  effects.some(
    (effect) =>
      objectKey(effect.object) === objectKey(object) ||
      (effect.kind === 'rename' && objectKey(effect.to) === objectKey(object)),
  )

/** `how`: what becomes of it: what stands for all columns of a table means one that comes or goes, too. */
export const uses = (act: Act, object: ObjectName, how: 'comes or goes' | 'changes'): boolean => {
  const { kind, schema, table, name } = object
  switch (kind) {
    case 'table':
    case 'view':
    case 'materialized view':
    case 'sequence':
    case 'index':
      return speaksOf(act, object)
    case 'column':
      return (
        speaksOf(act, { schema, name: table }) &&
        (says(act, name) || (how === 'comes or goes' && takesAllColumns(act)))
      )
    case 'constraint':
    case 'trigger':
    case 'policy':
      return speaksOf(act, { schema, name: table }) && says(act, name)
    case 'type':
      return act.body.has(name) || namesIn(act.node, 'type').some((each) => isIt(act, each, object))
    case 'function': {
      const bare = { schema, name: name.replace(/\(.*$/s, '') }
      return (
        act.body.has(bare.name) ||
        namesIn(act.node, 'function').some((each) => isIt(act, each, bare))
      )
    }
    case 'schema':
      return act.body.has(name) || schemasOf(act).includes(name)
    case 'extension':
      return says(act, name)
  }
}

const speaksOf = (act: Act, relation: RelationName): boolean => {
  const { node, effects, body } = act
  const key = objectKey({ kind: 'table', table: '', ...relation })
  return (
    body.has(relation.name) ||
    (['relation', 'sequence', 'type'] as const).some((kind) =>
      namesIn(node, kind).some((each) => isIt(act, each, relation)),
    ) ||
    effects.some((effect) => objectKey(effect.object) === key || ownerKey(effect.object) === key)
  )
}

/** Without a schema a name may be any of its path. */
export const isIt = (
  { path }: Pick<Act, 'path'>,
  written: WrittenName,
  { schema, name }: RelationName,
): boolean =>
  written.name === name &&
  (written.schema === undefined ? (path?.includes(schema) ?? true) : written.schema === schema)

const says = ({ names, body }: Act, name: string): boolean => names.has(name) || body.has(name)

const takesAllColumns = ({ node }: Act): boolean =>
  hasStar(node) || (node !== undefined && JSON.stringify(node).includes('"TableLikeClause"'))

const schemasOf = ({ node, effects }: Act): readonly string[] => [
  ...effects.map(({ object }) => object.schema),
  ...(['relation', 'type', 'function'] as const).flatMap((kind) =>
    namesIn(node, kind).flatMap(({ schema }) => schema ?? []),
  ),
]
