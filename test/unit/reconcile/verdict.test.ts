import { describe, expect, test } from '@jest/globals'
import {
  changesLeft,
  makeEvaluator,
  rangesOf,
  type Verdict,
} from '../../../src/reconcile/verdict.ts'
import { evidenceFor, type Course } from './a-database.ts'

const end = Number.POSITIVE_INFINITY

const made: Course = { changes: [[1, 'create', 'int']] }
const retyped: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'alter', 'text'],
  ],
}
const dropped: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'drop', undefined],
  ],
}
const madeAgain: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'drop', undefined],
    [5, 'create', 'int'],
  ],
}
const thereAndBack: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'alter', 'text'],
    [5, 'alter', 'int'],
  ],
}
const droppedAndMade: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'drop', undefined],
    [3, 'replace', 'text'],
  ],
}
const notOurs: Course = { before: '?', changes: [[2, 'alter', 'text']] }
const notOursDropped: Course = { before: '?', changes: [[2, 'drop', undefined]] }
const given: Course = { before: '*', changes: [[2, 'create', 'schema']] }
const forgotten: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'follow', '?'],
  ],
}
const unread: Course = {
  changes: [
    [1, 'create', 'int'],
    [3, 'alter', '?'],
  ],
}
const replaced: Course = {
  changes: [
    [1, 'create', 'one'],
    [3, 'replace', 'two'],
  ],
}
const anything: Course = { changes: [[1, 'create', '*']] }

test('of several changes in one migration the last is left', () => {
  const { timeline } = evidenceFor(droppedAndMade, undefined)
  expect(changesLeft(timeline.changes).map(({ at, how }) => `${at} ${how}`)).toEqual([
    '1 create',
    '3 replace',
  ])
})

describe('the database can stand', () => {
  test.each<
    readonly [
      name: string,
      course: Course,
      found: string | undefined,
      stretches: readonly (readonly [number, number])[],
    ]
  >([
    ['before what it does not have', made, undefined, [[-1, 0]]],
    ['after what it has', made, 'int', [[1, end]]],
    ['nowhere with what no file gives', made, 'date', []],
    ['between a type and its change', retyped, 'int', [[1, 2]]],
    ['after a change', retyped, 'text', [[3, end]]],
    [
      'before it is made and after it is dropped',
      dropped,
      undefined,
      [
        [-1, 0],
        [3, end],
      ],
    ],
    ['between both', dropped, 'int', [[1, 2]]],
    [
      'at both places where it is',
      madeAgain,
      'int',
      [
        [1, 2],
        [5, end],
      ],
    ],
    [
      'at both places where it is not',
      madeAgain,
      undefined,
      [
        [-1, 0],
        [3, 4],
      ],
    ],
    [
      'at both places of one value',
      thereAndBack,
      'int',
      [
        [1, 2],
        [5, end],
      ],
    ],
    ['between both changes of it', thereAndBack, 'text', [[3, 4]]],
    ['after what was made anew in one file', droppedAndMade, 'text', [[3, end]]],
    ['anywhere before, with what the history does not know', notOurs, 'int', [[-1, 1]]],
    ['after what it was altered to, although it may have been that', notOurs, 'text', [[2, end]]],
    ['before an alteration, with nothing there', notOurs, undefined, [[-1, 1]]],
    ['before a drop', notOursDropped, 'int', [[-1, 1]]],
    [
      'anywhere with what was dropped and perhaps never there',
      notOursDropped,
      undefined,
      [
        [2, end],
        [-1, 1],
      ],
    ],
    [
      'anywhere with what every database has',
      given,
      'schema',
      [
        [-1, 1],
        [2, end],
      ],
    ],
    ['where nothing is known, with something else', forgotten, 'date', [[3, end]]],
    [
      'where it is known, and where it may have stayed so',
      forgotten,
      'int',
      [
        [1, 2],
        [3, end],
      ],
    ],
    ['where it is known rather than after a change that nobody can read', unread, 'int', [[1, 2]]],
    ['after such a change with something else', unread, 'date', [[3, end]]],
    [
      'before and where nothing is known, with nothing',
      forgotten,
      undefined,
      [
        [-1, 0],
        [3, end],
      ],
    ],
    ['after what may be anything', anything, 'date', [[1, end]]],
  ])('%s', (_, course, found, ranges) => {
    expect(
      rangesOf(evidenceFor(course, found), new Set()).map(({ from, to }) => [from, to]),
    ).toEqual(ranges)
  })

  test('not before what the ledger has', () => {
    const at = (recorded: readonly number[]) =>
      rangesOf(evidenceFor(dropped, undefined), new Set(recorded)).map(({ from, to }) => [from, to])
    expect(at([1])).toEqual([[3, end]])
    expect(at([2])).toHaveLength(2)
    expect(at([3])).toEqual([[3, end]])
  })
})

describe('the verdict on each migration', () => {
  test.each<
    readonly [
      name: string,
      course: Course,
      found: string | undefined,
      verdicts: Readonly<Record<number, Verdict>>,
    ]
  >([
    ['made and there', made, 'int', { 1: 'done' }],
    ['made and not there', made, undefined, { 1: 'not done' }],
    ['made and something else', made, 'date', { 1: 'conflict' }],
    ['retyped', retyped, 'text', { 1: 'done', 3: 'done' }],
    ['not yet retyped', retyped, 'int', { 1: 'done', 3: 'not done' }],
    [
      'neither type: only who makes it can conflict',
      retyped,
      'date',
      { 1: 'conflict', 3: 'not done' },
    ],
    ['dropped, or never made', dropped, undefined, { 1: 'none', 3: 'none' }],
    ['not yet dropped', dropped, 'int', { 1: 'done', 3: 'not done' }],
    [
      'made, dropped and made again, or only made',
      madeAgain,
      'int',
      { 1: 'done', 3: 'none', 5: 'none' },
    ],
    ['never made, or dropped', madeAgain, undefined, { 1: 'none', 3: 'none', 5: 'not done' }],
    ['there and back', thereAndBack, 'int', { 1: 'done', 3: 'none', 5: 'none' }],
    ['halfway there and back', thereAndBack, 'text', { 1: 'done', 3: 'done', 5: 'not done' }],
    ['dropped and made anew', droppedAndMade, 'text', { 1: 'done', 3: 'done' }],
    ['not yet dropped and made anew', droppedAndMade, 'int', { 1: 'done', 3: 'not done' }],
    ['altered, made by nobody', notOurs, 'text', { 2: 'done' }],
    ['not altered, made by nobody', notOurs, 'int', { 2: 'not done' }],
    ['a drop of what is not there', notOursDropped, undefined, { 2: 'none' }],
    ['a drop of what is there', notOursDropped, 'int', { 2: 'not done' }],
    ['what every database has', given, 'schema', { 2: 'none' }],
    ['replaced', replaced, 'two', { 1: 'done', 3: 'done' }],
    ['not yet replaced', replaced, 'one', { 1: 'done', 3: 'not done' }],
    ['changed by hand, and nobody knows since', forgotten, 'date', { 1: 'done', 3: 'done' }],
    ['anything', anything, 'date', { 1: 'done' }],
  ])('%s', (_, course, found, verdicts) => {
    const evidence = evidenceFor(course, found)
    const evaluator = makeEvaluator([evidence], new Set())
    const places = Object.keys(verdicts).map(Number)
    expect(Object.fromEntries(places.map((at) => [at, evaluator.byItself(evidence, at)]))).toEqual(
      verdicts,
    )
  })

  test('is none where a later migration of the ledger changed the same', () => {
    const evidence = evidenceFor(retyped, 'text')
    expect(makeEvaluator([evidence], new Set([3])).byItself(evidence, 1)).toBe('none')
    expect(makeEvaluator([evidence], new Set([1])).byItself(evidence, 3)).toBe('done')
  })

  test('takes the facets of an object together where one does not tell', () => {
    const type = evidenceFor(madeAgain, 'int')
    const nullability = evidenceFor(
      {
        property: 'nullability',
        changes: [
          [1, 'create', 'NULL'],
          [3, 'drop', undefined],
          [5, 'create', 'NOT NULL'],
        ],
      },
      'NOT NULL',
    )
    const alone = makeEvaluator([type], new Set())
    const together = makeEvaluator([type, nullability], new Set())
    expect([1, 3, 5].map((at) => alone.byItself(type, at))).toEqual(['done', 'none', 'none'])
    expect([1, 3, 5].map((at) => together.byItself(type, at))).toEqual(['done', 'done', 'done'])
  })

  describe('in a database that stands', () => {
    test.each<
      readonly [
        name: string,
        course: Course,
        found: string | undefined,
        positions: readonly [number, number],
        verdicts: Readonly<Record<number, Verdict>>,
      ]
    >([
      ['after it was made: it was dropped', dropped, undefined, [1, end], { 3: 'done' }],
      ['later than it was made', dropped, undefined, [2, end], { 3: 'done' }],
      ['before it was made', dropped, undefined, [0, 0], { 1: 'not done', 3: 'not done' }],
      ['before or after both', dropped, undefined, [0, end], { 1: 'none', 3: 'none' }],
      ['after it was made again', madeAgain, 'int', [5, end], { 3: 'done', 5: 'done' }],
      ['before it was made again', madeAgain, 'int', [1, 4], { 3: 'not done', 5: 'not done' }],
      ['before or after it: rather after', madeAgain, 'int', [1, end], { 3: 'done', 5: 'done' }],
      ['before or after both changes', thereAndBack, 'int', [0, end], { 3: 'done', 5: 'done' }],
      ['wherever, with what every database has', given, 'schema', [0, end], { 2: 'none' }],
      ['where it cannot', dropped, 'int', [5, end], { 1: 'done', 3: 'not done' }],
    ])('%s', (...[, course, found, [from, to], verdicts]) => {
      const evidence = evidenceFor(course, found)
      const evaluator = makeEvaluator([evidence], new Set())
      const places = Object.keys(verdicts).map(Number)
      expect(
        Object.fromEntries(places.map((at) => [at, evaluator.within(evidence, at, { from, to })])),
      ).toEqual(verdicts)
    })
  })

  test('says nothing where the facets of an object contradict each other', () => {
    const type = evidenceFor(thereAndBack, 'int')
    const nullability = evidenceFor(
      {
        property: 'nullability',
        changes: [
          [1, 'create', 'NULL'],
          [3, 'alter', 'NOT NULL'],
          [5, 'alter', 'NULL'],
        ],
      },
      'NOT NULL',
    )
    expect(makeEvaluator([type, nullability], new Set()).byItself(type, 3)).toBe('none')
  })
})
