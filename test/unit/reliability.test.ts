// docs/reliability.md and docs/security.md promise only what a test holds, and no fault test is left out of the first.

import { expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const project = join(import.meta.dirname, '../..')

type Named = { readonly file: string; readonly name: string }

/** The last column of each row: a link to the file, and the test's name. */
const inTable = (page: string): readonly Named[] =>
  [
    ...readFileSync(join(project, page), 'utf8').matchAll(
      /\[[\w-]+\]\(\.\.\/(test\/\S+\.test\.ts)\): (.+?) \|$/gm,
    ),
  ].map(([, file = '', name = '']) => ({ file, name }))

const rootOf = (callee: ts.Expression): string => {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee))
    return rootOf(callee.expression)
  return ''
}

/** What changes from run to run, or from case to case, reads '…'. */
const textOf = (node: ts.Expression | undefined): string | undefined =>
  node && titleIn(node)?.replaceAll(/%\w/g, '…')

const titleIn = (node: ts.Expression): string | undefined => {
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
}

const namesIn = (file: string): readonly string[] => {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(project, file), 'utf8'),
    ts.ScriptTarget.Latest,
  )
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ['test', 'onEveryServer', 'withPeers'].includes(rootOf(node.expression))
    ) {
      const name = textOf(node.arguments[0])
      if (name !== undefined) names.push(name)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

test.each(['docs/reliability.md', 'docs/security.md'])(
  'every test that %s names exists',
  (page) => {
    const named = inTable(page)
    expect(named.length).toBeGreaterThan(15)
    const missing = named.filter(
      ({ file, name }) => !existsSync(join(project, file)) || !namesIn(file).includes(name),
    )
    expect(missing).toEqual([])
  },
)

test('every row of docs/security.md that promises something names a test', () => {
  const page = readFileSync(join(project, 'docs/security.md'), 'utf8')
  const [, promises = ''] = page.split('## What it promises')
  const rows = promises.split(/^## /m)[0]?.match(/^\| (?!(---|who could)).+$/gm) ?? []
  expect(rows).toHaveLength(inTable('docs/security.md').length)
})

test('every test of test/faults stands in the table', () => {
  const rows = inTable('docs/reliability.md')
  const files = readdirSync(join(project, 'test/faults')).filter((file) =>
    file.endsWith('.test.ts'),
  )
  const missing = files
    .map((file) => `test/faults/${file}`)
    .flatMap((file) => namesIn(file).map((name) => ({ file, name })))
    .filter(({ file, name }) => !rows.some((row) => row.file === file && row.name === name))
  expect(missing).toEqual([])
})
