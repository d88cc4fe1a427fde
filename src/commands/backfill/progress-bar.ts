// The only module that knows cli-progress, which is loaded only where a terminal is watched.

import { grouped, spell } from '../../report/amounts.ts'
import { oneLine, visible } from '../../report/visible.ts'

type Progress = {
  readonly name: string
  readonly visited: number
  readonly total: number
  readonly rowsPerSecond: number | undefined
  readonly secondsLeft: number | undefined
}

export type ProgressBar = {
  readonly show: (progress: Progress) => void
  /** Leaves the line to others; the next show() takes a new one. */
  readonly leave: () => void
}

/** Draws on stderr, where the log goes. */
export const loadProgressBar = async (): Promise<ProgressBar> => {
  const { default: cliProgress } = await import('cli-progress')
  const bar = new cliProgress.SingleBar({
    format: '{name} {bar} {percentage} %  {visited} of about {all}  {rate}  {left}',
    stream: process.stderr,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    clearOnComplete: true,
    hideCursor: null,
    linewrap: false,
    gracefulExit: false,
  })
  let active = false
  return {
    show: ({ name, visited, total, rowsPerSecond, secondsLeft }) => {
      // Estimates are behind what is there now.
      const all = Math.max(total, visited)
      const words = {
        ...{ name: visible(oneLine(name), 'text'), visited: grouped(visited), all: grouped(all) },
        rate: rowsPerSecond === undefined ? '' : `${grouped(rowsPerSecond)} rows/s`,
        left: secondsLeft === undefined ? '' : `${spell(secondsLeft)} left`,
      }
      if (active) {
        bar.setTotal(all)
        bar.update(visited, words)
      } else bar.start(all, visited, words)
      active = true
    },
    leave: () => {
      if (active) bar.stop()
      active = false
    },
  }
}
