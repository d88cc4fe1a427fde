// How fast work that takes minutes goes on, and when it will be done at that rate.

/** At a time of performance.now(), so many rows, or blocks, were done. */
export type Sample = { readonly atMs: number; readonly done: number }

const windowMs = 30_000

/** The samples that a rate is made from: the newest, and those of the last half minute. */
export const withSample = (samples: readonly Sample[], newest: Sample): readonly Sample[] => [
  ...samples.filter(({ atMs }) => newest.atMs - atMs <= windowMs),
  newest,
]

export type ProgressEstimate = {
  /** Undefined before there are two samples. */
  readonly perSecond: number | undefined
  /** Undefined when it is unknown how much there is, or nothing goes on. */
  readonly secondsLeft: number | undefined
}

export const estimateProgress = (
  samples: readonly Sample[],
  total: number | undefined,
): ProgressEstimate => {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.atMs <= first.atMs)
    return { perSecond: undefined, secondsLeft: undefined }
  const perSecond = ((last.done - first.done) * 1_000) / (last.atMs - first.atMs)
  const known = total !== undefined && perSecond > 0
  return {
    perSecond,
    secondsLeft: known ? Math.max(0, total - last.done) / perSecond : undefined,
  }
}
