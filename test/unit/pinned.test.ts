// Whatever a build or a sample takes from others is named by what it is, not by a name that may mean something else tomorrow.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(project, file), 'utf8')

const filesIn = (folder: string, kind: RegExp): readonly string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => kind.test(name))
    .map((name) => `${folder}/${name}`)

const files = [
  'Dockerfile',
  ...['.github', 'ci', 'compose', 'kubernetes', 'examples'].flatMap((folder) =>
    filesIn(folder, /\.ya?ml$|Dockerfile$/),
  ),
]

/** Their snippets are copied. */
const pages = ['README.md', ...filesIn('docs', /\.md$/)]

// Those that these very files build, or that readers put their own in place of.
const ours = /^(schemagate|app)(-[a-z]+)?$|^registry\.example\//

type Named = { readonly file: string; readonly image: string }

/** Behind FROM, an ARG that FROM takes, `image:` or the `name:` of a service; of a variable, its default. */
const imagesIn = (file: string): readonly Named[] => {
  const text = read(file)
  const stages = [...text.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name)
  const named = [
    ...text.matchAll(/^FROM ([\w./:@-]+)( AS \S+)?$/gm),
    ...text.matchAll(/^ARG \w*IMAGE=(\S+)$/gm),
    ...text.matchAll(/^\s*(?:- )?image: *(?:\$\{\w+:-)?([^\s}]+)\}?$/gm),
    ...text.matchAll(/^\s*- name: *([\w./-]+:\S+)$/gm),
  ]
  return named
    .map(([, image = '']) => ({ file, image }))
    .filter(({ image }) => !stages.includes(image) && image !== 'scratch' && !ours.test(image))
}

const images = files.flatMap(imagesIn)

test('every image of others is named by tag and digest', () => {
  expect(images.length).toBeGreaterThanOrEqual(7)
  const floating = images.filter(
    ({ image }) => !/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/.test(image),
  )
  expect(floating).toEqual([])
})

test('one tag has one digest', () => {
  const names = [...new Set(images.map(({ image }) => image))]
  const tags = names.map((image) => image.slice(0, image.indexOf('@')))
  expect(tags).toEqual([...new Set(tags)])
})

test('every action is named by its commit, with the version beside it', () => {
  const uses = [...files, ...pages].flatMap((file) =>
    [...read(file).matchAll(/^.*\buses: (.+)$/gm)].map(([, action = '']) => ({ file, action })),
  )
  expect(uses.length).toBeGreaterThanOrEqual(10)
  const floating = uses.filter(
    ({ action }) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action),
  )
  expect(floating).toEqual([])
})

test('the bot that renews them reads the samples too, which stand where it does not look by itself', () => {
  const config = JSON.parse(read('renovate.json')) as Readonly<
    Record<string, { readonly managerFilePatterns?: readonly string[] }>
  >
  const reads = (manager: string, file: string) =>
    config[manager]?.managerFilePatterns?.some((pattern) =>
      new RegExp(pattern.slice(1, -1)).test(file),
    )
  expect(reads('github-actions', 'ci/github-actions.yml')).toBe(true)
  expect(reads('gitlabci', 'ci/gitlab-ci.yml')).toBe(true)
})

test('it reads the snippets of the docs, too', () => {
  const { customManagers = [] } = JSON.parse(read('renovate.json')) as {
    readonly customManagers?: readonly { readonly matchStrings: readonly string[] }[]
  }
  const patterns = customManagers.flatMap(({ matchStrings }) => matchStrings)
  const found = patterns.flatMap((pattern) => [
    ...read('docs/lint.md').matchAll(new RegExp(pattern, 'g')),
  ])
  expect(
    found.map(({ groups }) => `${groups?.['packageName']} ${groups?.['currentValue']}`),
  ).toEqual(['actions/checkout v4.3.1', 'github/codeql-action v4.31.9'])
})
