// Whose notices they are, and how many of a message are passed on.

import { describe, expect, test } from '@jest/globals'
import { attributeNotices, type Notice } from '../../../../src/database/session/notices.ts'

const said = (notice: Notice): string =>
  notice.kind === 'server notice'
    ? `${notice.severity} ${notice.notice.slice(0, 10)}`
    : `${notice.shown} of ${notice.of}, not ${notice.leftOut}`

const hearing = () => {
  const announced: string[] = []
  const attribution = attributeNotices((event) => announced.push(said(event as Notice)))
  const raise = (times: number, severity = 'NOTICE', notice = 'x'): void => {
    for (let time = 0; time < times; time++)
      attribution.take({ kind: 'server notice', severity, notice })
  }
  return { ...attribution, announced, raise }
}

/** A message whose notices are heard: its first row, and what it heard. */
const listener = ({ listening }: Pick<ReturnType<typeof hearing>, 'listening'>) => {
  const heard: string[] = []
  const onNotice = (notice: Notice): void => {
    heard.push(said(notice))
  }
  return { heard, onNotice, row: listening(() => undefined, onNotice) }
}

const first = (times: number, words: string): readonly string[] =>
  Array.from({ length: times }, () => words)

describe('of the notices of a message', () => {
  test('the first hundred are passed on, and how many came after them', () => {
    const { announced, raise, answered } = hearing()
    raise(100_000)
    expect(announced).toEqual(first(100, 'NOTICE x'))
    answered(undefined)
    expect(announced.slice(100)).toEqual(['100 of notices, not 99900'])
    raise(1)
    answered(undefined)
    expect(announced.slice(101)).toEqual(['NOTICE x'])
  })

  test('a hundred are all of them', () => {
    const { announced, raise, answered } = hearing()
    raise(100)
    answered(undefined)
    expect(announced).toEqual(first(100, 'NOTICE x'))
  })

  test('no warning is left out for them', () => {
    const { announced, raise, answered } = hearing()
    raise(101)
    raise(101, 'WARNING')
    answered(undefined)
    expect(announced.slice(100)).toEqual([
      ...first(100, 'WARNING x'),
      '100 of notices, not 1',
      '100 of warnings, not 1',
    ])
  })

  test('long ones are fewer', () => {
    const { announced, raise, answered } = hearing()
    raise(30, 'NOTICE', 'x'.repeat(4_000))
    raise(1)
    answered(undefined)
    expect(announced).toEqual([...first(17, 'NOTICE xxxxxxxxxx'), '17 of notices, not 14'])
  })

  test('those of the next one are counted again from one, also before this one is known to be answered', () => {
    const all = hearing()
    const [one, two] = [listener(all), listener(all)]
    one.row?.({})
    all.raise(101)
    two.row?.({})
    all.raise(101)
    two.row?.({})
    all.raise(1)
    all.answered(one.onNotice)
    all.answered(two.onNotice)
    expect(one.heard.slice(99)).toEqual(['NOTICE x', '100 of notices, not 1'])
    expect(two.heard.slice(99)).toEqual(['NOTICE x', '100 of notices, not 2'])
    expect(all.announced).toEqual([])
  })
})
