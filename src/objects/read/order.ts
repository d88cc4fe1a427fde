// The order in which objects are made: each after those that it names. Pure.

import { problem, type Problem } from '../../errors/problem.ts'
import { bodyNames } from '../../schema/effects/names/mentioned-names.ts'
import { namesIn, type WrittenName } from '../../schema/effects/names/names-in.ts'
import { subtrees } from '../../sql/tree/tree.ts'
import type { ObjectFile } from '../object-file.ts'
import {
  namedBy,
  namesInConstants,
  operatorsPerhaps,
  spaceOf,
  type NameSpace,
} from './definition-names.ts'

export type ObjectOrder =
  | { readonly kind: 'order'; readonly files: readonly ObjectFile[] }
  | { readonly kind: 'circle'; readonly problem: Problem }

/**
 * What the tree of a statement names must be there before it. What the body of a function names in a text need not: it comes before
 * where nothing speaks against it. `path` is the search path of the files.
 */
export const inOrder = (files: readonly ObjectFile[], path: readonly string[]): ObjectOrder => {
  const makers = makersOf(files, path)
  const needs = new Map(files.map((file) => [file, needsOf(file, makers)]))
  const circle = circleIn(files, needs)
  if (circle !== undefined) {
    const names = [...circle, ...circle.slice(0, 1)].map(({ file }) => file)
    return { kind: 'circle', problem: problem('object-circle', { files: names }) }
  }
  for (const file of files)
    for (const wish of wishesOf(file, makers))
      if (!reaches(wish, file, needs)) needs.get(file)?.add(wish)
  return { kind: 'order', files: sorted([...files].sort(byTurn), needs) }
}

// What is made has the default privileges of its files. What uses a cast does not name it. Event triggers fire from the next run on.
const byTurn = (one: ObjectFile, other: ObjectFile): number => turnOf(one) - turnOf(other)

const turnOf = ({ defines: { kind } }: ObjectFile): number => {
  if (kind === 'default privileges') return 0
  if (kind === 'cast') return 1
  return kind === 'event trigger' ? 3 : 2
}

type Needs = ReadonlyMap<ObjectFile, Set<ObjectFile>>

type Makers = {
  readonly of: (space: NameSpace, name: WrittenName) => readonly ObjectFile[]
  readonly named: (name: string) => readonly ObjectFile[]
}

const makersOf = (files: readonly ObjectFile[], path: readonly string[]): Makers => {
  const byName = new Map<string, ObjectFile[]>()
  for (const file of files)
    if (spaceOf(file.defines.kind) !== undefined)
      byName.set(file.defines.name, [...(byName.get(file.defines.name) ?? []), file])
  const named = (name: string): readonly ObjectFile[] => byName.get(name) ?? []
  const schemaOf = ({ defines }: ObjectFile): string => defines.schema ?? path[0] ?? 'public'
  return {
    named,
    of: (space, { schema, name }) => {
      const candidates = named(name).filter(({ defines }) => spaceOf(defines.kind) === space)
      if (schema !== undefined) return candidates.filter((file) => schemaOf(file) === schema)
      const found = path.find((each) => candidates.some((file) => schemaOf(file) === each))
      return candidates.filter((file) => schemaOf(file) === found)
    },
  }
}

const needsOf = (file: ObjectFile, makers: Makers): Set<ObjectFile> => {
  const nodes = [...(file.main === undefined ? [] : [file.main]), ...file.belongings].map(
    ({ node }) => node,
  )
  const inQueries = new Set(
    nodes.flatMap((node) =>
      subtrees(node).flatMap(({ ctename }) => (typeof ctename === 'string' ? [ctename] : [])),
    ),
  )
  const isQuery = ({ schema, name }: WrittenName): boolean =>
    schema === undefined && inQueries.has(name)
  const found = nodes.flatMap((node) => [
    ...namesIn(node, 'relation')
      .filter((name) => !isQuery(name))
      .flatMap((name) => makers.of('relation', name)),
    ...namedBy(node).flatMap(({ space, ...name }) => makers.of(space, name)),
  ])
  return new Set(found.filter((each) => each !== file))
}

const wishesOf = (file: ObjectFile, makers: Makers): readonly ObjectFile[] => {
  if (file.main === undefined) return []
  const { node } = file.main
  const isTextSearch = ({ defines }: ObjectFile): boolean =>
    spaceOf(defines.kind)?.startsWith('text search') === true
  return [
    ...operatorsPerhaps(node).flatMap(({ space, ...name }) => makers.of(space, name)),
    ...[...bodyNames(node)].flatMap((name) => makers.named(name)),
    ...namesInConstants(node).flatMap((name) => makers.named(name).filter(isTextSearch)),
  ].filter((each) => each !== file)
}

const reaches = (from: ObjectFile, to: ObjectFile, needs: Needs): boolean => {
  const seen = new Set<ObjectFile>()
  const open = [from]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true
    if (seen.has(at)) continue
    seen.add(at)
    open.push(...(needs.get(at) ?? []))
  }
  return false
}

/** The files of one, in the order of their needs. */
const circleIn = (
  files: readonly ObjectFile[],
  needs: Needs,
): readonly ObjectFile[] | undefined => {
  const done = new Set<ObjectFile>()
  const chain: ObjectFile[] = []
  const visit = (file: ObjectFile): readonly ObjectFile[] | undefined => {
    if (done.has(file)) return undefined
    const before = chain.indexOf(file)
    if (before !== -1) return chain.slice(before)
    chain.push(file)
    for (const each of needs.get(file) ?? []) {
      const found = visit(each)
      if (found !== undefined) return found
    }
    chain.pop()
    done.add(file)
    return undefined
  }
  for (const file of files) {
    const found = visit(file)
    if (found !== undefined) return found
  }
  return undefined
}

const sorted = (files: readonly ObjectFile[], needs: Needs): readonly ObjectFile[] => {
  const result = new Set<ObjectFile>()
  const visit = (file: ObjectFile): void => {
    if (result.has(file)) return
    for (const each of needs.get(file) ?? []) visit(each)
    result.add(file)
  }
  files.forEach(visit)
  return [...result]
}
