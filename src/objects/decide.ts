// From files and what is recorded of them to what there is to do. Pure, and without the parser: a start with nothing to do needs no
// more than this.

import type { ObjectEvent } from '../events/objects.ts'
import type { ObjectText } from './load.ts'
import { describeIdentity } from './object-file.ts'
import type { RecordedState } from './state/table.ts'

export const columnsMayBeNew = 'columns may be new'

export type ObjectToDo = {
  readonly object: ObjectText
  readonly reason:
    'not recorded' | 'edited' | 'changed by hand' | 'dropped by hand' | typeof columnsMayBeNew
}

export type ObjectsDecision = {
  readonly toDo: readonly ObjectToDo[]
  /** Recorded, and their files say '@drop'. */
  readonly toDrop: readonly RecordedState[]
  /** Recorded, and no file defines them. */
  readonly orphans: readonly RecordedState[]
}

/** `states` is undefined where nothing was ever recorded. */
export const decideObjects = (
  objects: readonly ObjectText[],
  states: readonly RecordedState[] = [],
): ObjectsDecision => {
  const byEntry = new Map(objects.map((object) => [object.entry, object]))
  const left = states.filter((state) => isLeft(state, byEntry.get(state.entry), states))
  const isDropped = ({ entry }: RecordedState): boolean =>
    byEntry.get(entry)?.leavings === 'dropped'
  return {
    toDo: objects.flatMap((object) => {
      const reason = reasonFor(object, states)
      return reason === undefined ? [] : [{ object, reason }]
    }),
    toDrop: left.filter(isDropped),
    orphans: left.filter((state) => !isDropped(state)),
  }
}

export const areObjectsDone = ({ toDo, toDrop }: ObjectsDecision): boolean =>
  toDo.length + toDrop.length === 0

/** To be announced; none while there is something to do: a file that has moved is still recorded at its old path. */
export const orphanEvents = (
  objects: readonly ObjectText[],
  states: readonly RecordedState[] | undefined,
): readonly ObjectEvent[] => {
  const decided = decideObjects(objects, states)
  if (!areObjectsDone(decided)) return []
  return decided.orphans.map(({ identity, entry }) => ({
    kind: 'object orphaned',
    object: describeIdentity(identity),
    file: `objects/${entry}`,
  }))
}

// The file is gone, or defines another object now.
const isLeft = (
  { checksum }: RecordedState,
  object: ObjectText | undefined,
  states: readonly RecordedState[],
): boolean =>
  object === undefined ||
  object.content === 'none' ||
  (checksum !== object.checksum && currentOf(object, states) !== undefined)

const currentOf = (
  { entry, checksum }: ObjectText,
  states: readonly RecordedState[],
): RecordedState | undefined =>
  states.find((state) => state.entry === entry && state.checksum === checksum)

const reasonFor = (
  object: ObjectText,
  states: readonly RecordedState[],
): ObjectToDo['reason'] | undefined => {
  if (object.content === 'none') return undefined
  const current = currentOf(object, states)
  if (current === undefined)
    return states.some(({ entry }) => entry === object.entry) ? 'edited' : 'not recorded'
  return reasons[current.state]
}

const reasons: Readonly<Record<RecordedState['state'], ObjectToDo['reason'] | undefined>> = {
  same: undefined,
  'before migrations': columnsMayBeNew,
  different: 'changed by hand',
  missing: 'dropped by hand',
}
