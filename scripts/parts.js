// Packages that few runs need lie beside the bundle, each in a file of its own: Node.js reads a bundle to its end before it runs
// its first line, 25 ms for each megabyte. What src loads with import() of one of these is taken from there.

import { build } from 'esbuild'

// Not the parser: with it and its WebAssembly, a run with something pending is one bundle, too.
const parts = ['yargs', 'pgsql-deparser', 'table', 'junit-report-builder', 'node-sarif-builder']

const requireBanner = `import { createRequire as schemagateRequire } from 'node:module'
const require = schemagateRequire(import.meta.url)`

/** @type {import('esbuild').Plugin} */
export const partsBeside = {
  name: 'parts beside',
  setup: (bundler) => {
    const filter = new RegExp(`^(${parts.join('|')})$`)
    bundler.onResolve({ filter }, ({ path, kind }) => {
      if (kind !== 'dynamic-import')
        return { errors: [{ text: `${path} is a part beside the bundle; load it with import()` }] }
      return { path: `./parts/${path}.js`, external: true }
    })
  },
}

/**
 * @param {import('esbuild').BuildOptions} common
 * @param {string} folder
 */
export const buildParts = async (common, folder) => {
  for (const name of parts) {
    // Most are CommonJS, whose names only a running program knows.
    /** @type {unknown} */
    const loaded = await import(name)
    const names = Object.keys(/** @type {object} */ (loaded)).filter((each) =>
      /^[a-z_]\w*$/i.test(each),
    )
    const own = names.filter((each) => each !== 'default' && each !== '__esModule')
    await build({
      ...common,
      stdin: {
        contents: `import * as all from '${name}'
export const { ${own.join(', ')} } = all
export default all.default`,
        resolveDir: '.',
      },
      outfile: `${folder}/${name}.js`,
      // yargs declares __dirname by itself.
      banner: { js: requireBanner },
    })
  }
}
