import { expect, test } from '@jest/globals'
import { remainingRanges } from '../../../../../src/commands/backfill/state/completed-ranges.ts'

const [a, b, c, d, e] = [['1'], ['2'], ['3'], ['4'], ['5']]

test('what is open lies before, between and behind what is done', () => {
  expect(remainingRanges(undefined, [])).toEqual([{ after: undefined, upTo: undefined }])
  expect(remainingRanges(a, [])).toEqual([{ after: a, upTo: undefined }])
  const ahead = [
    { after: b, upTo: c },
    { after: d, upTo: e },
  ]
  expect(remainingRanges(a, ahead)).toEqual([
    { after: a, upTo: b },
    { after: c, upTo: d },
    { after: e, upTo: undefined },
  ])
  expect(remainingRanges(undefined, ahead)[0]).toEqual({ after: undefined, upTo: b })
})
