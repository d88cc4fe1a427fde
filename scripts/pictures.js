#!/usr/bin/env node
// docs/pictures/*.dot, and *.ansi (what a real run wrote to a terminal of 80 columns), to the SVG beside each, as the README and
// the docs show them: node scripts/pictures.js

import { instance } from '@viz-js/viz'
import headless from '@xterm/headless'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../docs/pictures')

/** The name of each picture, without an ending, and the SVG that its source makes. */
export const drawn = async () => {
  const viz = await instance()
  const pictures = []
  for (const entry of readdirSync(folder)) {
    const [name = '', kind] = entry.split('.')
    if (kind !== 'dot' && kind !== 'ansi') continue
    const text = readFileSync(join(folder, entry), 'utf8')
    const svg = kind === 'dot' ? viz.renderString(text, { format: 'svg' }) : await screenshot(text)
    pictures.push({ name, svg })
  }
  return pictures
}

const columns = 80
const cell = { width: 8.4, height: 19 }
const margin = 16
const foreground = '#d8dee9'
/** @type {Readonly<Record<number, string>>} The colours that the gate uses, by their number on a terminal. */
const colours = { 1: '#ff7b72', 2: '#7ee787', 3: '#e3b341', 6: '#76e3ea' }

/**
 * What stands on the terminal in the end.
 * @param {string} text
 */
const screenshot = async (text) => {
  const terminal = new headless.Terminal({ cols: columns, rows: 60, allowProposedApi: true })
  await new Promise((resolve) => {
    terminal.write(text, () => {
      resolve(undefined)
    })
  })
  const { active } = terminal.buffer
  const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at))
  const last = lines.findLastIndex((line) => (line?.translateToString(true) ?? '') !== '')
  const drawnLines = lines.slice(0, last + 1).map((line, at) => {
    const cells = Array.from({ length: columns }, (_, x) => line?.getCell(x))
    const spans = cells.map((each, x) => {
      const characters = each?.getChars() ?? ''
      if (each === undefined || characters.trim() === '') return ''
      const fill = each.isFgDefault() ? foreground : (colours[each.getFgColor()] ?? foreground)
      const style = `${each.isBold() ? ' font-weight="bold"' : ''}${each.isDim() ? ' opacity="0.6"' : ''}`
      const left = (margin + x * cell.width).toFixed(1)
      return `<tspan x="${left}" fill="${fill}"${style}>${escaped(characters)}</tspan>`
    })
    return `<text y="${margin + (at + 1) * cell.height - 5}">${spans.join('')}</text>`
  })
  terminal.dispose()
  const width = Math.ceil(2 * margin + columns * cell.width)
  const height = 2 * margin + drawnLines.length * cell.height
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${drawnLines.join('\n')}
</svg>
`
}

/** @param {string} text */
const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

if (process.argv[1] === import.meta.filename)
  for (const { name, svg } of await drawn()) writeFileSync(join(folder, `${name}.svg`), svg)
