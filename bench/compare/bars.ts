// What the gate is held to, as ratios of two medians of one run; pure.

import type { Case, NoOp } from './cases.ts'
import { fastest, figureOf, ratio, type Figure } from './figures.ts'
import { bareName, gateName, type Suffix } from './own-runners.ts'

export type Bar = {
  readonly what: string
  readonly limit: number
  /** Undefined when a part of it was not measured. */
  readonly measured: number | undefined
}

/** Of the gate, and of the bare process, on the Node.js that `suffix` tells. */
export const bars = (
  figures: readonly Figure[],
  peerNames: readonly string[],
  suffix: Suffix = '',
): readonly Bar[] => {
  const [gate, bare] = [gateName + suffix, bareName + suffix]
  const of = (one: Case, runner: string): Figure | undefined => figureOf(figures, one, runner)
  const apply = (delayMs: number): Case => ({
    ...{ kind: 'apply', count: 500, delayMs, who: 'everybody' },
  })
  const noOp = (count: number, delayMs: number): NoOp => ({ kind: 'no-op', count, delayMs })
  const applied = (delayMs: number): Figure | undefined => of(apply(delayMs), gate)
  const together: Case = {
    ...{ kind: 'together', pending: 'everything', count: 500, processes: 50 },
  }
  const oneByOne: Case = { kind: 'one by one', count: 500, processes: 50 }
  const memory: Case = { kind: 'memory', doing: 'no-op', count: 500 }
  return [
    {
      what: 'apply 500, 0 ms, against the fastest peer',
      limit: 0.6,
      measured: ratio(applied(0), fastest(figures, apply(0), peerNames)),
    },
    {
      what: 'apply 500, 5 ms, against dbmate',
      limit: 1 / 20,
      measured: ratio(applied(5), of(apply(5), 'dbmate')),
    },
    {
      what: 'apply 500, 5 ms, against the fastest peer',
      limit: 1 / 6,
      measured: ratio(applied(5), fastest(figures, apply(5), peerNames)),
    },
    {
      what: 'no-op with 500 recorded, 0 ms, against the bare process',
      limit: 1.4,
      measured: ratio(of(noOp(500, 0), gate), of(noOp(500, 0), bare)),
    },
    {
      what: 'no-op with 500 recorded, 5 ms, against dbmate',
      limit: 1,
      measured: ratio(of(noOp(500, 5), gate), of(noOp(500, 5), 'dbmate')),
    },
    {
      what: 'no-op, 0 ms, with 5,000 recorded against 50',
      limit: 1.3,
      measured: ratio(of(noOp(5_000, 0), gate), of(noOp(50, 0), gate)),
    },
    {
      what: '50 runners at once, everything pending, all exit 0, against 50 no-ops of one runner',
      limit: 1.2,
      measured: ratio(of(together, gate), of(oneByOne, gate)),
    },
    {
      what: 'peak memory of a no-op with 500 recorded, against the bare process',
      limit: 1.5,
      measured: ratio(of(memory, gate), of(memory, bare)),
    },
  ]
}

/** Compared as it is, not as it is printed. */
export const verdict = ({ limit, measured }: Bar): 'pass' | 'miss' | 'not measured' =>
  measured === undefined ? 'not measured' : measured <= limit ? 'pass' : 'miss'
