// Numbers as people read them.

export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')

/** '1 row', '2,000,000 rows' */
export const someRows = (count: number): string => `${grouped(count)} row${count === 1 ? '' : 's'}`

/** '45 s', '3 min 20 s', '2 h 5 min' */
export const spell = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${grouped(Math.floor(whole / 3_600))} h ${Math.floor((whole % 3_600) / 60)} min`
}

type Rate = {
  readonly unit: 'blocks' | 'rows'
  readonly perSecond: number
  readonly secondsLeft: number | undefined
}

/** ['1,200 blocks/s', '45 s left'] */
export const rateWords = ({ unit, perSecond, secondsLeft }: Rate): readonly string[] => [
  `${grouped(perSecond)} ${unit}/s`,
  ...(secondsLeft === undefined ? [] : [`${spell(secondsLeft)} left`]),
]
