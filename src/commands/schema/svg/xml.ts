// Elements of an SVG. Whatever others wrote is text in it: it begins no element, ends no attribute, and shows what would be hidden.

import { oneLine, visible } from '../../../report/visible.ts'
import type { Point } from './layout.ts'

type Attributes = Readonly<Record<string, string | number>>

const references: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' },
}

// XML 1.0 has no way to write some characters: visible() has shown all of them but two.
const written = (text: string): string =>
  visible(oneLine(text), 'text')
    .replace(/\t/g, ' ')
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (each) => references[each] ?? '')

const attribute = ([name, value]: readonly [string, string | number]): string =>
  ` ${name}="${written(String(value))}"`

/** On one line. */
export const element = (
  name: string,
  look: string | undefined,
  text: string | undefined,
  attributes: Attributes = {},
): string => {
  const given = Object.entries({ ...(look === undefined ? {} : { class: look }), ...attributes })
  const opening = `<${name}${given.map(attribute).join('')}`
  return text === undefined ? `${opening}/>` : `${opening}>${written(text)}</${name}>`
}

export const group = (look: string, at: Point | undefined, content: readonly string[]): string =>
  [
    `<g class="${look}"${at === undefined ? '' : ` transform="translate(${round(at.x)} ${round(at.y)})"`}>`,
    ...content.filter((line) => line !== ''),
    '</g>',
  ].join('\n')

const round = (pixels: number): number => Math.round(pixels * 10) / 10

// The colours of GitHub's pages, light and dark, each at a contrast of 4.5 and more.
const style = `text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }
.box { fill: #ffffff; stroke: #57606a } .absent .box { stroke-dasharray: 4 3 }
.rule { stroke: #57606a } .line { fill: none; stroke: #57606a } .end { fill: none; stroke: #57606a } .ring { fill: #ffffff; stroke: #57606a }
.name { font-weight: bold } .key { fill: #0550ae } .type { fill: #57606a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .box, .ring { fill: #0d1117; stroke: #8b949e }
  .rule, .line, .end { stroke: #8b949e } .key { fill: #79c0ff } .type { fill: #9198a1 }
}`

// Of crow's feet: how many rows of the one table there are for one of the other.
const marker = (id: string, content: string): string =>
  `<marker id="${id}" markerWidth="20" markerHeight="12" refX="19" refY="6" orient="auto-start-reverse" markerUnits="userSpaceOnUse">${content}</marker>`

const ring = '<circle class="ring" cx="5" cy="6" r="4"/>'
const bar = (x: number): string => `<path class="end" d="M${x} 1V11"/>`
const foot = '<path class="end" d="M9 6L19 1M9 6L19 11"/>'

const markers = [
  marker('many', `${ring}${foot}`),
  marker('one', `${ring}${bar(14)}`),
  marker('required', `${bar(10)}${bar(14)}`),
  marker('optional', `${ring}${bar(14)}`),
]

export type Picture = {
  readonly width: number
  readonly height: number
  readonly title: string
  /** Its lines. */
  readonly description: readonly string[]
  readonly content: readonly string[]
}

export const picture = ({ width, height, title, description, content }: Picture): string => {
  const [wide, high] = [Math.ceil(width), Math.ceil(height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img" aria-labelledby="title description">`,
    `<title id="title">${written(title)}</title>`,
    `<desc id="description">${description.map(written).join('\n')}</desc>`,
    `<style>${style}</style>`,
    `<defs>${markers.join('')}</defs>`,
    ...content,
    '</svg>',
    '',
  ].join('\n')
}
