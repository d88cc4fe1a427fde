import { describe, expect, test } from '@jest/globals'
import { readJsonPlaces, type JsonPlaces } from '../../../../src/contract/file/json-places.ts'

const file = 'contracts/api.json'

const placesIn = (text: string): JsonPlaces => {
  const read = readJsonPlaces(file, text)
  if (read.kind === 'json') return read.places
  throw new Error(read.reason)
}

const text = `{
  "service": "api",
  "tables": {
    "é😀": { "columns": { "id": {}, "a\\u002fb": { "type": "text" } } }
  },
  "extensions": [ "a",
    "b" ]
}`

const lines = text.split('\n')

describe('the place', () => {
  test.each<readonly [path: readonly string[], line: number, column: number]>([
    [[], 1, 1],
    [['service'], 2, 3],
    [['tables'], 3, 3],
    [['tables', 'é😀'], 4, 5],
    [['tables', 'é😀', 'columns'], 4, 13],
    [['tables', 'é😀', 'columns', 'id'], 4, 26],
    [['tables', 'é😀', 'columns', 'a/b'], 4, 36],
    [['tables', 'é😀', 'columns', 'a/b', 'type'], 4, 50],
    [['extensions', '0'], 6, 19],
    [['extensions', '1'], 7, 5],
  ])('of %j is %i:%i, in characters', (path, line, column) => {
    const excerpt = lines[line - 1]
    expect(placesIn(text).placeOf(path)).toEqual({ file, line, column, excerpt })
  })

  test.each<readonly [path: readonly string[], line: number, column: number]>([
    [['tables', 'gone'], 3, 3],
    [['tables', 'gone', 'columns', 'id'], 3, 3],
    [['tables', 'é😀', 'columns', 'id', 'type'], 4, 26],
    [['extensions', '2'], 6, 3],
    [['extensions', 'x'], 6, 3],
    [['service', '0'], 2, 3],
    [['__proto__'], 1, 1],
    [['views'], 1, 1],
  ])('of %j, which is not there, is that of what stands above it', (path, line, column) => {
    expect(placesIn(text).placeOf(path)).toMatchObject({ line, column })
  })
})

describe('members of one name', () => {
  const repeated = (json: string) =>
    placesIn(json).duplicates.map(({ path, place }) => [path.join('.'), place.line, place.column])

  test.each(['{}', '[]', '{"a": {"a": {"a": 1}}}', '{"a": 1, "A": 1, " a": 1}', '"a"', text])(
    'are none in %j',
    (json) => {
      expect(repeated(json)).toEqual([])
    },
  )

  test.each<readonly [json: string, repeated: readonly (readonly [string, number, number])[]]>([
    ['{"a": 1, "a": 2}', [['a', 1, 10]]],
    [
      '{"a": 1,\n"a": 2,\n"a": 3}',
      [
        ['a', 2, 1],
        ['a', 3, 1],
      ],
    ],
    ['{"a": 1, "\\u0061": 2}', [['a', 1, 10]]],
    ['{"b": {"a": {}, "a": {}}}', [['b.a', 1, 17]]],
    [
      '{"a": {"x": 1, "x": 2}, "a": {"y": 1, "y": 2}}',
      [
        ['a.x', 1, 16],
        ['a', 1, 25],
        ['a.y', 1, 39],
      ],
    ],
    ['{"__proto__": 1, "__proto__": 2}', [['__proto__', 1, 18]]],
    ['{"": 1, "": 2}', [['', 1, 9]]],
  ])('in %j are told at the second', (json, expected) => {
    expect(repeated(json)).toEqual(expected)
  })
})

describe('what is no JSON', () => {
  test.each([
    ['{"a": 1,}', 1, 9],
    ['{"a": 1\n"b": 2}', 2, 1],
    ["{'a': 1}", 1, 2],
    ['{a: 1}', 1, 2],
    ['{"a": True}', 1, 7],
    ['// why\n{}', 1, 1],
    ['{} {}', 1, 4],
    ['{"a": "b', 1, 9],
    ['<<<<<<< HEAD\n{}', 1, 1],
  ])('%j is told with its place, and the place only there', (json, line, column) => {
    const read = readJsonPlaces(file, json)
    expect(read).toMatchObject({ kind: 'no json', place: { file, line, column } })
    expect(read.kind === 'no json' && read.reason).toMatch(/^[A-Za-z].*[^.:)\s]$/)
  })

  test('never has a place outside of the file', () => {
    for (let length = 0; length < text.length; length++) {
      const read = readJsonPlaces(file, text.slice(0, length))
      expect(read).toMatchObject({ kind: 'no json' })
      if (read.kind === 'no json') {
        expect(read.place.line).toBeLessThanOrEqual(lines.length)
        expect(read.place.column).toBeLessThanOrEqual((lines[read.place.line - 1] ?? '').length + 1)
      }
    }
  })
})
