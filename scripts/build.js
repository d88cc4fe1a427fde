// Bundles the command line into dist/schemagate.js, with the parser's WebAssembly beside it, the sample services, the demo
// and the benchmark.

import { chmod, copyFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const require = createRequire(import.meta.url)

// Parts of the bundle are CommonJS, and those call require() and __dirname.
const banner = `import { createRequire as schemagateRequire } from 'node:module'
import { dirname as schemagateDirname } from 'node:path'
import { fileURLToPath as schemagateFile } from 'node:url'
const require = schemagateRequire(import.meta.url)
const __filename = schemagateFile(import.meta.url)
const __dirname = schemagateDirname(__filename)`

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  banner: { js: banner },
  legalComments: 'none',
  logLevel: 'warning',
}

await rm('dist', { recursive: true, force: true })
await build({
  ...common,
  entryPoints: ['src/bin.ts'],
  outfile: 'dist/schemagate.js',
  banner: { js: `#!/usr/bin/env node\n${banner}` },
})
await build({
  ...common,
  entryPoints: ['api', 'calls', 'worker'].map((name) => `compose/services/${name}.ts`),
  outdir: 'dist/services',
})
// Demo and benchmark are run from the checkout only, so their packages stay where they are.
await build({
  ...common,
  packages: 'external',
  entryPoints: ['scripts/demo.ts', 'bench/start.ts'],
  outdir: 'build',
  outbase: '.',
  entryNames: '[name]',
})
const parser = dirname(require.resolve('libpg-query'))
await copyFile(join(parser, 'libpg-query.wasm'), 'dist/libpg-query.wasm')
await chmod('dist/schemagate.js', 0o755)
