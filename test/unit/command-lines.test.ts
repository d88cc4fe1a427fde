// Command lines that users copy: every command and flag in them is one that the program has.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { commands } from '../../src/cli/commands.ts'
import { flagOf } from '../../src/config/variables/variables.ts'

const project = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(project, file), 'utf8')
const inFolder = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(project, folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)

const ciFiles = [...inFolder('ci', '.yml'), ...inFolder('.github/workflows', '.yml')]
const documents = [
  ...['README.md', ...inFolder('docs', '.md')],
  ...inFolder('docs/coming-from', '.md'),
]

// What stands behind the program's name, to the end of the command.
const called = /(?:schemagate(?:@[\d.]+)?|schemagate\.js|"\$SCHEMAGATE") ([a-z][^`#|>&;\n]*)/g

type Line = { readonly file: string; readonly line: string }

const linesOf = (file: string): readonly Line[] => {
  // In documents only code is meant: what is in fences or between backticks.
  const text = read(file)
  const code = file.endsWith('.md')
    ? [...text.matchAll(/```sh\n([\s\S]*?)```|`([^`\n]+)`/g)].map(([, a, b]) => a ?? b).join('\n')
    : text.replaceAll(/^\s*#.*$/gm, '')
  return [...code.matchAll(called)].map(([, line = '']) => ({ file, line: line.trim() }))
}

const lines = [...ciFiles, ...documents].flatMap(linesOf)

const wrongIn = ({ line }: Line): string | undefined => {
  const words = line.split(/\s+/)
  const entry = commands.find(
    ({ name }) => name === words.slice(0, name.split(' ').length).join(' '),
  )
  if (entry === undefined) return 'no such command'
  const flags = [...entry.variables.map(flagOf), ...Object.keys(entry.flags ?? {}), 'json', 'help']
  const unknown = line.match(/--[a-z-]+/g)?.find((flag) => !flags.includes(flag.slice(2)))
  return unknown === undefined ? undefined : `no flag ${unknown}`
}

test('every command line in ci/ and in the documents is one that the program takes', () => {
  expect(lines.length).toBeGreaterThan(40)
  const wrong = lines.map((line) => ({ ...line, wrong: wrongIn(line) }))
  expect(wrong.filter((each) => each.wrong !== undefined)).toEqual([])
})

test.each(ciFiles)('%s is YAML with jobs', (file) => {
  const parsed = parse(read(file)) as Record<string, unknown>
  expect(Object.keys(parsed).length).toBeGreaterThan(2)
})

test('links between the documents lead somewhere', () => {
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-')
  const dangling = [...documents, ...inFolder('docs/design', '.md')].flatMap((file) => {
    const text = read(file)
    return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
      ([, path = '', fragment]) => {
        const target = path === '' ? file : join(file, '..', path)
        try {
          const found = read(target)
          const headings = [...found.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchor(title))
          return fragment === undefined || headings.includes(fragment)
            ? []
            : [`${file}: ${target}#${fragment}`]
        } catch {
          return [`${file}: ${target}`]
        }
      },
    )
  })
  expect(dangling).toEqual([])
})
