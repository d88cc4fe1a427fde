import { expect, test } from '@jest/globals'
import { loadModule, scanSync } from 'libpg-query'
import { tokensOf } from '../../../../src/sql/text/tokens.ts'
import { random } from '../../../support/random.ts'

const kindsOf = (sql: string): readonly string[] =>
  tokensOf(sql)
    .filter(({ kind }) => kind !== 'blank')
    .map(
      ({ kind, start, end, state }) =>
        `${state === 'open' ? 'open ' : ''}${kind} ${sql.slice(start, end)}`,
    )

test('literals, names and comments are told apart', () => {
  expect(
    kindsOf(`SELECT E'\\'', 'a''b' "c""d" $x$ $y$ $x$ /* a /* b */ c */ -- d\n1.5e3 $1 e$f`),
  ).toEqual([
    'word SELECT',
    "string E'\\''",
    'sign ,',
    "string 'a''b'",
    'quoted name "c""d"',
    'string $x$ $y$ $x$',
    'comment /* a /* b */ c */',
    'comment -- d',
    'number 1.5e3',
    'parameter $1',
    'word e$f',
  ])
})

test.each(["'abc", "E'abc\\'", '"abc', '$a$ abc $b$', '/* abc /* */', "U&'a''"])(
  'what a text leaves open goes to its end: %s',
  (open) => {
    const [, , last] = tokensOf(`SELECT ${open}`)
    expect(last?.state).toBe('open')
    expect(last?.end).toBe(7 + open.length)
  },
)

const pieces = [
  ...[
    "'",
    "''",
    '\\',
    "E'",
    "U&'",
    "N'",
    "B'",
    "x'",
    '$$',
    '$a$',
    '$1',
    '$',
    '"',
    '""',
    '--',
    '\n',
    '/*',
    '*/',
    ' ',
  ],
  ...['a', '1', '.5', '1e3', 'e', 'E', ';', '(', ')', ',', 'é', '+', '::', '=', 'select', "'\n'"],
]

const isTelling = (text: string): boolean =>
  /^(?:(?:[ebx]|u&)?'|(?:u&)?"|--|\/\*|\$(?:[^\W\d]\w*)?\$)/i.test(text)

/** Undefined for what it refuses, which it does with an error that says nothing. */
const scanned = (sql: string): readonly string[] | undefined => {
  try {
    const bytes = Buffer.from(sql)
    return scanSync(sql)
      .tokens.map(({ start, end }) => bytes.subarray(start, end).toString())
      .filter(isTelling)
  } catch {
    return undefined
  }
}

// To it a literal that goes on in a later line is one, and N a word of its own.
const asScanned = (sql: string): readonly string[] => {
  const found: { kind: string; start: number; end: number }[] = []
  for (const { kind, start, end } of tokensOf(sql)) {
    const last = found.findLast((each) => each.kind === 'string')
    const goesOn =
      kind === 'string' &&
      sql[start] === "'" &&
      last !== undefined &&
      sql[last.end - 1] === "'" &&
      /^[ \t]*\n\s*$/.test(sql.slice(last.end, start))
    if (goesOn) last.end = end
    else if (['string', 'quoted name', 'comment'].includes(kind)) found.push({ kind, start, end })
  }
  return found.map(({ start, end }) => sql.slice(start, end).replace(/^n'/i, "'"))
}

test('reads every text as the lexer of PostgreSQL reads it, where that reads it', async () => {
  await loadModule()
  const next = random(20_240_817)
  const disagreeing: unknown[] = []
  let compared = 0
  for (let round = 0; round < 30_000; round++) {
    const count = 1 + Math.floor(next() * 12)
    const sql = Array.from(
      { length: count },
      () => pieces[Math.floor(next() * pieces.length)],
    ).join('')
    // It has lost the literals that go on behind a comment, which the server has.
    const theirs = /[ebx]'.*--/is.test(sql) ? undefined : scanned(sql)
    if (theirs === undefined) continue
    compared++
    const ours = asScanned(sql)
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) disagreeing.push({ sql, ours, theirs })
  }
  expect(disagreeing.slice(0, 5)).toEqual([])
  expect(compared).toBeGreaterThan(5_000)
})
