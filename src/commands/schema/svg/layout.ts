// Where boxes and the lines between them go, in layers from left to right. The only module that knows dagre, loaded only for a
// picture. The same boxes in the same order always lie in the same places.

import { loadPart } from '../../../errors/part.ts'

export type Box = { readonly id: string; readonly width: number; readonly height: number }

/** From a box to another one, which lies to its left where that is possible. */
export type Line = { readonly id: string; readonly from: string; readonly to: string }

export type Point = { readonly x: number; readonly y: number }

export type Layout = {
  readonly width: number
  readonly height: number
  /** The upper left corner of each box. */
  readonly corners: ReadonlyMap<string, Point>
  /** From the edge of the one box to that of the other. */
  readonly paths: ReadonlyMap<string, readonly Point[]>
}

type Dagre = {
  readonly Graph: new (options: { readonly multigraph: true }) => Graph
  readonly layout: (graph: Graph) => void
}

type Graph = {
  readonly setGraph: (label: Readonly<Record<string, string | number>>) => void
  readonly setNode: (id: string, label: Omit<Box, 'id'>) => void
  readonly setEdge: (from: string, to: string, label: object, id: string) => void
  /** Without a size where it has no node. */
  readonly graph: () => { readonly width?: number; readonly height?: number }
  /** Its centre. */
  readonly node: (id: string) => Point
  readonly edge: (from: string, to: string, id: string) => { readonly points: readonly Point[] }
}

// The package's own types name their files without an extension, which TypeScript does not resolve here.
const loadDagre = async (): Promise<Dagre> =>
  await loadPart('layout of diagrams', import('@dagrejs/dagre'))

/** In pixels. No line goes from a box to itself. Throws `part-not-loaded`. */
export const layOut = async (boxes: readonly Box[], lines: readonly Line[]): Promise<Layout> => {
  const { Graph, layout } = await loadDagre()
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'RL', nodesep: 32, ranksep: 96, edgesep: 24 })
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height })
  for (const { id, from, to } of lines) graph.setEdge(from, to, {}, id)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  return {
    ...{ width, height },
    corners: new Map(
      boxes.map((box) => {
        const { x, y } = graph.node(box.id)
        return [box.id, { x: x - box.width / 2, y: y - box.height / 2 }]
      }),
    ),
    paths: new Map(
      lines.map(({ id, from, to }) => [
        id,
        graph.edge(from, to, id).points.map(({ x, y }) => ({ x, y })),
      ]),
    ),
  }
}
