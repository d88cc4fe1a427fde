// What V8 compiles is kept beside the bundle, with a Node.js that does that: its own, or the newer one of bench/peers where it is
// installed. That of the image does, and test/e2e/image.test.ts holds it to that.

import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle, temporaryFolder } from '../support/gate.ts'

const newer = join(
  import.meta.dirname,
  `../../bench/peers/node_modules/node-${process.platform}-${process.arch}/bin/node`,
)
const hasCache = Number(process.versions.node.split('.')[0]) >= 22
const program = hasCache ? process.execPath : newer
const withCache = existsSync(program) ? test : test.skip

const freshBundle = (): string => {
  const folder = temporaryFolder()
  for (const name of ['schemagate.js', 'parts'])
    cpSync(join(dirname(bundle), name), join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

const run = (folder: string, node: string, ...args: readonly string[]) =>
  spawnSync(node, [join(folder, 'schemagate.js'), ...args], { env: {}, encoding: 'utf8' })

type Kept = { readonly name: string; readonly bytes: number; readonly writtenMs: number }

const kept = (folder: string): readonly Kept[] =>
  readdirSync(join(folder, 'cache'), { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, stat: statSync(join(folder, 'cache', name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, stat }) => ({ name, bytes: stat.size, writtenMs: stat.mtimeMs }))

withCache('the first start keeps what V8 compiled, the next one takes it', () => {
  const folder = freshBundle()
  expect(run(folder, program, 'contract', 'schema')).toMatchObject({ status: 0, stderr: '' })
  const first = kept(folder)
  expect(Math.max(...first.map(({ bytes }) => bytes))).toBeGreaterThan(50_000)
  expect(run(folder, program, 'contract', 'schema')).toMatchObject({ status: 0, stderr: '' })
  // What V8 had not taken would have been written anew.
  expect(kept(folder)).toEqual(first)
})

withCache('what was kept and got damaged is passed over', () => {
  const folder = freshBundle()
  const whole = run(folder, program, 'contract', 'schema')
  for (const { name } of kept(folder)) {
    const file = join(folder, 'cache', name)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xff, bytes.length >> 2, bytes.length >> 1))
  }
  expect(run(folder, program, 'contract', 'schema')).toMatchObject({
    status: 0,
    stderr: '',
    stdout: whole.stdout,
  })
})

test.each([...new Set([process.execPath, program])].filter((each) => existsSync(each)))(
  'where nothing can be kept, it runs as well (%s)',
  (node) => {
    const folder = freshBundle()
    // A file where the folder should be: nobody can make one there, not even root.
    writeFileSync(join(folder, 'cache'), '')
    expect(run(folder, node, 'contract', 'schema')).toMatchObject({ status: 0, stderr: '' })
  },
)
