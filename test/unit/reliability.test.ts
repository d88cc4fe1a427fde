// docs/reliability.md promises only what a test holds, and no fault test is left out of it.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const project = join(import.meta.dirname, '../..')
const page = readFileSync(join(project, 'docs/reliability.md'), 'utf8')

type Named = { readonly file: string; readonly name: string }

/** The last column of each row: a link to the file, and the test's name. */
const inTable: readonly Named[] = [
  ...page.matchAll(/\[[\w-]+\]\(\.\.\/(test\/\S+\.test\.ts)\): (.+?) \|$/gm),
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
    if (ts.isCallExpression(node) && ['test', 'onEveryServer'].includes(rootOf(node.expression))) {
      const name = textOf(node.arguments[0])
      if (name !== undefined) names.push(name)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

test('every test that the table names exists', () => {
  expect(inTable.length).toBeGreaterThan(30)
  const missing = inTable.filter(({ file, name }) => !namesIn(file).includes(name))
  expect(missing).toEqual([])
})

test('every test of test/faults stands in the table', () => {
  const files = readdirSync(join(project, 'test/faults')).filter((file) =>
    file.endsWith('.test.ts'),
  )
  const missing = files
    .map((file) => `test/faults/${file}`)
    .flatMap((file) => namesIn(file).map((name) => ({ file, name })))
    .filter(({ file, name }) => !inTable.some((row) => row.file === file && row.name === name))
  expect(missing).toEqual([])
})
