// The npm package, as `npm pack` would make it of what the tests' build has left in dist/.

import { expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { leanPackages } from '../../scripts/lean.js'
import { compiledSchemas } from '../../scripts/schemas.js'

const project = join(import.meta.dirname, '../..')

const packed = (): readonly string[] => {
  const printed = execFileSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: project,
    encoding: 'utf8',
  })
  const [{ files }] = JSON.parse(printed) as [{ files: readonly { path: string }[] }]
  return files.map(({ path }) => path)
}

test('the package holds the bundles, the parser, the licenses and nothing else', () => {
  const files = packed()
  for (const name of ['schemagate.js', 'index.js', 'index.d.ts', 'libpg-query.wasm.gz'])
    expect(files).toContain(`dist/${name}`)
  expect(files).toContain('LICENSE')
  expect(files).toContain('dist/THIRD-PARTY-NOTICES')
  const others = files.filter(
    (path) => !/^(dist\/([\w.-]+|parts\/[\w-]+\.js)|schema\/[\w.-]+|[\w.-]+)$/.test(path),
  )
  expect(others).toEqual([])
})

// Asked of esbuild again, in another way than the build asks: every file that it reads for the command line.
test('everybody whose code the command line or the library uses is named with a text', async () => {
  const { metafile } = await build({
    entryPoints: ['src/cli/process.ts', 'src/index.ts'],
    absWorkingDir: project,
    bundle: true,
    write: false,
    outdir: 'build',
    metafile: true,
    platform: 'node',
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [compiledSchemas, leanPackages],
  })
  const names = Object.keys(metafile.inputs).flatMap((path) => {
    const [, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
    return name === undefined ? [] : [name]
  })
  const notices = readFileSync(join(project, 'dist/THIRD-PARTY-NOTICES'), 'utf8')
  const entries = new Map(
    notices
      .split(`${'='.repeat(80)}\n`)
      .slice(1)
      .map((entry) => [entry.slice(0, entry.indexOf('\n')).replace(/ [^ ]+$/, ''), entry]),
  )
  expect(new Set(names).size).toBeGreaterThan(40)
  // The words that most of them share stand once, behind all.
  expect(notices.slice(notices.lastIndexOf('='.repeat(80)))).toContain(
    'Permission is hereby granted',
  )
  const hasText = (entry = ''): boolean =>
    entry.length >= 200 ||
    /MIT[\s\S]*The MIT permission notice, at the end of this file/.test(entry)
  const missing = [...new Set(names)].filter((name) => !hasText(entries.get(name)))
  expect(missing).toEqual([])
})
