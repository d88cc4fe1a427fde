// An object that must be dropped to be made again goes with what depends on it, and all of that is made again from files. Where that
// cannot be, there is an obstacle.

import { dependantsQuery } from '../../catalog/facts/dependants.ts'
import { problem, type Problem } from '../../errors/problem.ts'
import type { ObjectText } from '../load.ts'
import { describeIdentity, keyOf, type Identity, type ObjectFile } from '../object-file.ts'
import type { Found } from '../state/definitions.ts'
import type { Bench } from './bench.ts'
import { besides, readDependants } from './dependants.ts'
import { dropAll } from './drop.ts'

/** Larger ones are not built again on the way. */
const mostMegabytes = 100

type Standing = {
  readonly identities: ReadonlyMap<ObjectFile, Identity>
  /** By keyOf(): what was dropped and is to be made again. */
  readonly gone: Map<string, Found>
}

type Dropping = { readonly file: ObjectFile; readonly before: Found }

type Dependants = {
  readonly dependants: ReturnType<typeof readDependants>
  /** Why it is not to be dropped. */
  readonly obstacle: Problem | undefined
}

export const findDependants = async (
  bench: Bench,
  { identities }: Pick<Standing, 'identities'>,
  { file, before }: Dropping,
): Promise<Dependants> => {
  const dependants = readDependants(await bench.ask(file, dependantsQuery(before)))
  const without = besides(dependants, makersOf(identities))
  const object = describeIdentity(before.identity)
  const needed = without.map(({ words }) => words)
  const obstacle =
    needed.length > 0
      ? problem('object-needed', { file: file.file, object, dependants: needed })
      : await tooLarge(bench, file, { before, dependants })
  return { dependants, obstacle }
}

const makersOf = (identities: Standing['identities']): ReadonlyMap<string, ObjectFile> =>
  new Map([...identities].map(([each, identity]) => [keyOf(identity), each]))

/** Yields the files of its dependants, which are dropped too. */
export const dropWithDependants = async (
  bench: Bench,
  { gone, identities }: Standing,
  { file, before, dependants }: Dropping & Pick<Dependants, 'dependants'>,
): Promise<readonly ObjectFile[]> => {
  const found = await bench.definitions(
    file,
    dependants.flatMap(({ identity }) => identity ?? []),
  )
  await dropAll(bench, file, [before, ...found.values()])
  for (const [key, each] of found) gone.set(key, each)
  const makers = makersOf(identities)
  return [...found.keys()].flatMap((key) => makers.get(key) ?? [])
}

const tooLarge = async (
  bench: Bench,
  file: ObjectText,
  { before, dependants }: Pick<Dropping, 'before'> & Pick<Dependants, 'dependants'>,
): Promise<Problem | undefined> => {
  const [own] =
    before.identity.kind === 'materialized view'
      ? await bench.ask(file, `SELECT pg_total_relation_size(${before.oid}) AS bytes`)
      : []
  const sizes = [
    { words: describeIdentity(before.identity), bytes: Number(own?.['bytes'] ?? 0) },
    ...dependants,
  ]
  const large = sizes.filter(({ bytes }) => bytes > mostMegabytes * 1_048_576)
  const objects = large.map(({ words, bytes }) => `${words} (${Math.round(bytes / 1_048_576)} MB)`)
  return objects.length === 0
    ? undefined
    : problem('object-large', { file: file.file, objects, mostMegabytes })
}
