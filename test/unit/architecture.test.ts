// Holds the direction of imports (a module knows only modules below it) and the only importer of each dependency.

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'

const source = join(import.meta.dirname, '../../src')

// From the top of the source tree to the ground. A module may import from itself and from what stands after it.
const levels = [
  ['cli', 'index'],
  // Looks at a project with the eyes of the others.
  ['commands/init'],
  // Each command with its story and its report. Three of them share what a run sees.
  [
    ...[
      'commands/backfill',
      'commands/contract',
      'commands/doctor',
      'commands/drift',
      'commands/indexes',
    ],
    ...[
      'commands/lint',
      'commands/new',
      'commands/plan',
      'commands/schema',
      'commands/squash',
      'commands/status',
      'commands/wait',
    ],
  ],
  // Builds a history elsewhere, by a run.
  ['commands/scratch'],
  ['commands/run'],
  ['commands/validate'],
  ['commands'],
  // From here on nobody knows a command.
  ['objects'],
  ['report', 'apply'],
  ['catalog', 'apply/concurrent-index'],
  ['reconcile'],
  // What is known of other tools' ledgers.
  ['tool-ledger'],
  ['database/ledger'],
  ['database/lock'],
  ['database'],
  ['config', 'lint'],
  ['contract', 'schema/history'],
  ['migrations', 'schema/effects'],
  ['files', 'sql'],
  ['errors', 'events', 'library'],
]

const onlyImporters: Readonly<Record<string, string>> = {
  yargs: 'cli/yargs.ts',
  'yargs-parser': 'cli/main.ts',
  postgres: 'database/session/session.ts',
  'libpg-query': 'sql/tree/parse.ts',
  'pgsql-deparser': 'sql/tree/deparse.ts',
  winston: 'report/log/log.ts',
  'log-update': 'report/terminal/view.ts',
  'cli-truncate': 'report/terminal/type-setting.ts',
  picocolors: 'report/terminal/type-setting.ts',
  'string-width': 'report/terminal/type-setting.ts',
  'wrap-ansi': 'report/terminal/type-setting.ts',
  table: 'commands/status/table.ts',
  ajv: 'errors/json-schema.ts',
  diff: 'commands/schema/differences.ts',
  '@dagrejs/dagre': 'commands/schema/svg/layout.ts',
  leven: 'errors/nearest.ts',
  'node-sarif-builder': 'report/formats/sarif.ts',
  'junit-report-builder': 'report/formats/junit.ts',
  '@humanwhocodes/momoa': 'contract/file/json-places.ts',
}

// Types of the parse tree are needed where the tree is read; the SARIF format has no code of its own.
const typeImports: Readonly<Record<string, readonly string[]>> = {
  'libpg-query': [
    'sql/',
    'schema/',
    'lint/',
    'reconcile/repeat.ts',
    'reconcile/drift/',
    'objects/',
    'apply/failure/superuser.ts',
  ],
  sarif: ['report/formats/sarif.ts'],
  ajv: ['errors/schema-violation.ts'],
}

type Import = { from: string; target: string; typeOnly: boolean; lazy: boolean }

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(source, from), 'utf8')
  const found = text.matchAll(
    /(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g,
  )
  return [...found].map((match) => ({
    from,
    typeOnly: match[1] !== undefined || /^import\s+\{(\s*type \w+,?)+\s*\}/.test(match[0]),
    lazy: match[3] !== undefined,
    target: match[2] ?? match[3] ?? '',
  }))
})

const modules = levels.flat()

/** The innermost one: statements/ of apply/ is apply/, lock/ of database/ is a module of its own. */
const moduleOf = (file: string): string =>
  modules
    .filter((module) => file === `${module}.ts` || file.startsWith(`${module}/`))
    .sort((a, b) => b.length - a.length)[0] ?? file

const levelOf = (file: string): number =>
  levels.findIndex((level) => level.includes(moduleOf(file)))

test('every file of src stands in a module that the order of imports knows', () => {
  expect(files.filter((file) => levelOf(file) === -1)).toEqual([])
  expect(files.length).toBeGreaterThan(30)
  expect(modules.filter((module) => !files.some((file) => moduleOf(file) === module))).toEqual([])
})

test('a folder has at most ten files, so that a look at it is enough to know it', () => {
  const sizes = new Map<string, number>()
  for (const file of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1)
  expect([...sizes].filter(([, size]) => size > 10)).toEqual([])
  expect(sizes.size).toBeGreaterThan(60)
})

test('every command has a module of its own', () => {
  const folders = files.flatMap((file) => /^commands\/[\w-]+(?=\/)/.exec(file)?.[0] ?? [])
  expect(folders.filter((folder) => !modules.includes(folder))).toEqual([])
})

test('imports go down the source tree only', () => {
  const upward = imports
    .filter(({ target }) => target.startsWith('.') && target.endsWith('.ts'))
    .map(({ from, target }) => ({ from, to: normalize(join(dirname(from), target)) }))
    .filter(({ from, to }) => moduleOf(from) !== moduleOf(to) && levelOf(to) <= levelOf(from))
  expect(upward).toEqual([])
})

test('no file imports itself by way of others, types included', () => {
  const open = new Map<string, Set<string>>(files.map((file) => [file, new Set()]))
  for (const { from, target } of imports)
    if (target.startsWith('.') && target.endsWith('.ts'))
      open.get(from)?.add(normalize(join(dirname(from), target)))
  // What imports nothing that is still open is in no circle; in the end nothing but circles is left.
  for (let found = true; found;) {
    found = false
    for (const [file, targets] of open)
      if (![...targets].some((each) => open.has(each))) found = open.delete(file)
  }
  expect([...open.keys()]).toEqual([])
})

test('every dependency has one importer', () => {
  const strangers = imports
    .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
    .filter(({ from, target }) => onlyImporters[target] !== from)
    .filter(
      ({ from, target, typeOnly }) =>
        !(typeOnly && typeImports[target]?.some((module) => from.startsWith(module))),
    )
  expect(strangers).toEqual([])
})

test('every dependency of package.json is used by its one importer', () => {
  const text = readFileSync(join(source, '../package.json'), 'utf8')
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> }
  expect(Object.keys(dependencies).sort()).toEqual(Object.keys(onlyImporters).sort())
})

test('schemas are compiled in the files that scripts/schemas.js compiles when the bundle is built', () => {
  const callers = imports.filter(({ target }) => target.endsWith('/json-schema.ts'))
  expect(callers.map(({ from }) => basename(from)).sort()).toEqual([
    'check-contract.ts',
    'check-directive.ts',
    'check-directive.ts',
    'check-variables.ts',
  ])
})

test('each SQLSTATE is written down once, under its name', () => {
  const literals = files.flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/'([0-5FHPSX][\dA-Z][\dA-Z]{3})'/g)]
      .filter(([, value = '']) => /\d/.test(value))
      .map(([, value]) => ({ file, value })),
  )
  const homes = ['errors/server/sqlstate.ts', 'database/session/fence-states.ts']
  expect(literals.filter(({ file }) => !homes.includes(file))).toEqual([])
  const values = literals.map(({ value }) => value)
  expect(values).toEqual([...new Set(values)])
  expect(values.length).toBeGreaterThan(50)
})

test('the parser is imported only when it is needed', () => {
  const loading = imports.filter(({ target, typeOnly }) => target === 'libpg-query' && !typeOnly)
  expect(loading).toHaveLength(1)
  expect(readFileSync(join(source, 'sql/tree/parse.ts'), 'utf8')).toMatch(
    /loadPart\(\s*'SQL parser',\s*import\('libpg-query'\)/,
  )
})

test('V8 is set up by the process of the command line, and by nothing that a service imports', () => {
  const reached = new Set<string>()
  const reach = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    for (const { from, target } of imports)
      if (from === file)
        reach(target.startsWith('.') ? normalize(join(dirname(from), target)) : target)
  }
  reach('index.ts')
  expect(reached).toContain('libpg-query')
  expect(reached).not.toContain('node:v8')
  const setters = imports.filter(({ target }) => target === 'node:v8').map(({ from }) => from)
  expect(setters).toEqual(['cli/baseline-compiler.ts'])
})

test('a start with nothing pending evaluates no parser, no history, no rule, no plan and no yargs', () => {
  const evaluated = new Set<string>()
  const evaluate = (file: string): void => {
    if (evaluated.has(file)) return
    evaluated.add(file)
    for (const { from, target, typeOnly, lazy } of imports)
      if (from === file && !typeOnly && !lazy)
        evaluate(target.startsWith('.') ? normalize(join(dirname(from), target)) : target)
  }
  for (const file of ['cli/bin.ts', 'cli/process.ts']) evaluate(file)
  const later = new RegExp(
    '^(cli/yargs|(lint|schema|apply|catalog/(?!facts/contract-facts)|sql/tree/(de)?parse)\\b|commands/(?!' +
      [
        // What every command is known by, and what a run without work goes through.
        String.raw`[\w-]+\.ts`,
        String.raw`[\w-]+/(definition|flags)\.ts`,
        'run/(command|migrate|run|look-at-ledger|wait-for-lock|check-contracts|objects/first-look|outcome/(publish-)?outcome(-json|-text)?)\\.ts',
        'validate/(check-database|read-state|report/violations-(json|text))\\.ts',
      ].join('|') +
      '))',
  )
  expect([...evaluated].filter((file) => later.test(file))).toEqual([])
  const packages = [...evaluated].filter((file) => file in onlyImporters)
  // ajv is gone from the bundle: scripts/schemas.js.
  expect(packages.sort()).toEqual(['@humanwhocodes/momoa', 'ajv', 'leven', 'postgres', 'winston'])
})
