import { expect, test } from '@jest/globals'
import type { Case } from '../../../bench/compare/cases.ts'
import type { Figure } from '../../../bench/compare/figures.ts'
import { withMeasured } from '../../../bench/compare/page.ts'
import { report } from '../../../bench/compare/report.ts'

const apply: Case = { kind: 'apply', count: 500, delayMs: 5, who: 'everybody' }
const alone: Case = { kind: 'apply', count: 5_000, delayMs: 20, who: 'the gate' }
const together: Case = { kind: 'together', pending: 'everything', count: 500, processes: 50 }
const memory: Case = { kind: 'memory', doing: 'no-op', count: 500 }
const figures: readonly Figure[] = [
  { of: apply, runner: 'schemagate', values: [680, 700, 640] },
  { of: apply, runner: 'dbmate', values: [19_000] },
  { of: alone, runner: 'schemagate', values: [9_000, 9_100] },
  { of: together, runner: 'schemagate', values: [5_000, 1, 6_000], remark: '50 of 50 exit 0' },
  { of: together, runner: 'dbmate', values: [2_500, 2_500, 2_500], remark: '1 of 50 exit 0' },
  { of: memory, runner: 'schemagate', values: [70, 70, 70] },
  { of: memory, runner: 'a bare process', values: [49.7, 49.7, 49.7] },
]
const { text, plots } = report({
  figures,
  runners: [
    { name: 'schemagate', kind: 'gate' },
    { name: 'dbmate', kind: 'peer' },
    { name: 'a bare process', kind: 'floor' },
  ],
  runs: 3,
  setting: ['of this machine'],
})

test('the report has the bars, and a table of each kind that was measured', () => {
  expect(text).toMatchInlineSnapshot(`
    "- of this machine

    ### Bars

    | bar | limit | measured |  |
    |---|---|---|---|
    | apply 500, 0 ms, against the fastest peer | ≤ 0.6 | – | not measured |
    | apply 500, 5 ms, against dbmate | ≤ 1/20 (0.05) | 0.0358 | pass |
    | apply 500, 5 ms, against the fastest peer | ≤ 1/6 (0.167) | 0.0358 | pass |
    | no-op with 500 recorded, 0 ms, against the bare process | ≤ 1.4 | – | not measured |
    | no-op with 500 recorded, 5 ms, against dbmate | ≤ 1 | – | not measured |
    | no-op, 0 ms, with 5,000 recorded against 50 | ≤ 1.3 | – | not measured |
    | 50 runners at once, everything pending, all exit 0, against 50 no-ops of one runner | ≤ 1.2 | – | not measured |
    | peak memory of a no-op with 500 recorded, against the bare process | ≤ 1.5 | 1.41 | pass |

    ### Apply

    |  | 500 at 5 ms |
    |---|---|
    | schemagate | 680 ms · 1× |
    | dbmate | 19,000 ms · 28× · 1 run |

    ![Apply](performance-apply.svg)

    ### The gate alone, where the peers would take many minutes

    |  | 5,000 at 20 ms |
    |---|---|
    | schemagate | 9,050 ms · 1× · 2 runs |

    ### Many runners

    |  | 50 together, everything pending of 500 |
    |---|---|
    | schemagate | 5,000 ms · 1× · 50 of 50 exit 0 |
    | dbmate | 2,500 ms · 0.5× · 1 of 50 exit 0 |

    ### Peak memory

    |  | no-op, 500 |
    |---|---|
    | schemagate | 70 MiB · 1× |
    | a bare process | 50 MiB · 0.71× |
    "
  `)
})

test('the plot of a table has the same medians, and none where nothing was measured', () => {
  expect(plots.map(({ file }) => file)).toEqual(['performance-apply.svg'])
  expect(plots[0]?.chart).toMatchObject({
    yAxis: { data: ['schemagate', 'dbmate'] },
    series: [{ name: '500 at 5 ms', data: [680, 19_000] }],
  })
})

test('it takes the place of the one before, and nothing else of the page', () => {
  const page =
    '# Page\n<!-- measured: written by scripts/bench peers -->\nold\n<!-- /measured -->\nrest\n'
  const once = withMeasured(page, 'new\n')
  expect(once).toBe(
    '# Page\n<!-- measured: written by scripts/bench peers -->\n\nnew\n\n<!-- /measured -->\nrest\n',
  )
  expect(withMeasured(once, 'new')).toBe(once)
})

test.each([
  ['no markers', '# Page\n'],
  ['no end', '<!-- measured: written by scripts/bench peers -->\n'],
  [
    'two ends',
    '<!-- measured: written by scripts/bench peers --><!-- /measured --><!-- /measured -->',
  ],
])('a page with %s is refused', (_, page) => {
  expect(() => withMeasured(page, 'new')).toThrow('each once')
})

test('the bars stand beside each other for each Node.js', () => {
  const { text } = report({
    figures: [
      { of: apply, runner: 'schemagate', values: [900] },
      { of: apply, runner: 'schemagate on Node 20', values: [1_100] },
      { of: apply, runner: 'dbmate', values: [20_000] },
    ],
    runners: [
      { name: 'schemagate', kind: 'gate' },
      { name: 'schemagate on Node 20', kind: 'gate' },
      { name: 'dbmate', kind: 'peer' },
    ],
    runs: 1,
    setting: [],
  })
  expect(text).toContain('| bar | limit | measured |  | on Node 20 |  |')
  expect(text).toContain(
    '| apply 500, 5 ms, against dbmate | ≤ 1/20 (0.05) | 0.045 | pass | 0.055 | miss |',
  )
})
