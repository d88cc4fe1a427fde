// The order of a dump: by kind, schema and name, and before each object what it needs. Where objects need each other, their pieces are
// taken apart. Pure.

import type { Dumpable, Need, Piece } from './dumpable.ts'

export type Ordered = {
  readonly dumpables: readonly Dumpable[]
  /** Pieces outside of their objects; those of `dumpables` that they became have the same ids. */
  readonly apart: ReadonlySet<string>
}

/** The same input in any order gives the same order. */
export const inOrder = (dumpables: readonly Dumpable[], needs: readonly Need[]): Ordered => {
  const apart = new Set(dumpables.flatMap((each) => each.apart))
  // Each round takes more apart; without a circle there is one.
  for (;;) {
    const nodes = dumpables.flatMap((each) => [each, ...piecesApart(each, apart)])
    const graph = graphOf(dumpables, nodes, needs, apart)
    const inCircle = circlesOf(nodes, graph)
    const freed = dumpables.flatMap((each) =>
      each.pieces.filter(
        ({ id }) => !apart.has(id) && isTied([id, each.id], needs, graph, inCircle),
      ),
    )
    if (freed.length === 0) return { dumpables: sorted(nodes, graph), apart }
    for (const { id } of freed) apart.add(id)
  }
}

type Graph = {
  /** Of each object, those that must be there before it. */
  readonly before: ReadonlyMap<string, ReadonlySet<string>>
  readonly nodeOf: (id: string) => string
}

const piecesApart = (of: Dumpable, apart: ReadonlySet<string>): readonly Dumpable[] =>
  of.pieces.filter(({ id }) => apart.has(id)).map((piece) => asDumpable(of, piece))

const asDumpable = (
  { phase, schema, name: relation }: Dumpable,
  { id, kind, name, target, statements }: Piece,
): Dumpable => ({
  ...{ id, kind, phase, schema, relation, name, target, owner: null },
  ...{ pieces: [], apart: [], text: () => statements },
})

const graphOf = (
  dumpables: readonly Dumpable[],
  nodes: readonly Dumpable[],
  needs: readonly Need[],
  apart: ReadonlySet<string>,
): Graph => {
  const wholes = new Map(
    dumpables.flatMap((each) => each.pieces.map(({ id }) => [id, each.id] as const)),
  )
  const nodeOf = (id: string): string => (apart.has(id) ? id : (wholes.get(id) ?? id))
  const before = new Map<string, Set<string>>(nodes.map(({ id }) => [id, new Set()]))
  const add = (one: string, other: string): void => {
    if (one !== other && before.has(other)) before.get(one)?.add(other)
  }
  for (const { id, needs: needed } of needs) add(nodeOf(id), nodeOf(needed))
  for (const id of apart) add(id, wholes.get(id) ?? id)
  return { before, nodeOf }
}

/** The number of the circle that a node is in; none for most. */
const circlesOf = (nodes: readonly Dumpable[], { before }: Graph): ReadonlyMap<string, number> => {
  // Tarjan's algorithm with a stack of its own: chains of views may be long.
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const found = new Map<string, number>()
  let circles = 0
  for (const { id: root } of nodes) {
    if (index.has(root)) continue
    const work: { readonly id: string; readonly rest: string[] }[] = []
    const enter = (id: string): void => {
      index.set(id, index.size)
      low.set(id, index.get(id) ?? 0)
      open.push(id)
      isOpen.add(id)
      work.push({ id, rest: [...(before.get(id) ?? [])] })
    }
    enter(root)
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const { id } = top
      const next = top.rest.pop()
      if (next !== undefined) {
        if (!index.has(next)) enter(next)
        else if (isOpen.has(next)) lower(low, id, index.get(next) ?? 0)
        continue
      }
      work.pop()
      const parent = work.at(-1)
      if (parent !== undefined) lower(low, parent.id, low.get(id) ?? 0)
      if (low.get(id) !== index.get(id)) continue
      const members = open.splice(open.lastIndexOf(id))
      for (const member of members) isOpen.delete(member)
      if (members.length > 1) for (const member of members) found.set(member, circles)
      circles += 1
    }
  }
  return found
}

const lower = (low: Map<string, number>, id: string, value: number): void => {
  low.set(id, Math.min(low.get(id) ?? value, value))
}

// Does the piece need something that is in one circle with what it is a piece of?
const isTied = (
  [piece, whole]: readonly [string, string],
  needs: readonly Need[],
  { nodeOf }: Graph,
  inCircle: ReadonlyMap<string, number>,
): boolean => {
  const circle = inCircle.get(whole)
  return (
    circle !== undefined &&
    needs.some(
      ({ id, needs: needed }) =>
        id === piece && nodeOf(needed) !== whole && inCircle.get(nodeOf(needed)) === circle,
    )
  )
}

const ranks: Readonly<Record<string, number>> = {
  default: 1,
  constraint: 2,
  index: 3,
  statistics: 4,
  rule: 5,
  trigger: 6,
  policy: 7,
}

const keyOf = ({ phase, schema, relation, name, kind, target }: Dumpable) =>
  relation === ''
    ? [phase, schema, name, 0, kind, target]
    : [phase, schema, relation, ranks[kind] ?? 8, name, target]

const compare = (a: Dumpable, b: Dumpable): number => {
  const [one, other] = [keyOf(a), keyOf(b)]
  for (const [at, left] of one.entries()) {
    const right = other[at] ?? ''
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

const sorted = (nodes: readonly Dumpable[], { before }: Graph): readonly Dumpable[] => {
  const byId = new Map(nodes.map((each) => [each.id, each]))
  const neededBy = (id: string): Dumpable[] =>
    [...(before.get(id) ?? [])]
      .flatMap((each) => byId.get(each) ?? [])
      .sort(compare)
      .reverse()
  const seen = new Set<string>()
  const result: Dumpable[] = []
  for (const root of [...nodes].sort(compare)) {
    const work: { readonly node: Dumpable; readonly rest: Dumpable[] }[] = []
    const enter = (node: Dumpable): void => {
      if (seen.has(node.id)) return
      seen.add(node.id)
      work.push({ node, rest: neededBy(node.id) })
    }
    enter(root)
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const next = top.rest.pop()
      if (next !== undefined) enter(next)
      else {
        work.pop()
        result.push(top.node)
      }
    }
  }
  return result
}
