import { beforeAll, describe, expect, test } from '@jest/globals'
import { readHistory } from '../../../src/schema/history/history.ts'
import { makeEarlier } from '../../../src/lint/subject/earlier.ts'
import { ofFile, type Subject } from '../../../src/lint/subject/subject.ts'
import { makeWordIndex } from '../../../src/lint/subject/word-index.ts'
import { enumValueUsedLater } from '../../../src/sql/transaction/enum-value.ts'
import { loadParser, type Parse, type ParsedStatement } from '../../../src/sql/tree/parse.ts'

let parse: Parse
beforeAll(async () => {
  parse = await loadParser()
})

const statementsOf = (text: string): readonly ParsedStatement[] => {
  const parsed = parse(text)
  return parsed.kind === 'parsed' ? parsed.statements : []
}

/** The statements, and how often one of them has been looked at. */
const counted = (
  statements: readonly ParsedStatement[],
): { readonly statements: readonly ParsedStatement[]; readonly reads: () => number } => {
  let reads = 0
  const watched = statements.map(({ node, start, end }) => ({
    get node() {
      reads++
      return node
    },
    ...{ start, end },
  }))
  return { statements: watched, reads: () => reads }
}

describe('the statements of a file', () => {
  test('are read once for what all of them say together', () => {
    const { statements, reads } = counted(statementsOf('SELECT 1;'.repeat(100)))
    const hasView = ofFile((all) => all.some(({ node }) => 'ViewStmt' in node))
    const subject = { siblings: statements } as unknown as Subject
    for (let check = 0; check < 100; check++) expect(hasView(subject)).toBe(false)
    expect(reads()).toBe(100)
  })

  test('are read a few times, however many of them add values to an enum', () => {
    const text = Array.from(
      { length: 200 },
      (_, at) => `ALTER TYPE channel ADD VALUE 'v${at}'; SELECT 'w${at}';`,
    ).join('\n')
    const { statements, reads } = counted(statementsOf(text))
    expect(enumValueUsedLater(statements)).toBeUndefined()
    expect(reads()).toBeLessThan(5 * statements.length)
  })
})

test('a name is looked for only in the texts that have all its words', () => {
  const index = makeWordIndex()
  for (const text of ['SELECT a', 'SELECT "A-b"', 'SELECT b', 'SELECT ab']) index.add(text)
  expect(index.mayName('a')).toEqual([0, 1])
  expect(index.mayName('ü')).toEqual([0, 1, 2, 3])
  expect(index.mayName('none')).toEqual([])
})

test('a table that a file makes is read by a second mention in an INSERT, and not by the first', () => {
  const earlier = makeEarlier()
  const text = `INSERT INTO b VALUES (1); INSERT INTO c SELECT FROM c`
  const migration = { text } as Parameters<typeof readHistory>[0][number]
  const [read] = readHistory([migration], { parse }).migrations
  for (const statement of read?.statements ?? [])
    earlier.add(statement, text.slice(statement.start, statement.end))
  const isRead = (name: string): boolean =>
    earlier.isReadBehind(-1, { kind: 'table', schema: 'public', table: '', name })
  expect(['b', 'c'].map(isRead)).toEqual([false, true])
})
