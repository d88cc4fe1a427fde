// What files with '@drop' have made, and do not define any more, is dropped.

import { dependantsQuery } from '../../catalog/facts/dependants.ts'
import { problem } from '../../errors/problem.ts'
import type { ObjectText } from '../load.ts'
import { describeIdentity, keyOf } from '../object-file.ts'
import type { RecordedState } from '../state/table.ts'
import { stopWith, type Bench } from './bench.ts'
import { besides, readDependants } from './dependants.ts'
import { dropAll } from './drop.ts'
import type { Worked } from './work.ts'

/** What files with '@drop' were recorded with before they were edited, and do not define now. */
export const leavings = (
  objects: readonly ObjectText[],
  states: readonly RecordedState[],
  { identities, compared }: Worked,
): readonly RecordedState[] => {
  const defined = new Set([...identities.values()].map(keyOf))
  const edited = new Set(
    [...compared].flatMap(({ entry, leavings: left }) => (left === 'dropped' ? [entry] : [])),
  )
  return states.filter(
    ({ entry, identity }) =>
      edited.has(entry) &&
      !defined.has(keyOf(identity)) &&
      objects.some((each) => each.entry === entry),
  )
}

/** Yields what is to be forgotten. Throws ObjectsStopped; `object-needed` where something else depends on one of them. */
export const dropRemoved = async (
  bench: Bench,
  objects: readonly ObjectText[],
  toDrop: readonly RecordedState[],
): Promise<readonly RecordedState[]> => {
  const [first] = toDrop
  if (first === undefined) return []
  const about = objects.find(({ entry }) => entry === first.entry)
  if (about === undefined) return []
  const found = await bench.definitions(
    about,
    toDrop.map(({ identity }) => identity),
  )
  const keys = new Set(toDrop.map(({ identity }) => keyOf(identity)))
  for (const each of found.values()) {
    if (each.identity.kind === 'table') continue
    const dependants = readDependants(await bench.ask(about, dependantsQuery(each)))
    const without = besides(
      dependants.filter(({ isLinked }) => !isLinked),
      keys,
    )
    if (without.length === 0) continue
    const own = toDrop.find(({ identity }) => keyOf(identity) === keyOf(each.identity))
    stopWith(
      problem('object-needed', {
        file: objects.find(({ entry }) => entry === own?.entry)?.file ?? about.file,
        object: describeIdentity(each.identity),
        dependants: without.map(({ words }) => words),
      }),
    )
  }
  // A table is not what its file has made.
  await dropAll(
    bench,
    about,
    [...found.values()].filter(({ identity }) => identity.kind !== 'table'),
  )
  return toDrop
}
