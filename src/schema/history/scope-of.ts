// What the effects of a statement are read against: the model as the history has made it so far, with a search path.

import type { ObjectName } from '../effects/effect.ts'
import type { Scope } from '../effects/scope.ts'
import { goingWith } from './changes/cascade.ts'
import { currentValue, isOfKey, soleFunction, type Model } from './model/model.ts'

export const scopeOf = (model: Model, searchPath: readonly string[]): Omit<Scope, 'chosen'> => {
  const { find, constraints, functions } = model
  const isPresent = (object: ObjectName): boolean => find(object)?.isPresent === true
  return {
    searchPath,
    naming: model.naming,
    has: (object) =>
      object.kind === 'function' && !object.name.endsWith(')')
        ? soleFunction(functions, object) !== undefined
        : isPresent(object),
    relationKind: ({ schema, name }) => {
      const found = find({ kind: 'table', schema, table: '', name })
      return found?.isPresent === true ? found.object.kind : undefined
    },
    isTaken: ({ schema }, name, space) => {
      const found = constraints({ schema, name })
      if (space === 'constraint') return found.length > 0
      return (
        found.some(isOfKey) ||
        isPresent({ kind: 'table', schema, table: '', name }) ||
        isPresent({ kind: 'index', schema, table: '', name })
      )
    },
    goingWith: (object) => goingWith(model, object).map((each) => each.object),
    constraintOfIndex: (index) => constraints(index).find(isOfKey)?.object,
    indexDefinition: ({ schema, name }) => {
      const index = find({ kind: 'index', schema, table: '', name })
      const value = index?.isPresent === true ? currentValue(index, 'definition') : undefined
      return value?.kind === 'defined' ? value.definition : undefined
    },
  }
}
