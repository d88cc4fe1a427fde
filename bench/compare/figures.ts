// What was measured: for each case and runner the values of its runs.

import { caseName, type Case } from './cases.ts'
import { median } from './median.ts'

export type Figure = {
  readonly of: Case
  readonly runner: string
  /** Milliseconds; of memory, MiB. One for each run. */
  readonly values: readonly number[]
  /** What must be known beside the number. */
  readonly remark?: string
}

export const figureOf = (
  figures: readonly Figure[],
  one: Case,
  runner: string,
): Figure | undefined =>
  figures.find(({ of, runner: name }) => caseName(of) === caseName(one) && name === runner)

/** Undefined where one of the two was not measured. */
export const ratio = (above: Figure | undefined, below: Figure | undefined): number | undefined =>
  above === undefined || below === undefined
    ? undefined
    : median(above.values) / median(below.values)

/** The fastest of those that are peers. */
export const fastest = (
  figures: readonly Figure[],
  one: Case,
  peerNames: readonly string[],
): Figure | undefined =>
  peerNames
    .map((name) => figureOf(figures, one, name))
    .filter((figure) => figure !== undefined)
    .sort((a, b) => median(a.values) - median(b.values))[0]
