// Does an operation have to do with an object, by the names that it mentions? Pure.

import { hasStar } from '../../schema/effects/names/columns-in.ts'
import { objectKey, type ObjectName, type RelationName } from '../../schema/effects/effect.ts'
import { namesIn, type WrittenName } from '../../schema/effects/names/names-in.ts'
import { ownerKey, type Operation } from './operations.ts'

export const isOwn = ({ effects }: Operation, object: ObjectName): boolean =>
  effects.some(
    (effect) =>
      objectKey(effect.object) === objectKey(object) ||
      (effect.kind === 'rename' && objectKey(effect.to) === objectKey(object)),
  )

/** `how`: what becomes of it: what stands for all columns of a table means one that comes or goes, too. */
export const uses = (
  operation: Operation,
  object: ObjectName,
  how: 'comes or goes' | 'changes',
): boolean => {
  const { kind, schema, table, name } = object
  switch (kind) {
    case 'table':
    case 'view':
    case 'materialized view':
    case 'sequence':
    case 'index':
      return mentionsRelation(operation, object)
    case 'column':
      return (
        mentionsRelation(operation, { schema, name: table }) &&
        (mentions(operation, name) || (how === 'comes or goes' && takesAllColumns(operation)))
      )
    case 'constraint':
    case 'trigger':
    case 'policy':
      return mentionsRelation(operation, { schema, name: table }) && mentions(operation, name)
    case 'type':
      return (
        operation.body.has(name) ||
        namesIn(operation.node, 'type').some((each) => isIt(operation, each, object))
      )
    case 'function': {
      const bare = { schema, name: name.replace(/\(.*$/s, '') }
      return (
        operation.body.has(bare.name) ||
        namesIn(operation.node, 'function').some((each) => isIt(operation, each, bare))
      )
    }
    case 'schema':
      return operation.body.has(name) || schemasOf(operation).includes(name)
    case 'extension':
      return mentions(operation, name)
  }
}

const mentionsRelation = (operation: Operation, relation: RelationName): boolean => {
  const { node, effects, body } = operation
  const key = objectKey({ kind: 'table', table: '', ...relation })
  return (
    body.has(relation.name) ||
    (['relation', 'sequence', 'type'] as const).some((kind) =>
      namesIn(node, kind).some((each) => isIt(operation, each, relation)),
    ) ||
    effects.some((effect) => objectKey(effect.object) === key || ownerKey(effect.object) === key)
  )
}

/** Without a schema a name may be any of its path. */
export const isIt = (
  { path }: Pick<Operation, 'path'>,
  written: WrittenName,
  { schema, name }: RelationName,
): boolean =>
  written.name === name &&
  (written.schema === undefined ? (path?.includes(schema) ?? true) : written.schema === schema)

const mentions = ({ names, body }: Operation, name: string): boolean =>
  names.has(name) || body.has(name)

const takesAllColumns = ({ node }: Operation): boolean =>
  hasStar(node) || (node !== undefined && JSON.stringify(node).includes('"TableLikeClause"'))

const schemasOf = ({ node, effects }: Operation): readonly string[] => [
  ...effects.map(({ object }) => object.schema),
  ...(['relation', 'type', 'function'] as const).flatMap((kind) =>
    namesIn(node, kind).flatMap(({ schema }) => schema ?? []),
  ),
]
