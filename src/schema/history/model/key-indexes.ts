// A key has an index of its own name, which no file names. Where the history also knows an index of that name, by itself or
// as what ADD CONSTRAINT … USING INDEX was given, its timelines have those of the key in them.

import { text, type Property } from '../../effects/effect.ts'
import { indexOfKey, isKey } from '../../effects/tables/key-index.ts'
import { absent, defined, unknown, type Change, type Timeline, type Value } from './timeline.ts'

export const withKeys = (timelines: readonly Timeline[]): readonly Timeline[] => {
  const keys = new Map<string, Timeline[]>()
  for (const timeline of timelines.filter(isOfKey)) {
    const found = keys.get(nameOf(timeline)) ?? []
    keys.set(nameOf(timeline), [...found, timeline])
  }
  return timelines.flatMap((timeline) => {
    const ofName = timeline.object.kind === 'index' ? keys.get(nameOf(timeline)) : undefined
    if (ofName === undefined) return [timeline]
    const whole = withKeysOf(timeline, ofName)
    return timeline.property === 'definition'
      ? [whole, withKeysOf({ ...timeline, property: 'existence', ...bare(timeline) }, ofName)]
      : [whole]
  })
}

const nameOf = ({ object: { schema, name } }: Timeline): string => `${schema}\u0000${name}`

const isOfKey = ({ object: { kind }, property, changes }: Timeline): boolean =>
  kind === 'constraint' &&
  (property === 'definition' || property === 'existence') &&
  changes.some(({ value }) => value.kind === 'defined' && isKey(value.definition))

// Whose it is tells apart what is alike otherwise.
const ofItself = defined([text('index')], undefined)
const ofKey = defined([text('index of a key')], undefined)

// Nothing but whether it is there.
const bare = ({ before, changes }: Timeline): Pick<Timeline, 'before' | 'changes'> => {
  const only = (value: Value): Value => (value.kind === 'defined' ? ofItself : value)
  return {
    before: only(before),
    changes: changes.map((each) => ({ ...each, how: 'follow', value: only(each.value) })),
  }
}

const withKeysOf = (own: Timeline, keys: readonly Timeline[]): Timeline => {
  const ofKeys = keys.map(({ before, changes }) => ({
    before: asIndex(before, own.property),
    changes: changes.map((each) => ({ ...each, value: asIndex(each.value, own.property) })),
  }))
  const steps = [...own.changes, ...ofKeys.flatMap(({ changes }) => changes)]
    .map(({ at, statement }) => ({ at, statement }))
    .sort((a, b) => a.at - b.at || a.statement - b.statement)
    .filter((step, index, all) => index === 0 || !isAt(step)(all[index - 1] ?? step))
  const changes = steps.map((step): Change => {
    const change = own.changes.findLast(isAt(step))
    const key = mostDefinite(ofKeys.map((each) => valueAt(each, step)))
    // What is said of the index itself is to hold; whose it is, the key says.
    const isOwn =
      own.property !== 'existence' && change !== undefined && change.value.kind !== 'absent'
    const value = isOwn || key.kind === 'absent' ? valueAt(own, step) : key
    const following = { ...step, how: 'follow', guard: 'none', inside: undefined } as const
    return { ...(change ?? following), value }
  })
  const before = mostDefinite([own.before, ...ofKeys.map((each) => each.before)])
  return { ...own, ofKey: true, before, changes }
}

type Step = Pick<Change, 'at' | 'statement'>

const isAt =
  ({ at, statement }: Step) =>
  (other: Step): boolean =>
    other.at === at && other.statement === statement

const valueAt = ({ before, changes }: Pick<Timeline, 'before' | 'changes'>, step: Step): Value =>
  changes.findLast(
    ({ at, statement }) => at < step.at || (at === step.at && statement <= step.statement),
  )?.value ?? before

const mostDefinite = (values: readonly Value[]): Value =>
  values.find(({ kind }) => kind === 'defined') ??
  values.find(({ kind }) => kind !== 'absent') ??
  absent

// What a property of the index is while the constraint is this.
const asIndex = (value: Value, property: Property): Value => {
  if (value.kind !== 'defined') return value
  if (!isKey(value.definition)) return absent
  if (property === 'validation') return defined([text('valid')], value.path)
  if (property === 'existence') return ofKey
  if (property !== 'definition') return unknown
  const definition = indexOfKey(value.definition)
  return definition === undefined ? unknown : defined(definition, value.path)
}
