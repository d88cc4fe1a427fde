// Tables and foreign keys as one SVG that stands alone: readable on a light and on a dark page, and by who cannot see it, with the same
// text for the same tables. Pure, except that it loads the layout.

import type { DiagramTable } from '../../../catalog/dump/diagram-facts.ts'
import { keysOf, shortType } from '../column.ts'
import { widthOf } from '../../../report/terminal/type-setting.ts'
import { layOut, type Box, type Layout, type Line, type Point } from './layout.ts'
import { element, group, picture } from './xml.ts'

const lineHeight = 20
const padding = 10
const margin = 32
// Of a monospaced font of 13 px, rounded up.
const characterWidth = 8
const gap = 2

/** A reference to a table that is not among them shows it by its name alone. Throws `part-not-loaded`. */
export const svg = async (tables: readonly DiagramTable[]): Promise<string> => {
  const cards = [...tables.map(cardOf), ...absentCards(tables)]
  const arrows = arrowsOf(tables)
  const layout = await layOut(
    cards.map(boxOf),
    arrows.filter(({ from, to }) => from !== to),
  )
  return picture({
    width: layout.width + 2 * margin,
    // A table that refers to itself has its line below it.
    height: layout.height + 2 * margin,
    title: `${tables.length} table${tables.length === 1 ? '' : 's'} and ${arrows.length} foreign key${arrows.length === 1 ? '' : 's'}`,
    description: descriptionOf(tables),
    content: [
      ...arrows.map((arrow) => lineOf(arrow, cards, layout)),
      ...cards.map((card) => tableOf(card, layout)),
    ],
  })
}

type Row = readonly [keys: string, name: string, type: string]

type Card = {
  readonly id: string
  readonly title: string
  /** `absent`: something refers to it, and it is not shown. */
  readonly kind: 'table' | 'absent'
  readonly rows: readonly Row[]
}

const idOf = (schema: string, name: string): string => JSON.stringify([schema, name])

const titleOf = (schema: string, name: string): string =>
  schema === 'public' ? name : `${schema}.${name}`

const cardOf = ({ schema, name, columns }: DiagramTable): Card => ({
  ...{ id: idOf(schema, name), title: titleOf(schema, name), kind: 'table' },
  rows: columns.map((column) => [keysOf(column).join(' '), column.name, shortType(column.type)]),
})

const absentCards = (tables: readonly DiagramTable[]): readonly Card[] => {
  const shown = new Set(tables.map(({ schema, name }) => idOf(schema, name)))
  const absent = new Map(
    tables
      .flatMap(({ references }) => references)
      .map(({ schema, table }) => [idOf(schema, table), titleOf(schema, table)]),
  )
  return [...absent]
    .filter(([id]) => !shown.has(id))
    .map(([id, title]) => ({ id, title, kind: 'absent', rows: [] }))
}

type Arrow = Line & Pick<DiagramTable['references'][number], 'columns' | 'isRequired' | 'isUnique'>

const arrowsOf = (tables: readonly DiagramTable[]): readonly Arrow[] =>
  tables.flatMap(({ schema, name, references }) =>
    references.map(({ name: key, schema: other, table, columns, isRequired, isUnique }) => ({
      id: JSON.stringify([schema, name, key]),
      ...{ from: idOf(schema, name), to: idOf(other, table), columns, isRequired, isUnique },
    })),
  )

const widths = ({ rows }: Card): readonly [number, number, number] => {
  const widest = (at: 0 | 1 | 2): number => Math.max(0, ...rows.map((row) => widthOf(row[at])))
  return [widest(0), widest(1), widest(2)]
}

const boxOf = (card: Card): Box => {
  const cells = widths(card).filter((width) => width > 0)
  const inner = cells.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, cells.length - 1)
  return {
    id: card.id,
    width: Math.max(inner, widthOf(card.title)) * characterWidth + 2 * padding,
    height: (card.rows.length + 1) * lineHeight + padding,
  }
}

const tableOf = (card: Card, { corners }: Layout): string => {
  const { x, y } = corners.get(card.id) ?? { x: 0, y: 0 }
  const { width, height } = boxOf(card)
  const [keys, names] = widths(card)
  const nameAt = keys === 0 ? 0 : keys + gap
  const typeAt = nameAt + names + gap
  const words = (text: string, column: number, row: number, look: string): string =>
    text === ''
      ? ''
      : element('text', look, text, {
          x: padding + column * characterWidth,
          y: row * lineHeight + 15,
        })
  return group(card.kind, { x: x + margin, y: y + margin }, [
    element('title', undefined, card.title),
    element('rect', 'box', undefined, { width, height, rx: 4 }),
    ...(card.rows.length === 0
      ? []
      : [element('path', 'rule', undefined, { d: `M0 ${lineHeight + 2}H${width}` })]),
    words(card.title, 0, 0, 'name'),
    ...card.rows.flatMap(([key, name, type], at) => [
      words(key, 0, at + 1.2, 'key'),
      words(name, nameAt, at + 1.2, 'column'),
      words(type, typeAt, at + 1.2, 'type'),
    ]),
  ])
}

const lineOf = (arrow: Arrow, cards: readonly Card[], layout: Layout): string => {
  const { columns, isRequired, isUnique } = arrow
  const path = layout.paths.get(arrow.id) ?? loopAt(arrow, cards, layout)
  const [start, ...rest] = path.map(({ x, y }) => `${round(x + margin)} ${round(y + margin)}`)
  return group('reference', undefined, [
    element('title', undefined, columns.join(', ')),
    element('path', 'line', undefined, {
      d: `M${start ?? '0 0'}${rest.map((point) => `L${point}`).join('')}`,
      'marker-start': `url(#${isUnique ? 'one' : 'many'})`,
      'marker-end': `url(#${isRequired ? 'required' : 'optional'})`,
    }),
  ])
}

// Around a corner of its own box, within the space that boxes keep from each other.
const loopAt = ({ from }: Arrow, cards: readonly Card[], { corners }: Layout): readonly Point[] => {
  const card = cards.find(({ id }) => id === from)
  const { x, y } = corners.get(from) ?? { x: 0, y: 0 }
  const { width, height } = card === undefined ? { width: 0, height: 0 } : boxOf(card)
  const [right, bottom, out] = [x + width, y + height, 24]
  return [
    { x: right, y: bottom - 14 },
    { x: right + out, y: bottom - 14 },
    { x: right + out, y: bottom + out },
    { x: right - 14, y: bottom + out },
    { x: right - 14, y: bottom },
  ]
}

const round = (pixels: number): number => Math.round(pixels * 10) / 10

// What the picture says, for who hears it: a line for each table.
const descriptionOf = (tables: readonly DiagramTable[]): readonly string[] =>
  tables.map(({ schema, name, columns, references }) =>
    [
      `${titleOf(schema, name)}: ${columns.map((column) => column.name).join(', ')}.`,
      ...references.map(
        ({ columns: own, schema: other, table }) =>
          `${own.join(', ')} refers to ${titleOf(other, table)}.`,
      ),
    ].join(' '),
  )
