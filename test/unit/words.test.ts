// What people read is the English of an experienced engineer: the words of test/support/words-to-avoid.ts had to be decoded.
// Read are the texts of the program (by its syntax tree), its comments, the documentation, and the samples that people copy.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { wordsToAvoid } from '../support/words-to-avoid.ts'

const project = join(import.meta.dirname, '../..')

type Passage = { readonly place: string; readonly text: string }

const pathsIn = (folder: string, ends: RegExp): readonly string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ends.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`)

const read = (path: string): string => readFileSync(join(project, path), 'utf8')

// Values that other programs read, and therefore stay what they are.
const values: ReadonlySet<string> = new Set(['takes it away'])

/** One text for a chain of literals that are added up; what is not literal is '…'. */
const textOf = (node: ts.Node): string | undefined => {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return [node.left, node.right].map((side) => textOf(side) ?? '…').join('')
  return undefined
}

const textsOf = (path: string, source: string): readonly Passage[] => {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest)
  const found: Passage[] = []
  const visit = (node: ts.Node): void => {
    const text = textOf(node)
    const { line } = file.getLineAndCharacterOfPosition(node.pos)
    if (text !== undefined && !values.has(text)) found.push({ place: `${path}:${line + 1}`, text })
    // Within a chain the parts are read again, with what a template is filled with.
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** One text for each comment. */
const commentsOf = (path: string, source: string): readonly Passage[] => {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest)
  const found = new Map<number, Passage>()
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
    ]
    for (const { pos, end } of ranges) {
      const { line } = file.getLineAndCharacterOfPosition(pos)
      const text = source.slice(pos, end).replaceAll(/\s*\n[\s*]*/g, ' ')
      found.set(pos, { place: `${path}:${line + 1}`, text })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return [...found.values()]
}

// messages.md quotes what was wrong; and a name of a test is quoted behind its link.
const isQuoted = (line: string): boolean => /^(- Before:|\| )/.test(line)
const withoutTestNames = (line: string): string =>
  line.replaceAll(/(\]\([^)]*\.test\.ts\)): [^|]*/g, '$1')

const linesOf = (path: string): readonly Passage[] =>
  read(path)
    .split('\n')
    .map((line, at) => ({ place: `${path}:${at + 1}`, text: withoutTestNames(line) }))
    .filter(({ text }) => !(path.endsWith('design/messages.md') && isQuoted(text)))

const faultsIn = (passages: readonly Passage[]): readonly string[] =>
  passages.flatMap(({ place, text }) =>
    wordsToAvoid
      .filter(({ found }) => found.test(text))
      .map(({ words, instead }) => `${place}: '${words}' (${instead}) in: ${text.slice(0, 200)}`),
  )

test('nothing that the program prints has a word that its readers would have to decode', () => {
  const passages = pathsIn('src', /\.ts$/).flatMap((path) => textsOf(path, read(path)))
  expect(passages.length).toBeGreaterThan(3_000)
  expect(faultsIn(passages)).toEqual([])
})

test('nor has a comment of the program', () => {
  const passages = pathsIn('src', /\.ts$/).flatMap((path) => commentsOf(path, read(path)))
  expect(passages.length).toBeGreaterThan(3_000)
  expect(faultsIn(passages)).toEqual([])
})

test('nor has the documentation', () => {
  const pages = [...pathsIn('docs', /\.md$/), 'README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  expect(faultsIn(pages.flatMap(linesOf))).toEqual([])
})

test('nor has a file that people copy', () => {
  const samples = [
    ...pathsIn('migrations', /\.(sql|json)$/),
    ...['compose', 'kubernetes', 'ci', 'examples'].flatMap((folder) =>
      pathsIn(folder, /\.(ya?ml|md|js|ts)$/),
    ),
    'Dockerfile',
  ]
  expect(faultsIn(samples.flatMap(linesOf))).toEqual([])
})

const were = wordsToAvoid.flatMap(({ words, were }) => were.map((text) => ({ words, text })))

test.each(were)('$words is found in: $text', ({ words, text }) => {
  expect(faultsIn([{ place: 'a:1', text }])).toEqual([expect.stringContaining(`'${words}'`)])
})

test.each(wordsToAvoid.flatMap(({ fine = [] }) => fine))(
  'good English is left alone: %s',
  (text) => {
    expect(faultsIn([{ place: 'a:1', text }])).toEqual([])
  },
)

test.each([
  ["fail('it is told')", 'a literal'],
  ['fail(`waiting since ${seconds} s`)', 'a template'],
  ["fail('it is written ' +\n  `anew by ${who}`)", 'a chain of both'],
  ["fail(`${isOne ? 'it is told' : ''}`)", 'a literal within a template'],
])('the text of %j is read: %s', (source) => {
  expect(faultsIn(textsOf('a.ts', source))).not.toEqual([])
})

test('neither a comment nor a name is a text that is printed', () => {
  expect(faultsIn(textsOf('a.ts', '// It is told anew.\nconst told = 1'))).toEqual([])
})

test.each([
  '// It is told at once.\nconst a = 1',
  'const a = 1 // It is told at once.',
  '/**\n * The rows are passed\n * over.\n */\nconst a = 1',
  'const a = {\n  // It is told at once.\n  b: 1,\n}',
])('the comment of %j is read', (source) => {
  expect(faultsIn(commentsOf('a.ts', source))).toHaveLength(1)
})

test('docs/design/messages.md lists the words, and what to write instead', () => {
  const page = read('docs/design/messages.md')
  for (const { words, instead } of wordsToAvoid) expect(page).toContain(`| ${words} | ${instead} |`)
  expect(page.match(/^- Before: /gm)?.length).toBeGreaterThanOrEqual(10)
  expect(page.match(/^- After: /gm)?.length).toBe(page.match(/^- Before: /gm)?.length)
})
