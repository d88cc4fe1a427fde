// What is measured, as values. A delay is the round trip between runner and server.

export type Case = Apply | NoOp | Together | OneByOne | Memory
export type Apply = {
  readonly kind: 'apply'
  readonly count: number
  readonly delayMs: number
  /** Where the peers would take many minutes, the gate is measured alone. */
  readonly who: 'everybody' | 'the gate'
}
export type NoOp = { readonly kind: 'no-op'; readonly count: number; readonly delayMs: number }
export type Together = {
  readonly kind: 'together'
  readonly pending: 'nothing' | 'everything'
  readonly count: number
  readonly processes: number
}
/** As many no-ops of one runner, one after another: what a deployment waits for that starts its replicas by turns. */
export type OneByOne = {
  readonly kind: 'one by one'
  readonly count: number
  readonly processes: number
}
export type Memory = {
  readonly kind: 'memory'
  readonly doing: 'no-op' | 'apply'
  readonly count: number
}

export const fullCases: readonly Case[] = [
  { kind: 'apply', count: 500, delayMs: 0, who: 'everybody' },
  { kind: 'apply', count: 500, delayMs: 5, who: 'everybody' },
  { kind: 'apply', count: 100, delayMs: 20, who: 'everybody' },
  { kind: 'apply', count: 5_000, delayMs: 0, who: 'everybody' },
  { kind: 'apply', count: 500, delayMs: 20, who: 'the gate' },
  { kind: 'apply', count: 5_000, delayMs: 5, who: 'the gate' },
  { kind: 'apply', count: 5_000, delayMs: 20, who: 'the gate' },
  ...[0, 5, 20].flatMap((delayMs) =>
    [50, 500, 5_000].map((count): NoOp => ({ kind: 'no-op', count, delayMs })),
  ),
  { kind: 'together', pending: 'nothing', count: 500, processes: 50 },
  { kind: 'one by one', count: 500, processes: 50 },
  { kind: 'together', pending: 'everything', count: 500, processes: 50 },
  { kind: 'memory', doing: 'no-op', count: 500 },
  { kind: 'memory', doing: 'apply', count: 500 },
]

/** The same kinds in sizes that take a minute: they show that it works, and roughly where it stands. */
export const quickCases: readonly Case[] = [
  { kind: 'apply', count: 50, delayMs: 0, who: 'everybody' },
  { kind: 'apply', count: 50, delayMs: 5, who: 'everybody' },
  { kind: 'no-op', count: 50, delayMs: 0 },
  { kind: 'no-op', count: 50, delayMs: 5 },
  { kind: 'together', pending: 'nothing', count: 50, processes: 5 },
  { kind: 'one by one', count: 50, processes: 5 },
  { kind: 'together', pending: 'everything', count: 50, processes: 5 },
  { kind: 'memory', doing: 'no-op', count: 50 },
  { kind: 'memory', doing: 'apply', count: 50 },
]

export const caseName = (one: Case): string => {
  switch (one.kind) {
    case 'apply':
    case 'no-op':
      return `${one.kind}, ${number(one.count)}, ${one.delayMs} ms`
    case 'together':
      return `${one.processes} together, ${one.pending} pending of ${number(one.count)}`
    case 'one by one':
      return `${one.processes} one by one, nothing pending of ${number(one.count)}`
    case 'memory':
      return `memory, ${one.doing}, ${number(one.count)}`
  }
}

export const number = (value: number): string => value.toLocaleString('en-US')
