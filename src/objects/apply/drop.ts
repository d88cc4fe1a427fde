// Drops objects that are to go together, each before what it needs. Nothing else goes with them: never CASCADE.

import { dependentObjectsStillExist } from '../../errors/server/sqlstate.ts'
import { problem } from '../../errors/problem.ts'
import type { ObjectText } from '../load.ts'
import { describeIdentity } from '../object-file.ts'
import type { Found } from '../state/definitions.ts'
import { stopWith, type Bench } from './bench.ts'

/** Throws ObjectsStopped; `object-needed` where something else holds on to one of them. */
export const dropAll = async (
  bench: Bench,
  about: ObjectText,
  all: readonly Found[],
): Promise<void> => {
  // Younger ones first: what was made later needs what was there before.
  const left = new Set([...all].sort((a, b) => Number(b.oid) - Number(a.oid)))
  // What belongs to a view would go with it.
  const isPart = ({ identity: { relation } }: Found): boolean => relation !== ''
  for (const part of [...left].filter(isPart)) {
    await dropOne(bench, about, part)
    left.delete(part)
  }
  while (left.size > 0) {
    const before = left.size
    for (const found of left)
      if ((await dropOne(bench, about, found)) === 'dropped') left.delete(found)
    if (left.size < before) continue
    const [first] = left
    if (first === undefined) return
    const object = describeIdentity(first.identity)
    stopWith(problem('object-needed', { file: about.file, object, dependants: [] }))
  }
}

const dropOne = async (
  bench: Bench,
  about: ObjectText,
  { drop }: Found,
): Promise<'dropped' | 'needed'> => {
  await bench.savepoint('try')
  const error = await bench.run(
    about,
    drop,
    undefined,
    ({ sqlstate }) => sqlstate === dependentObjectsStillExist,
  )
  if (error === undefined) {
    await bench.release('try')
    return 'dropped'
  }
  await bench.rollBackTo('try')
  return 'needed'
}
