// The pictures of the docs are what their sources draw.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawn } from '../../scripts/pictures.js'

test('each SVG of docs/pictures is what its source draws (node scripts/pictures.js)', async () => {
  const pictures = await drawn()
  expect(pictures.length).toBeGreaterThan(0)
  for (const { name, svg } of pictures)
    expect({ name, svg: readFileSync(join('docs/pictures', `${name}.svg`), 'utf8') }).toEqual({
      name,
      svg,
    })
})
