import { describe, expect, test } from '@jest/globals'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { apart } from '../../a-migration.ts'

const parse = await loadParser()

const read = (whole: string) => {
  const { text, rows } = apart(whole)
  const parsed = parse(text)
  if (parsed.kind === 'unreadable') return parsed
  const { sql = text, statements } = parsed
  const kept = statements.reduce((sum, { rows: mark }) => sum + (mark?.lines ?? 0), 0)
  return {
    length: sql.length - text.length,
    newlines: sql.split('\n').length + kept - whole.split('\n').length,
    statements: statements.map(({ start, end, rows: mark }) => {
      const own = mark && rows[mark.number]
      return {
        text: text.slice(start, end).trim(),
        ...(own && { rows: Buffer.from(whole).toString('utf8', own.start, own.end) }),
      }
    }),
  }
}

const told = (...statements: readonly { readonly text: string; readonly rows?: string }[]) => ({
  length: 0,
  newlines: 0,
  statements,
})

describe('a dump', () => {
  test.each([
    [
      'of one table with rows',
      "CREATE TABLE t (a int, b text);\nCOPY public.t (a, b) FROM stdin;\n1\tit's\n2\t\\N\n\\.\n\nSELECT 1;\n",
      told(
        { text: 'CREATE TABLE t (a int, b text)' },
        { text: 'COPY public.t (a, b) FROM stdin', rows: "1\tit's\n2\t\\N\n" },
        { text: 'SELECT 1' },
      ),
    ],
    [
      'of an empty table',
      'COPY t FROM stdin;\n\\.\n',
      told({ text: 'COPY t FROM stdin', rows: '' }),
    ],
    [
      'that ends behind the last row',
      'COPY t FROM stdin;\nx\n\\.',
      told({ text: 'COPY t FROM stdin', rows: 'x\n' }),
    ],
    [
      'whose rows look like SQL and like the commands of psql',
      "COPY t FROM stdin;\nCOPY u FROM stdin;\n\\restrict x\n$$ /* '\n\\.x\n \\.\n\\\\.\n\\.\nSELECT 2;",
      told(
        {
          text: 'COPY t FROM stdin',
          rows: "COPY u FROM stdin;\n\\restrict x\n$$ /* '\n\\.x\n \\.\n\\\\.\n",
        },
        { text: 'SELECT 2' },
      ),
    ],
    [
      'with \\restrict around it',
      '-- head\n\\restrict aZ09\n\nSET x = 1;\n\n\\unrestrict aZ09\n\n',
      told({ text: 'SET x = 1' }),
    ],
    [
      'with a setting that older servers lack',
      '--\n-- PostgreSQL database dump\n--\n\nSET lock_timeout = 0;\nSET transaction_timeout = 0;\nSET x = 1;\n',
      told({ text: 'SET lock_timeout = 0' }, { text: 'SET x = 1' }),
    ],
    [
      'of nobody, with that setting',
      'SET transaction_timeout = 0;\n',
      told({ text: 'SET transaction_timeout = 0' }),
    ],
    [
      'as CSV with options over two lines, in any case',
      'copy T\nfrom STDIN\n  with (format csv);\n"a\nb"\n\\.\nselect 1;',
      told(
        { text: 'copy T\nfrom STDIN\n  with (format csv)', rows: '"a\nb"\n' },
        { text: 'select 1' },
      ),
    ],
    [
      'with astral characters before its rows',
      "SELECT '😀é';\nCOPY t FROM stdin;\n😀\n\\.\nSELECT 3;",
      told(
        { text: "SELECT '😀é'" },
        { text: 'COPY t FROM stdin', rows: '😀\n' },
        { text: 'SELECT 3' },
      ),
    ],
  ])('%s is SQL and rows', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test.each([
    ['in a literal', "SELECT '\nCOPY t FROM stdin;\n1\n\\.\n';"],
    ['in a body', 'DO $$\n\\restrict abc\n$$;'],
    ['in a comment', 'SELECT /*\nCOPY t FROM stdin;\n\\.\n*/ 1;'],
  ])('what looks like one %s is left as it is', (_, text) => {
    expect(read(`${text}\nCOPY real FROM stdin;\nx\n\\.\n`)).toEqual(
      told({ text: text.replace(/;$/, '').trim() }, { text: 'COPY real FROM stdin', rows: 'x\n' }),
    )
  })

  test.each([
    ['rows without an end', 'COPY t FROM stdin;\n1\t2\n', 1],
    ['another command of psql', 'SELECT 1;\n\\connect db\n', 2],
    ['\\restrict within a statement', 'SELECT\n\\restrict abc\n1;', 2],
    ['\\restrict without its token', '\\restrict\nSELECT 1;', 1],
  ])('%s stays unreadable', (_, text) => {
    expect(parse(apart(text).text).kind).toBe('unreadable')
  })
})
