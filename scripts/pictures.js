#!/usr/bin/env node
// docs/pictures/*.dot to the SVG beside each, as the README and the docs show them: node scripts/pictures.js

import { instance } from '@viz-js/viz'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../docs/pictures')

/** The name of each picture, without an ending, and the SVG that its source makes. */
export const drawn = async () => {
  const viz = await instance()
  return readdirSync(folder)
    .filter((name) => name.endsWith('.dot'))
    .map((name) => ({
      name: name.slice(0, -'.dot'.length),
      svg: viz.renderString(readFileSync(join(folder, name), 'utf8'), { format: 'svg' }),
    }))
}

if (process.argv[1] === import.meta.filename)
  for (const { name, svg } of await drawn()) writeFileSync(join(folder, `${name}.svg`), svg)
