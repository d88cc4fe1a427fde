// The SQL parser's WebAssembly, packed: 0.34 MB in place of 1.7 in every image and package, for 4 ms of the 20 that loading it takes.

import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const folder = dirname(createRequire(import.meta.url).resolve('libpg-query'))
const packed = 'libpg-query.wasm.gz'

/**
 * The parser finds it packed, beside the bundle.
 * @type {import('esbuild').Plugin}
 */
export const packedParser = {
  name: 'packed parser',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^\.\/libpg-query\.js$/ }, ({ importer }) =>
      dirname(importer) === folder ? { path: packed, namespace: 'packed parser' } : undefined,
    )
    bundler.onLoad({ filter: /./, namespace: 'packed parser' }, () => ({
      contents: `import make from ${JSON.stringify(join(folder, 'libpg-query.js'))}
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
export default async () => {
  const module = await WebAssembly.compile(await promisify(gunzip)(await readFile(__dirname + '/${packed}')))
  return make({ instantiateWasm: (imports, receive) => receive(new WebAssembly.Instance(module, imports)) })
}`,
      resolveDir: '.',
    }))
  },
}

/** @param {string} to */
export const packParser = async (to) =>
  writeFile(
    join(to, packed),
    gzipSync(await readFile(join(folder, 'libpg-query.wasm')), { level: 9 }),
  )
