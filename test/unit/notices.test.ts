// Whoever passes our bundle on passes the notices of those whose code is in it.

import { afterEach, describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledPackages, thirdPartyNotices } from '../../scripts/notices.js'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** node_modules with one package, beside a file that uses it. */
const installed = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), 'schemagate-notices-'))
  folders.push(root)
  const folder = join(root, 'node_modules/@scope/lent')
  mkdirSync(folder, { recursive: true })
  const manifest = { name: '@scope/lent', version: '1.2.3', license: 'ISC', main: 'index.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return root
}

const bundle = (root: string, program: string) =>
  build({
    stdin: { contents: program, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
  })

const code = { 'index.js': 'export const used = () => 1\nexport const unused = () => 2\n' }

describe('the notices', () => {
  test('are those of the packages that have code in a bundle', async () => {
    const root = installed(code)
    const used = await bundle(root, "import { used } from '@scope/lent'\nconsole.log(used())")
    expect(bundledPackages([used.metafile])).toEqual(['node_modules/@scope/lent'])
    const shaken = await bundle(root, "import { used } from '@scope/lent'\nconsole.log(1)")
    expect(bundledPackages([shaken.metafile])).toEqual([])
  })

  test('hold name, version, license and all texts of a package', async () => {
    const texts = { 'LICENSE.md': 'You may.\r\n', NOTICE: 'By us.\n' }
    const root = installed({ ...code, ...texts })
    const notices = await thirdPartyNotices([join(root, 'node_modules/@scope/lent')])
    expect(notices).toContain('@scope/lent 1.2.3\nLicense: ISC\n\nYou may.\n\nBy us.\n')
  })

  test('have the words that most packages bring along once, behind the notice of each', async () => {
    const words = readFileSync(join(import.meta.dirname, '../../LICENSE'), 'utf8').replace(
      /^[\s\S]*?(?=Permission is)/,
      '',
    )
    const lent = { ...code, LICENSE: `MIT License\n\nCopyright (c) X\n\n${words}` }
    const notices = await thirdPartyNotices([
      join(installed(lent), 'node_modules/@scope/lent'),
      join(installed({ ...code, LICENSE: words }), 'node_modules/@scope/lent'),
    ])
    expect(notices).toContain(
      'Copyright (c) X\n\nThe MIT permission notice, at the end of this file',
    )
    expect(notices.split('Permission is hereby granted')).toHaveLength(2)
  })

  test('name a package once, however often it is installed', async () => {
    const roots = [installed({ ...code, LICENSE: 'x' }), installed({ ...code, LICENSE: 'x' })]
    const notices = await thirdPartyNotices(
      roots.map((root) => join(root, 'node_modules/@scope/lent')),
    )
    expect(notices.match(/^@scope\/lent 1\.2\.3$/gm)).toHaveLength(1)
  })

  test('cannot be made where a package has no license text: the build stops and says what to do', async () => {
    const folder = join(installed(code), 'node_modules/@scope/lent')
    await expect(thirdPartyNotices([folder])).rejects.toThrow(
      `${folder} is in the bundle and brings no license text along: put the one of its repository into licenses/packages/@scope/lent.txt`,
    )
  })

  test('name what the SQL parser is compiled from', async () => {
    const notices = await thirdPartyNotices(['node_modules/libpg-query'])
    const parts = ['libpg_query', 'PostgreSQL', 'protobuf-c', 'xxHash', 'Emscripten', 'musl']
    for (const part of parts) expect(notices).toContain(`\n${part} (in libpg-query.wasm)\n`)
  })
})
