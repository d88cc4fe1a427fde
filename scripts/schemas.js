// Compiles JSON Schemas when the bundle is built: ajv takes longer for it than a whole start may take. A file check-….ts that
// calls compileSchema() becomes the very function that ajv would make of its schema at run time.

import { basename, dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import standaloneModule from 'ajv/dist/standalone/index.js'
import { build, transform } from 'esbuild'

const standaloneCode = standaloneModule.default
// In quotes: the schemas lie in folders of any depth.
const violation = JSON.stringify(join(import.meta.dirname, '../src/errors/schema-violation.ts'))

/** @type {import('esbuild').Plugin} */
export const compiledSchemas = {
  name: 'compiled schemas',
  setup: (bundler) => {
    bundler.onLoad(
      { filter: /[/\\]check-(variables|directive|contract)\.ts$/ },
      async ({ path }) => {
        const { name, schema, options } = await readSchema(path)
        const ajv = new Ajv({ ...options, code: { source: true, esm: true } })
        const contents = `import { checkWith } from ${violation}
${standaloneCode(ajv, ajv.compile(schema))}
export const ${name} = checkWith(validate)`
        // Nobody reads what ajv writes.
        const { code } = await transform(contents, { minifyIdentifiers: true, format: 'esm' })
        return { contents: code, loader: 'js', resolveDir: dirname(path) }
      },
    )
  },
}

/** @type {import('esbuild').Plugin} */
const uncompiled = {
  name: 'uncompiled',
  setup: (bundler) => {
    bundler.onLoad({ filter: /[/\\]json-schema\.ts$/ }, () => ({
      contents: 'export const compileSchema = (schema) => schema',
    }))
  },
}

/** @typedef {{ schemaOptions: import('ajv').Options } & Record<string, object>} Exports */

/**
 * The schema that the file hands to compileSchema(), and the options it would be compiled with.
 * @param {string} path
 * @returns {Promise<{ name: string, schema: object, options: import('ajv').Options }>}
 */
async function readSchema(path) {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from './${basename(path)}'
export { schemaOptions } from ${violation}`,
      resolveDir: dirname(path),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    plugins: [uncompiled],
  })
  const text = outputFiles[0]?.text ?? ''
  /** @type {unknown} */
  const exported = await import(`data:text/javascript,${encodeURIComponent(text)}`)
  const { schemaOptions: options, ...schemas } = /** @type {Exports} */ (exported)
  const [found] = Object.entries(schemas)
  if (found === undefined) throw new Error(`${path} exports no schema`)
  const [name, schema] = found
  return { name, schema, options }
}
