// The command line as dist/schemagate.js and what it loads, in dist/parts/. Node.js reads a file to its end before it runs its
// first line, 30 ms for each megabyte, so what a start with nothing pending needs is one file; all that src loads with import()
// is in others, and so is what only those need.

import { rm } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import { build, transform } from 'esbuild'
import { readPackageFile } from './last-words.js'
import { leanPackages } from './lean.js'
import { packedParser } from './parser.js'
import { packageAsModule, partBeside } from './parts.js'
import { compiledSchemas } from './schemas.js'

// Packages that are CommonJS call require(), and some ask for the folder they are in: the bundle's, which the parts lie one below.
// Under names of our own, because some declare theirs.
const banner = `import { createRequire as schemagateRequire } from 'node:module'
import { dirname as schemagateDirname } from 'node:path'
import { fileURLToPath as schemagateFile } from 'node:url'
const require = schemagateRequire(import.meta.url)
const schemagateFilename = schemagateFile(import.meta.url)
const schemagateFolder = schemagateDirname(schemagateDirname(schemagateFilename))`

const start = 'src/cli/process.ts'

/**
 * esbuild makes a file of what the same import()s reach. All of them also reach the start here, so that whatever the start needs
 * is reached by all, and thereby in one file.
 * @type {import('esbuild').Plugin}
 */
const partsAfterStart = {
  name: 'parts after the start',
  setup: (bundler) => {
    bundler.onResolve({ filter: /./ }, async ({ path, kind, resolveDir, importer }) => {
      // What packages import() is their own affair.
      if (kind !== 'dynamic-import' || importer.includes('node_modules')) return undefined
      if (!path.startsWith('.')) return { path, namespace: 'package part' }
      const found = await bundler.resolve(path, { kind: 'import-statement', resolveDir, importer })
      // Not where this checkout happens to lie: the names of parts come from it. A command's part has the command's name.
      const file = `./${relative('.', found.path)}`
      return { path: file.replace(/\/command\.ts$/, ''), namespace: 'part', pluginData: file }
    })
    const whole = (/** @type {string} */ contents) => ({
      contents: `import ${JSON.stringify(`./${start}`)}\n${contents}`,
      resolveDir: '.',
    })
    bundler.onLoad({ filter: /./, namespace: 'part' }, ({ pluginData }) =>
      whole(`export * from ${JSON.stringify(pluginData)}`),
    )
    bundler.onLoad({ filter: /./, namespace: 'package part' }, async ({ path }) =>
      whole(await packageAsModule(path)),
    )
  },
}

/**
 * What packages bring into files that are ours as well, with short names within it: a stack trace through it need not be readable.
 * @type {import('esbuild').Plugin}
 */
const shortPackages = {
  name: 'short packages',
  setup: (bundler) => {
    bundler.onLoad({ filter: /[/\\]node_modules[/\\].*\.[cm]?js$/ }, async ({ path }) => {
      const { code } = await transform(await readPackageFile(path), {
        ...{ minifyIdentifiers: true, target: 'node20', legalComments: 'none' },
      })
      return { contents: code, loader: 'js' }
    })
  },
}

/**
 * @param {import('esbuild').BuildOptions} common
 * @param {string} folder
 */
export const buildGate = async (common, folder) => {
  const parts = await build({
    ...common,
    plugins: [
      compiledSchemas,
      leanPackages,
      packedParser,
      partBeside('.'),
      partsAfterStart,
      shortPackages,
    ],
    entryPoints: [start],
    splitting: true,
    metafile: true,
    outdir: `${folder}/parts`,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    define: {
      ...common.define,
      __dirname: 'schemagateFolder',
      __filename: 'schemagateFilename',
    },
    banner: { js: banner },
  })
  const { metafile } = parts
  const [main] = Object.entries(metafile.outputs).find(([, { inputs }]) => start in inputs) ?? []
  if (main === undefined) throw new Error(`no part holds ${start}`)
  // What esbuild makes for who would import the start from elsewhere.
  const [door] = Object.entries(metafile.outputs).find((each) => each[1].entryPoint === start) ?? []
  if (door !== undefined && door !== main) await rm(door)
  await build({
    ...common,
    plugins: [
      {
        name: 'the start',
        setup: (bundler) => {
          bundler.onResolve({ filter: /process\.ts$/ }, () => ({
            path: `./parts/${basename(main)}`,
            external: true,
          }))
        },
      },
    ],
    entryPoints: ['src/cli/bin.ts'],
    outfile: `${folder}/schemagate.js`,
    banner: { js: '#!/usr/bin/env node' },
  })
  return parts
}
