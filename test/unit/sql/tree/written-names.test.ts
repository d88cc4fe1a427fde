// What is read for servers that cut names elsewhere than the embedded parser. That they do is held by
// test/integration/encodings.test.ts.

import { describe, expect, test } from '@jest/globals'
import { asWritten } from '../../../../src/sql/tree/naming.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { subtrees } from '../../../../src/sql/tree/tree.ts'
import { writtenNames } from '../../../../src/sql/tree/written-names.ts'

const latin = { bytesOf: () => 1, small: (letter: string) => letter.toLowerCase() }
const parseLatin = await loadParser(latin)
const parseAsWritten = await loadParser(asWritten)
const é = (length: number): string => 'é'.repeat(length)

const treeOf = (text: string, parse = parseLatin): string => {
  const parsed = parse(text)
  if (parsed.kind === 'unreadable') throw new Error(parsed.message)
  return JSON.stringify(parsed.statements)
}

describe('for a server of one byte for each character', () => {
  test.each([
    [`CREATE TABLE ${é(50)} (a int)`, 'relname', é(50)],
    [`CREATE TABLE "${é(40)} ""b""" (a int)`, 'relname', `${é(40)} "b"`],
    [`CREATE TABLE "${é(70)}" (a int)`, 'relname', é(63)],
    [`CREATE TABLE t (a int, ${é(50)} int)`, 'colname', é(50)],
    ['CREATE TABLE ÉTÉ (a int)', 'relname', 'été'],
    ['CREATE TABLE "ÉTÉ" (a int)', 'relname', 'ÉTÉ'],
  ])('a name in %s is that of the server', (text, key, name) => {
    expect(subtrees(JSON.parse(treeOf(text))).map((tree) => tree[key])).toContain(name)
  })

  test('what two names have in common makes them no less two', () => {
    const tree = treeOf(`ALTER TABLE ${é(45)}a RENAME TO ${é(45)}b`)
    expect([tree.includes(`"${é(45)}a"`), tree.includes(`"${é(45)}b"`)]).toEqual([true, true])
  })

  test('constants are not names', () => {
    expect(treeOf(`SELECT '${é(50)}', $$${é(50)}$$, E'\\'${é(50)}'`)).toContain(`'${é(50)}`)
    expect(treeOf(`SELECT 'n_0_', '${é(40)}' FROM ${é(40)}`)).toContain('"n_0_"')
  })

  test('places are those of the text as it is written', () => {
    const text = `SELECT 1; /* ü */ SELECT $1 FROM ${é(50)}, "${é(40)}" WHERE $2`
    const parsed = parseLatin(text)
    if (parsed.kind === 'unreadable') throw new Error(parsed.message)
    expect(parsed.statements.map(({ start, end }) => text.slice(start, end))).toEqual([
      'SELECT 1',
      text.slice(text.indexOf('SELECT $1')),
    ])
    const places = subtrees(parsed.statements).flatMap(({ ParamRef: it }) =>
      typeof it === 'object' && it !== null && 'location' in it ? [Number(it.location)] : [],
    )
    const bytes = Buffer.from(text)
    expect(places.map((at) => bytes.toString('utf8', at, at + 2))).toEqual(['$1', '$2'])
  })

  test('a message about the text has the name, and its place', () => {
    const text = `CREATE TABLE ${é(50)} (a int); TABLE ${é(50)} ${é(41)} ${é(42)}`
    const parsed = parseLatin(text)
    expect(parsed).toEqual({
      kind: 'unreadable',
      message: `syntax error at or near "${é(41)}"`,
      index: text.indexOf(` ${é(41)} `) + 1,
    })
  })
})

test('as they are written, names are not cut', () => {
  const name = 'a'.repeat(80)
  expect(treeOf(`TABLE ${name}`, parseAsWritten)).toContain(`"${name}"`)
  expect(treeOf(`TABLE "${é(80)}"`, parseAsWritten)).toContain(`"${é(80)}"`)
})

test('names are found between all that is none', () => {
  const text = `SELECT 'no' 'no', E'\\'no', $x$no$x$ -- no\n, /* no */ "yes ""1""", yes2, 'no'\n'\\', yes3, U&"no"`
  expect([...writtenNames(text)].map(({ name }) => name)).toEqual([
    'SELECT',
    'yes "1"',
    'yes2',
    'yes3',
  ])
})
