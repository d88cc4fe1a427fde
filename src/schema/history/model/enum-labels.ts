// The labels of an enum are those that CREATE TYPE gave; ALTER TYPE adds others one by one, each evidence of its own. Which it may
// have besides is a matter of the moment: another type may get the name.

import type { Property } from '../../effects/effect.ts'
import type { Change } from './timeline.ts'

type LabelProperties = ReadonlyMap<Property, { readonly changes: readonly Change[] }>

/** The changes of the property 'labels', each with what is added to its own type. */
export const withAddedLabels = (properties: LabelProperties): readonly Change[] => {
  const { changes = [] } = properties.get('labels') ?? {}
  return changes.map((change, index): Change => {
    if (change.value.kind !== 'defined') return change
    const first = changes.slice(0, index + 1).findLast(isNewType) ?? change
    const next = changes.slice(index + 1).find(isNewType)
    const isOfType = (each: Change): boolean =>
      !isBefore(each, first) && (next === undefined || isBefore(each, next))
    const listed = new Set(changes.filter(isOfType).flatMap(namesIn))
    const added = [...properties].flatMap(([property, { changes: ofLabel }]) =>
      property.startsWith('label ') &&
      ofLabel.some((each) => each.value.kind === 'defined' && isOfType(each))
        ? [property.slice('label '.length)]
        : [],
    )
    const definition = change.value.definition.map((part) =>
      part.kind === 'labels' ? { ...part, added: added.filter((each) => !listed.has(each)) } : part,
    )
    return { ...change, value: { ...change.value, definition } }
  })
}

const isNewType = ({ how }: Change): boolean => how === 'create' || how === 'replace'

const isBefore = (a: Change, b: Change): boolean =>
  a.at < b.at || (a.at === b.at && a.statement < b.statement)

// RENAME VALUE speaks of labels that the list itself has.
const namesIn = ({ value }: Change): readonly string[] =>
  value.kind === 'defined'
    ? value.definition.flatMap((part) => (part.kind === 'labels' ? part.names : []))
    : []
