// The work on the objects within its transaction, one after the other in the order of their needs; what must be dropped on the way has
// its own turn again.

import { problem, type Problem } from '../../errors/problem.ts'
import type { ObjectChange } from '../../events/objects.ts'
import {
  describeIdentity,
  keyOf,
  type Identity,
  type ObjectFile,
  type ObjectStatement,
} from '../object-file.ts'
import { byHandOf, linesGone } from '../state/changed.ts'
import type { Found } from '../state/definitions.ts'
import { isAsRecorded, type RecordedObject, type RecordedState } from '../state/table.ts'
import type { Deparse } from '../../sql/tree/deparse.ts'
import { foundOne, stopWith, type Bench } from './bench.ts'
import { dropWithDependants, findDependants } from './drop-dependants.ts'
import { identify } from './identities.ts'
import { makeAgain, replaceInPlace, type Making } from './make/make.ts'

export type Work = {
  readonly bench: Bench
  readonly deparse: Deparse
  /** All of them, in the order of their needs. */
  readonly files: readonly ObjectFile[]
  /** By keyOf(). */
  readonly recorded: ReadonlyMap<string, RecordedObject>
  /** The statements of an earlier text of a file. */
  readonly statementsOf: (file: ObjectFile, source: string) => readonly ObjectStatement[]
  /** By keyOf(), as this run found them: what has changed or dropped one since was a migration of this run. */
  readonly statesBefore: ReadonlyMap<string, RecordedState['state']>
  /** Nobody has changed these: they are looked at for the columns that their '*' stands for, and stay where those are out of reach. */
  readonly forColumns: ReadonlySet<ObjectFile>
}

export type Worked = {
  readonly changes: ObjectChange[]
  readonly identities: Map<ObjectFile, Identity>
  /** Files that were looked at. */
  readonly compared: Set<ObjectFile>
  /** By keyOf(): what was dropped and has not had its turn again. */
  readonly gone: Map<string, Found>
}

/** Throws ObjectsStopped. */
export const workOn = async (work: Work, toDo: readonly ObjectFile[]): Promise<Worked> => {
  const { bench, files } = work
  const identities = new Map(await identify(bench, files))
  const worked: Worked = { changes: [], identities, compared: new Set(), gone: new Map() }
  refuseTwice(files, identities)
  const pending = new Set(toDo)
  for (;;) {
    // The first of them in the order of needs: one that was dropped on the way may come before those that are left.
    const file = files.find((each) => pending.has(each))
    if (file === undefined) return worked
    pending.delete(file)
    for (const again of await workOnOne(work, worked, file)) pending.add(again)
  }
}

const refuseTwice = (
  files: readonly ObjectFile[],
  identities: ReadonlyMap<ObjectFile, Identity>,
): void => {
  const byKey = new Map<string, ObjectFile>()
  for (const file of files) {
    const identity = identities.get(file)
    if (identity === undefined) continue
    // A view has one file for all that is said of it.
    const key = keyOf(isRelation(identity) ? { ...identity, kind: 'view' } : identity)
    const other = byKey.get(key)
    if (other !== undefined)
      stopWith(
        problem('object-twice', {
          object: describeIdentity(identity),
          files: [other.file, file.file],
        }),
      )
    byKey.set(key, file)
  }
}

const isRelation = ({ kind }: Identity): boolean =>
  kind === 'view' || kind === 'materialized view' || kind === 'table'

/** Yields the files of what was dropped on the way. */
const workOnOne = async (
  work: Work,
  worked: Worked,
  file: ObjectFile,
): Promise<readonly ObjectFile[]> => {
  const { bench } = work
  const identity = await identityOf(work, worked, file)
  const key = keyOf(identity)
  const dropped = worked.gone.get(key)
  worked.gone.delete(key)
  worked.compared.add(file)
  await bench.savepoint('object')
  const before = dropped ?? (await foundOne(bench, file, identity))
  const making = makingOf(work, { file, identity, before })
  const again: ObjectFile[] = []
  if (dropped !== undefined) await makeAgain(making, dropped)
  else if (
    (await replaceInPlace(making, before)) === 'cannot be replaced' &&
    before !== undefined
  ) {
    const { dependants, obstacle } = await findDependants(bench, worked, { file, before })
    if (obstacle !== undefined) {
      if (!work.forColumns.has(file)) stopWith(obstacle)
      await bench.rollBackTo('object')
      worked.changes.push(keptFor(obstacle, file, identity))
      return []
    }
    again.push(...(await dropWithDependants(bench, worked, { file, before, dependants })))
    await makeAgain(making, before)
  }
  const after = await foundOne(bench, file, identity)
  const isSame = dropped === undefined && after?.definition === before?.definition
  await (isSame ? bench.rollBackTo('object') : bench.release('object'))
  const recorded = work.recorded.get(key)
  const byHand = isOfThisRun(work.statesBefore.get(key), before)
    ? undefined
    : byHandOf(recorded, before)
  if (isSame) {
    // What was dropped on the way is there again.
    for (const each of again) worked.gone.delete(keyOf(worked.identities.get(each) ?? identity))
    if (byHand !== undefined)
      worked.changes.push({
        change: 'kept',
        object: describeIdentity(identity),
        file: file.file,
        byHand,
      })
    return []
  }
  const isNew = before === undefined
  const change = isNew ? 'created' : dropped === undefined ? 'replaced' : 'made again'
  const unrecorded = recorded === undefined ? linesGone(before, after) : undefined
  worked.changes.push({
    ...{ change, object: describeIdentity(identity), file: file.file, byHand, unrecorded },
  })
  return again
}

const isOfThisRun = (was: RecordedState['state'] | undefined, before: Found | undefined): boolean =>
  was !== undefined && (isAsRecorded({ state: was }) || (before === undefined && was !== 'missing'))

const keptFor = ({ title }: Problem, { file }: ObjectFile, identity: Identity): ObjectChange => ({
  ...{ change: 'kept', object: describeIdentity(identity), file },
  ...{ byHand: undefined, obstacle: title },
})

const identityOf = async (
  { bench }: Work,
  { identities }: Worked,
  file: ObjectFile,
): Promise<Identity> => {
  const known = identities.get(file) ?? (await identify(bench, [file])).get(file)
  if (known !== undefined) {
    identities.set(file, known)
    return known
  }
  const { kind, schema, relation, name } = file.defines
  return { kind, schema: schema ?? '', relation, name }
}

const makingOf = (
  { bench, deparse, recorded, statementsOf }: Work,
  {
    file,
    identity,
    before,
  }: { readonly file: ObjectFile; readonly identity: Identity; readonly before: Found | undefined },
): Making => {
  const row = recorded.get(keyOf(identity))
  const was = new Set(row?.definition.split(';\n'))
  const untouched = (before?.pieces ?? [])
    .filter(({ text }) => was.has(text))
    .map(({ text }) => text)
  const earlier = row === undefined ? [] : statementsOf(file, row.source)
  return { bench, deparse, file, identity, earlier, untouched: new Set(untouched) }
}
