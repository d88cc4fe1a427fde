// Which rights an effect takes: of an owner, or to create something in a schema.

import type { Effect, ObjectKind, RelationName } from './effect.ts'

const ofTables: readonly ObjectKind[] = ['column', 'constraint', 'policy']
const relations: readonly ObjectKind[] = ['table', 'view', 'materialized view', 'sequence', 'index']

/**
 * Only its owner may do that to it. A trigger is made by whoever has the privilege TRIGGER on the table; ownership is not asked
 * for.
 */
export const alteredRelation = (effect: Effect): RelationName | undefined => {
  const { kind, schema, table, name } = effect.object
  if (effect.kind === 'create') {
    if (effect.inside !== undefined) return undefined
    if (kind === 'index') return effect.on
    return ofTables.includes(kind) ? { schema, name: table } : undefined
  }
  if (ofTables.includes(kind) || kind === 'trigger') return { schema, name: table }
  return relations.includes(kind) ? { schema, name } : undefined
}

const madeInSchemas: readonly ObjectKind[] = [...relations, 'type', 'function']

export const schemaCreatedIn = (effect: Effect): string | undefined =>
  effect.kind === 'create' && madeInSchemas.includes(effect.object.kind)
    ? effect.object.schema
    : undefined

export const createdSchema = (effect: Effect): string | undefined =>
  effect.kind === 'create' && effect.object.kind === 'schema' ? effect.object.name : undefined
