// Packages that lie beside the bundles, each in a file of its own: command line and library both load them, and few runs of either
// need them. What src loads with import() of one of these is taken from there.

import { build } from 'esbuild'

const parts = ['pgsql-deparser']

/**
 * @param {string} folder As a file of the bundle reaches it.
 * @returns {import('esbuild').Plugin}
 */
export const partBeside = (folder) => ({
  name: 'part beside',
  setup: (bundler) => {
    const filter = new RegExp(`^(${parts.join('|')})$`)
    bundler.onResolve({ filter }, ({ path, kind }) => {
      if (kind !== 'dynamic-import')
        return { errors: [{ text: `${path} is a part beside the bundle; load it with import()` }] }
      return { path: `${folder}/${path}.js`, external: true }
    })
  },
})

/**
 * A module that exports what the package does. Most are CommonJS, whose names only a running program knows.
 * @param {string} name
 */
export const packageAsModule = async (name) => {
  /** @type {unknown} */
  const loaded = await import(name)
  const names = Object.keys(/** @type {object} */ (loaded)).filter(
    (each) => /^[a-z_]\w*$/i.test(each) && each !== 'default' && each !== '__esModule',
  )
  return `import * as all from '${name}'
export const { ${names.join(', ')} } = all
export default all.default`
}

/**
 * @param {import('esbuild').BuildOptions} common
 * @param {string} folder
 */
export const buildParts = (common, folder) =>
  Promise.all(
    parts.map(async (name) =>
      build({
        ...common,
        // Nothing of ours is in it: a stack trace through it need not be readable.
        minifyIdentifiers: true,
        metafile: true,
        stdin: { contents: await packageAsModule(name), resolveDir: '.' },
        outfile: `${folder}/${name}.js`,
      }),
    ),
  )
