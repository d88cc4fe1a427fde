// What to measure, from the environment; every problem is an error that shows the valid form. Pure.

import { fullCases, quickCases, type Case } from './cases.ts'

export type Settings = {
  readonly cases: readonly Case[]
  readonly runs: number
  /** A runner that has used so much time in a case is not run again in it, so that a slow one does not hold up the rest. */
  readonly enoughMs: number
  /** Undefined: all of them. */
  readonly runners: readonly string[] | undefined
  /** The page to write the results into; without one they are printed only. */
  readonly page: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

export const settingsFrom = (environment: Environment, standardPage: string): Settings => {
  const quick = environment['BENCH_QUICK'] ?? '0'
  if (quick !== '0' && quick !== '1') throw new Error(`BENCH_QUICK must be 0 or 1, not ${quick}`)
  const sizes = numbers(environment, 'BENCH_SIZES')
  const delays = numbers(environment, 'BENCH_DELAYS')
  const runners = list(environment, 'BENCH_RUNNERS')
  const runs = numbers(environment, 'BENCH_RUNS') ?? [quick === '1' ? 2 : 5]
  if (runs.length !== 1 || (runs[0] ?? 0) < 1)
    throw new Error('BENCH_RUNS must be one number of runs, at least 1')
  const cases = (quick === '1' ? quickCases : fullCases).filter(
    (one) =>
      (sizes?.includes(one.count) ?? true) &&
      (delays?.includes('delayMs' in one ? one.delayMs : 0) ?? true),
  )
  if (cases.length === 0) throw new Error('no case has one of BENCH_SIZES and one of BENCH_DELAYS')
  // A part of it must not take the place of the whole.
  const whole = [sizes, delays, runners].every((part) => part === undefined) && quick === '0'
  return {
    cases,
    runs: runs[0] ?? 1,
    enoughMs: 7_000,
    runners,
    page: environment['BENCH_PAGE'] ?? (whole ? standardPage : undefined),
  }
}

const list = (environment: Environment, name: string): readonly string[] | undefined => {
  const value = environment[name] ?? ''
  return value === '' ? undefined : value.split(',').map((part) => part.trim())
}

const numbers = (environment: Environment, name: string): readonly number[] | undefined =>
  list(environment, name)?.map((part) => {
    if (!/^\d+$/.test(part))
      throw new Error(`${name} must be numbers separated by commas, such as 50,500; not ${part}`)
    return Number(part)
  })
