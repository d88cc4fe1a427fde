// One case, measured for everybody who takes part in it.

import { alternate, type Turns } from './alternate.ts'
import type { Apply, Case, Memory, NoOp, OneByOne, Together } from './cases.ts'
import type { Figure } from './figures.ts'
import { mustBeWell, peakMemory, runProcess, runWell } from './run-process.ts'
import type { Invocation, Runner } from './runner.ts'
import type { Stage } from './stage.ts'

export type Measuring = { readonly stage: Stage; readonly turns: Turns }

export const measure = (
  one: Case,
  runners: readonly Runner[],
  measuring: Measuring,
): Promise<readonly Figure[]> => {
  const workers = runners.filter(({ kind }) => kind !== 'floor')
  switch (one.kind) {
    case 'apply': {
      const taking = workers.filter(({ kind }) => one.who === 'everybody' || kind === 'gate')
      return byTurns(one, taking, measuring, applyOnce(one, measuring.stage))
    }
    case 'no-op': {
      // So short that one hiccup of the machine shows: twice as many.
      const turns = { ...measuring.turns, runs: measuring.turns.runs * 2 }
      return byTurns(one, runners, { ...measuring, turns }, noOpOnce(one, measuring.stage))
    }
    case 'one by one': {
      const gates = runners.filter(({ kind }) => kind === 'gate')
      return byTurns(one, gates, measuring, oneByOne(one, measuring.stage))
    }
    case 'together':
      return allTogether(one, workers, measuring)
    case 'memory': {
      const taking = one.doing === 'no-op' ? runners : workers
      return byTurns(one, taking, measuring, memoryOnce(one, measuring.stage))
    }
  }
}

type Once = (runner: Runner) => Promise<number>

const byTurns = async (
  of: Case,
  runners: readonly Runner[],
  { turns }: Measuring,
  once: Once,
): Promise<readonly Figure[]> => {
  const values = await alternate(runners, turns, once)
  return runners.map(({ name }, at) => ({ of, runner: name, values: values[at] ?? [] }))
}

const onEmpty = async (
  stage: Stage,
  count: number,
  work: (database: string) => Promise<number>,
): Promise<number> => {
  const database = await stage.emptyDatabase()
  const value = await work(database)
  await stage.mustHold(database, count)
  await stage.drop(database)
  return value
}

const applyOnce =
  ({ count, delayMs }: Apply, stage: Stage): Once =>
  (runner) =>
    onEmpty(stage, count, async (database) => {
      const invocation = stage.invocation(runner, { database, count, delayMs })
      return (await runWell(invocation, stage.log)).wallMs
    })

const noOp = async (stage: Stage, runner: Runner, { count, delayMs }: Omit<NoOp, 'kind'>) =>
  stage.invocation(runner, {
    database: await stage.recordedDatabase(runner, count),
    count,
    delayMs,
  })

const noOpOnce =
  (one: NoOp, stage: Stage): Once =>
  async (runner) =>
    (await runWell(await noOp(stage, runner, one), stage.log)).wallMs

const oneByOne =
  ({ count, processes }: OneByOne, stage: Stage): Once =>
  async (runner) => {
    const invocation = await noOp(stage, runner, { count, delayMs: 0 })
    const startedMs = performance.now()
    for (let at = 0; at < processes; at++) await runWell(invocation, stage.log)
    return performance.now() - startedMs
  }

const memoryOnce =
  ({ doing, count }: Memory, stage: Stage): Once =>
  async (runner) => {
    const peak = async (invocation: Invocation): Promise<number> =>
      mustBeWell(await peakMemory(invocation, stage.log), invocation, stage.log).peakMib
    if (doing === 'no-op') return peak(await noOp(stage, runner, { count, delayMs: 0 }))
    return onEmpty(stage, count, (database) =>
      peak(stage.invocation(runner, { database, count, delayMs: 0 })),
    )
  }

/** A peer may fail here, and then that is the result; the gate may not. */
const allTogether = async (
  of: Together,
  runners: readonly Runner[],
  { stage, turns }: Measuring,
): Promise<readonly Figure[]> => {
  const { count, processes, pending } = of
  const well = new Map<Runner, number>()
  const once: Once = async (runner) => {
    const database = await (pending === 'everything'
      ? stage.emptyDatabase()
      : stage.recordedDatabase(runner, count))
    const invocation = stage.invocation(runner, { database, count, delayMs: 0 })
    const logs = Array.from({ length: processes }, (_, at) => `${stage.log}.${at}`)
    const startedMs = performance.now()
    const all = await Promise.all(logs.map((log) => runProcess(invocation, log)))
    const wallMs = performance.now() - startedMs
    if (runner.kind === 'gate')
      for (const [at, ran] of all.entries()) mustBeWell(ran, invocation, logs[at] ?? stage.log)
    const exitedWell = all.filter(({ exitCode }) => exitCode === 0).length
    well.set(runner, Math.min(exitedWell, well.get(runner) ?? processes))
    if (exitedWell === processes) await stage.mustHold(database, count)
    if (pending === 'everything') await stage.drop(database)
    return wallMs
  }
  const figures = await byTurns(of, runners, { stage, turns }, once)
  return figures.map((figure, at) => {
    const runner = runners[at]
    const exitedWell = (runner && well.get(runner)) ?? 0
    return { ...figure, remark: `${exitedWell} of ${processes} exit 0` }
  })
}
