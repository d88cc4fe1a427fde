// One report in every format that lint writes.

import { describe, expect, test } from '@jest/globals'
import type { Log } from 'sarif'
import { problem } from '../../../../src/errors/problem.ts'
import type { Finding } from '../../../../src/lint/finding.ts'
import { rules } from '../../../../src/lint/rules/rules.ts'
import { renderLintForGithub } from '../../../../src/commands/lint/github.ts'
import { lintJson } from '../../../../src/commands/lint/json.ts'
import { renderLintAsJunit } from '../../../../src/commands/lint/junit.ts'
import { lintExitCode, lintSummary, type LintReport } from '../../../../src/commands/lint/report.ts'
import { renderLintAsSarif } from '../../../../src/commands/lint/sarif.ts'
import { renderLint } from '../../../../src/commands/lint/text.ts'

const finding = (changes: Partial<Finding> = {}): Finding => ({
  rule: 'drop-column',
  level: 'warning',
  file: 'migrations/0002_a b.sql',
  place: {
    file: 'migrations/0002_a b.sql',
    line: 3,
    column: 5,
    excerpt: 'ALTER TABLE "ü" DROP COLUMN a;',
  },
  message: 'column ü.a goes: 100% gone, <really>',
  effect: 'It is gone.\u0001]]>',
  cure: 'First this;\nthen that & more',
  ...changes,
})

const report: LintReport = {
  problems: [],
  findings: [finding(), finding({ rule: 'rename', level: 'error', message: 'renamed' })],
  files: ['migrations/0001_t.sql', 'migrations/0002_a b.sql'],
}

const broken: LintReport = {
  problems: [
    problem('duplicate-version', { version: '9', files: ['m/9_a.sql', 'm/0009_b.sql'] }),
    problem('folder-missing', { folder: 'm', reason: 'does not exist' }),
  ],
  findings: [],
  files: [],
}

const empty: LintReport = { problems: [], findings: [], files: ['migrations/0001_t.sql'] }

describe('the exit code', () => {
  test.each([
    [empty, 0],
    [report, 4],
    [{ ...report, findings: [finding()] }, 0],
    [broken, 2],
    [{ ...broken, problems: broken.problems.slice(0, 1) }, 4],
  ])('%#', (each, exitCode) => {
    expect(lintExitCode(each)).toBe(exitCode)
  })
})

test('what is found at many places in the same words is said once, with every place', () => {
  const at = (line: number, message = finding().message): Finding => {
    const { place } = finding()
    return finding({ message, place: { ...place, line } })
  }
  const text = renderLint({
    ...report,
    findings: [at(3), at(4), finding({ cure: 'else' }), at(5, 'column b goes')],
  })
  expect(text).toContain('warning[drop-column]: column ü.a goes: 100% gone, <really> (3 places)\n')
  expect(text).toContain(
    `
  --> migrations/0002_a b.sql:4:5
  --> migrations/0002_a b.sql:5:5  column b goes
  effect: `,
  )
  expect(text.match(/^ {2}fix: /gm)).toHaveLength(2)
})

test('the summary counts', () => {
  expect(lintSummary(report)).toBe('2 findings: 1 error, 1 warning in 2 files')
  expect(lintSummary(empty)).toBe('0 findings: 0 errors, 0 warnings in 1 file')
})

test('text', () => {
  expect(renderLint(report)).toMatchSnapshot()
  expect(renderLint(empty)).toBe('0 findings: 0 errors, 0 warnings in 1 file\n')
})

test('JSON', () => {
  expect(lintJson(report)).toMatchObject({
    exit_code: 4,
    files: report.files,
    findings: [
      {
        rule: 'drop-column',
        level: 'warning',
        file: 'migrations/0002_a b.sql',
        line: 3,
        column: 5,
      },
      { rule: 'rename', level: 'error', message: 'renamed', fix: 'First this;\nthen that & more' },
    ],
  })
  expect(lintJson(broken)).toMatchObject({
    findings: [
      { rule: 'duplicate-version', file: 'm/0009_b.sql', line: 1 },
      { rule: 'folder-missing', file: '' },
    ],
  })
})

test("GitHub's annotations escape what would end them", () => {
  const [first, second, third, last, ...more] = renderLintForGithub({
    ...report,
    problems: broken.problems.slice(1),
  }).split('\n')
  expect(first).toMatch(
    /^::error title=folder-missing::the migrations folder 'm' does not exist%0A/,
  )
  expect(second).toBe(
    '::warning file=migrations/0002_a b.sql,line=3,col=5,title=drop-column::column ü.a goes: 100%25 gone, <really>%0AIt is gone.\u0001]]>%0Afix: First this;%0Athen that & more',
  )
  expect(third).toMatch(/^::error file=.*,title=rename::renamed%0A/)
  expect(last).toBe('3 findings: 2 errors, 1 warning in 2 files')
  expect(more).toEqual([''])
  const strange = finding({ file: 'm/1_a,b:c%.sql' })
  expect(renderLintForGithub({ ...empty, findings: [strange] })).toContain(
    'file=m/1_a%2Cb%3Ac%25.sql,',
  )
})

describe('SARIF', () => {
  const logOf = async (each: LintReport): Promise<Log> =>
    JSON.parse(await renderLintAsSarif(each)) as Log

  test('has every rule, and each finding at its place', async () => {
    const log = await logOf(report)
    expect(log.version).toBe('2.1.0')
    expect(log.$schema).toMatch(/sarif.*2\.1\.0.*json$/)
    const [run, ...more] = log.runs
    expect(more).toEqual([])
    expect(run?.columnKind).toBe('unicodeCodePoints')
    const driver = run?.tool.driver
    expect(driver).toMatchObject({ name: 'schemagate', version: expect.stringMatching(/^\d+\./) })
    expect(driver?.rules?.map(({ id }) => id)).toEqual(rules.map(({ id }) => id))
    const result = run?.results?.[0]
    expect(result).toMatchObject({ ruleId: 'drop-column', level: 'warning' })
    expect(driver?.rules?.[result?.ruleIndex ?? -1]?.id).toBe('drop-column')
    const location = result?.locations?.[0]?.physicalLocation
    expect(location?.artifactLocation).toMatchObject({ uri: 'migrations/0002_a%20b.sql' })
    expect(location?.region).toEqual({ startLine: 3, startColumn: 5, endLine: 3, endColumn: 31 })
  })

  test('is valid with problems that stand nowhere', async () => {
    const { runs } = await logOf(broken)
    const results = runs[0]?.results ?? []
    expect(results.map(({ ruleId }) => ruleId)).toEqual(['duplicate-version', 'folder-missing'])
    expect(results.map(({ locations }) => locations?.length)).toEqual([1, undefined])
    for (const { ruleId, ruleIndex } of results)
      expect(runs[0]?.tool.driver.rules?.[ruleIndex ?? -1]?.id).toBe(ruleId)
  })
})

describe('JUnit', () => {
  test('has a case for each file, failed by its errors', async () => {
    const xml = await renderLintAsJunit(report)
    expectWellFormed(xml)
    expect(xml).toContain('<testsuites tests="2" failures="1" errors="0" skipped="0">')
    expect(xml).toMatch(/<testcase [^>]*name="migrations\/0001_t\.sql"[^>]*\/>/)
    expect(xml).toMatch(/<failure message="renamed" type="rename"/)
    expect(xml).toMatch(/<system-out><!\[CDATA\[warning\[drop-column\]/)
    expect(xml).not.toContain('\u0001')
  })

  test('is valid with problems that stand nowhere', async () => {
    const xml = await renderLintAsJunit(broken)
    expectWellFormed(xml)
    expect(xml).toContain('failures="2"')
    expectWellFormed(await renderLintAsJunit({ ...empty, files: [] }))
  })
})

/** Tags that close each other, text without bare < and &, one root. */
const expectWellFormed = (xml: string): void => {
  const open: string[] = []
  const roots: string[] = []
  const pattern =
    /<\?xml[^?]*\?>|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|[^<]+|</g
  for (const [token, closing, name, attributes, empty] of xml.matchAll(pattern)) {
    expect(token).not.toBe('<')
    expect(attributes ?? '').not.toMatch(/&(?!amp;|lt;|gt;|quot;|apos;|#)/)
    if (name === undefined) continue
    if (closing === '/') expect(open.pop()).toBe(name)
    else {
      if (open.length === 0) roots.push(name)
      if (empty !== '/') open.push(name)
    }
  }
  expect(open).toEqual([])
  expect(roots).toEqual(['testsuites'])
}
