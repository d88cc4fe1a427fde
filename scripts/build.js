// Bundles the command line into dist/schemagate.js with its parts (scripts/gate.js) and the library into dist/index.js, with the
// parser's WebAssembly and the notices of others' licenses beside them, the declarations of the library, the sample services, the
// demo and the benchmarks.

import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import typescript from 'typescript'
import { buildGate } from './gate.js'
import { serversLastWords } from './last-words.js'
import { bundledPackages, thirdPartyNotices } from './notices.js'
import { packedParser, packParser } from './parser.js'
import { buildParts, partBeside } from './parts.js'
import { compiledSchemas } from './schemas.js'

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
  // Without the names being shortened: a stack trace stays readable.
  minifyWhitespace: true,
  minifySyntax: true,
  // Else what only developers of some packages see is bundled, too.
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
}

// Built aside and moved into place file by file: a process that starts meanwhile finds a whole bundle, old or new.
const stage = `build/stage-${process.pid}`
const plugins = [compiledSchemas, packedParser, partBeside('./parts'), serversLastWords]
const built = [
  await buildGate(common, stage),
  await build({
    ...common,
    plugins,
    metafile: true,
    entryPoints: ['src/index.ts'],
    outfile: `${stage}/index.js`,
  }),
  ...(await buildParts(common, `${stage}/parts`)),
]
// The services import the library as their users do: the bundle beside them, not a copy in each.
/** @type {import('esbuild').Plugin} */
const libraryBeside = {
  name: 'library beside',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^schemagate$/ }, () => ({ path: '../index.js', external: true }))
  },
}
built.push(
  await build({
    ...common,
    plugins: [...plugins, libraryBeside],
    metafile: true,
    entryPoints: ['api', 'calls', 'worker'].map((name) => `compose/services/${name}.ts`),
    outdir: `${stage}/services`,
  }),
)
const packages = bundledPackages(built.map(({ metafile }) => metafile))
await writeFile(`${stage}/THIRD-PARTY-NOTICES`, await thirdPartyNotices(packages))
// Demo and benchmarks are run from the checkout only, so their packages stay where they are. `dist` alone is for the image,
// which has no tests, and the benchmarks use a part of them.
if (process.argv[2] !== 'dist')
  await build({
    ...common,
    packages: 'external',
    entryPoints: [
      'scripts/demo.ts',
      'bench/start.ts',
      'bench/analyse.ts',
      'bench/backfill.ts',
      'bench/contract.ts',
      'bench/large.ts',
      'bench/together.ts',
      'bench/peers.ts',
    ],
    outdir: 'build',
    outbase: '.',
    entryNames: '[name]',
  })
// In which tests run many command lines. It finds the parser and the parts where the bundle does.
if (process.argv[2] !== 'dist')
  await build({
    ...common,
    plugins: [compiledSchemas, packedParser, partBeside('../dist/parts'), serversLastWords],
    entryPoints: ['test/support/gate-host.ts'],
    outfile: 'build/gate-host.js',
    banner: { js: banner.replace('(__filename)', "(__filename) + '/../dist'") },
  })
await declare(['index', 'library'])
await packParser(stage)
await chmod(`${stage}/schemagate.js`, 0o755)

for (const folder of ['services', 'parts']) await mkdir(`dist/${folder}`, { recursive: true })
const files = (await readdir(stage, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => relative(stage, join(entry.parentPath, entry.name)))
// The parts first: none is missing when the file that names them is there.
for (const name of files.sort((a, b) => dirname(b).length - dirname(a).length))
  await rename(join(stage, name), join('dist', name))
await removeStaleParts(files)
await rm(stage, { recursive: true })

/**
 * The declarations of these files, which import each other and nothing else.
 * @param {readonly string[]} names
 */
async function declare(names) {
  for (const name of names) {
    const fileName = `src/${name}.ts`
    const { outputText } = typescript.transpileDeclaration(await readFile(fileName, 'utf8'), {
      fileName,
      compilerOptions: { isolatedDeclarations: true, target: typescript.ScriptTarget.ES2022 },
    })
    await writeFile(`${stage}/${name}.d.ts`, outputText.replaceAll(".ts'", ".js'"))
  }
}

/**
 * Those of earlier builds, but for what was built just now: processes that started on it may still load their parts.
 * @param {readonly string[]} files
 */
async function removeStaleParts(files) {
  const hourMs = 3_600_000
  for (const name of await readdir('dist/parts')) {
    const path = join('dist/parts', name)
    if (files.includes(join('parts', name))) continue
    if (Date.now() - (await stat(path)).mtimeMs > hourMs) await rm(path)
  }
}
