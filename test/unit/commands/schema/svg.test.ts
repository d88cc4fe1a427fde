// Tables and foreign keys as an SVG: whole XML whatever the names are, the same for the same tables, with words for who cannot see it.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { DiagramTable } from '../../../../src/catalog/dump/diagram-facts.ts'
import { svg } from '../../../../src/commands/schema/svg/svg.ts'

type Column = DiagramTable['columns'][number]

const column = (name: string, more: Partial<Column> = {}): Column => ({
  ...{ name, type: 'integer', isPrimary: false, isForeign: false, isUnique: false },
  ...more,
})

const table = (name: string, more: Partial<DiagramTable> = {}): DiagramTable => ({
  ...{ schema: 'public', name, columns: [column('id', { isPrimary: true })], references: [] },
  ...more,
})

const refers = (to: string, more: Partial<DiagramTable['references'][number]> = {}) => ({
  ...{ name: `to_${to}`, schema: 'public', table: to, columns: [`${to}_id`] },
  ...{ isRequired: true, isUnique: false, ...more },
})

const shop = [
  table('customer'),
  table('orders', {
    columns: [column('id', { isPrimary: true }), column('customer_id', { isForeign: true })],
    references: [refers('customer'), refers('orders', { name: 'before', isRequired: false })],
  }),
  table('invoice', { schema: 'app', references: [refers('orders', { isUnique: true })] }),
]

type Element = { readonly name: string; readonly attributes: Record<string, string> }

const decoded = (text: string): string =>
  text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => {
    const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'" }
    return characters[name] ?? '&'
  })

/** Reads XML as strictly as a browser does; throws where it is not well-formed. */
const read = (xml: string): { readonly elements: readonly Element[]; readonly texts: string[] } => {
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/u)
  const open: string[] = []
  const elements: Element[] = []
  const texts: string[] = []
  const token =
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*(?:&(?:lt|gt|quot|apos|amp);[^"<&]*)*")*)(\/?)>|([^<&]|&(?:lt|gt|quot|apos|amp);)+/gy
  const parts: string[] = []
  for (const [whole, closing, name = '', attributes = '', empty] of xml.matchAll(token)) {
    parts.push(whole)
    if (name === '') texts.push(decoded(whole))
    else if (closing === '/') expect(open.pop()).toBe(name)
    else {
      const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)]
      elements.push({
        name,
        attributes: Object.fromEntries(
          pairs.map(([, key = '', value = '']) => [key, decoded(value)]),
        ),
      })
      if (empty !== '/') open.push(name)
    }
  }
  expect(parts.join('')).toBe(xml)
  expect(open).toEqual([])
  return { elements, texts }
}

const words = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => text.trim()).filter((text) => text !== '')

test('shows each table with its columns, keys and types, and each foreign key as a line', async () => {
  const { elements, texts } = read(await svg(shop))
  expect(words(texts)).toEqual(expect.arrayContaining(['app.invoice', 'customer_id', 'PK', 'FK']))
  const of = (look: string): number =>
    elements.filter(({ attributes }) => attributes['class'] === look).length
  expect({ tables: of('table'), lines: of('line'), absent: of('absent') }).toEqual({
    ...{ tables: 3, lines: 3, absent: 0 },
  })
})

test('the ends of a line say how many rows there may be', async () => {
  const { elements } = read(await svg(shop))
  const ends = elements
    .filter(({ attributes }) => attributes['class'] === 'line')
    .map(({ attributes }) => [attributes['marker-start'], attributes['marker-end']])
  expect(ends).toEqual([
    ['url(#many)', 'url(#required)'],
    ['url(#many)', 'url(#optional)'],
    ['url(#one)', 'url(#required)'],
  ])
  const ids = elements
    .filter(({ name }) => name === 'marker')
    .map(({ attributes }) => attributes['id'])
  expect(ids.sort()).toEqual(['many', 'one', 'optional', 'required'])
})

test('who cannot see it hears what it shows', async () => {
  const { elements, texts } = read(await svg(shop))
  expect(elements[0]?.attributes).toMatchObject({
    ...{ role: 'img', 'aria-labelledby': 'title description' },
  })
  expect(texts).toContain('3 tables and 3 foreign keys')
  expect(texts.find((text) => text.includes('refers to'))).toBe(
    `customer: id.
orders: id, customer_id. customer_id refers to customer. orders_id refers to orders.
app.invoice: id. orders_id refers to orders.`,
  )
})

test('a table that is referred to and not shown is there by its name alone', async () => {
  const { elements, texts } = read(await svg(shop.slice(1)))
  expect(elements.filter(({ attributes }) => attributes['class'] === 'absent')).toHaveLength(1)
  expect(words(texts)).toContain('customer')
})

test('has colours for a light and for a dark page', async () => {
  const drawn = await svg(shop)
  expect(drawn).toContain('@media (prefers-color-scheme: dark)')
  // None stands in an element, where the page could not choose.
  expect(drawn.slice(drawn.indexOf('</style>'))).not.toMatch(/#[0-9a-f]{6}/)
})

test('of no tables it is a picture, too', async () => {
  expect(read(await svg([])).texts).toContain('0 tables and 0 foreign keys')
})

describe('names', () => {
  test('of every kind are text', async () => {
    const evil = `a"/><script>alert(1)</script>&amp;'\u0007\u202e ]]> --> ##[error]`
    const { elements, texts } = read(
      await svg([
        table(evil, {
          schema: evil,
          columns: [column(evil, { type: evil })],
          references: [refers(evil)],
        }),
      ]),
    )
    expect(elements.map(({ name }) => name)).not.toContain('script')
    expect(texts.join('')).toContain('<script>alert(1)</script>&amp;')
    expect(texts.join('')).toContain(String.raw`\x07\u{202e}`)
  })

  test('whatever they are, it is well-formed, and the same again', async () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 5 }), async (names) => {
        const tables = names.map((each, at) =>
          table(each, {
            schema: `s${at}`,
            columns: [column(each, { type: each })],
            references: names.slice(0, 2).map((to, key) => ({
              ...refers(to, { name: `k${key}`, schema: `s${key}`, columns: [each] }),
            })),
          }),
        )
        const drawn = await svg(tables)
        read(drawn)
        expect(await svg(tables)).toBe(drawn)
      }),
      { numRuns: 60 },
    )
  })
})

test('no box lies upon another, and all are within the picture', async () => {
  const many = Array.from({ length: 30 }, (_, at) =>
    table(`t${at}`, {
      columns: Array.from({ length: 1 + (at % 7) }, (_unused, each) => column(`c${each}`)),
      references:
        at === 0
          ? []
          : [refers(`t${(at * 7) % at}`), refers(`t${Math.floor(at / 2)}`, { name: 'other' })],
    }),
  )
  const { elements } = read(await svg(many))
  const page = elements[0]?.attributes ?? {}
  const boxes = elements.flatMap(({ attributes }, at) => {
    const [, x, y] = /^translate\((\S+) (\S+)\)$/.exec(attributes['transform'] ?? '') ?? []
    const box = elements.slice(at).find((each) => each.attributes['class'] === 'box')?.attributes
    return x === undefined
      ? []
      : [
          {
            x: Number(x),
            y: Number(y),
            width: Number(box?.['width']),
            height: Number(box?.['height']),
          },
        ]
  })
  expect(boxes).toHaveLength(30)
  for (const [at, box] of boxes.entries()) {
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(Number(page['width']))
    expect(box.y + box.height).toBeLessThanOrEqual(Number(page['height']))
    for (const other of boxes.slice(at + 1))
      expect(
        box.x + box.width <= other.x ||
          other.x + other.width <= box.x ||
          box.y + box.height <= other.y ||
          other.y + other.height <= box.y,
      ).toBe(true)
  }
})
