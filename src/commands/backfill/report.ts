// How backfills ended, as text, as JSON and as an exit code. They never fail a deployment unless that is asked for.

import packageJson from '../../../package.json' with { type: 'json' }
import type { BackfillRun } from './run.ts'
import type { BackfillResult } from './run-one.ts'
import { exitCodes, gravest, type ExitCategory } from '../../errors/exit-codes.ts'
import type { Problem } from '../../errors/problem.ts'
import { grouped, someRows } from '../../report/log/amounts.ts'
import { problemJson } from '../../report/formats/problem-json.ts'
import { renderProblem } from '../../report/formats/problem-text.ts'
import { oneLine } from '../../report/visible.ts'

export type Strictness = 'strict' | 'lenient'

// A wrong command line would be as wrong on every deployment; a signal and a bug are reported whoever asks.
const alwaysReported: readonly ExitCategory[] = ['usage', 'SIGTERM', 'SIGINT', 'bug']

export const exitCodeOf = (run: BackfillRun, strictness: Strictness): number => {
  const categories = problemsIn(run).map(({ category }) => category)
  if (strictness === 'lenient')
    return exitCodes[gravest(categories.filter((each) => alwaysReported.includes(each)))]
  const unfinished = run.results.some(({ end }) => end === 'incomplete' || end === 'not attempted')
  return exitCodes[gravest([...categories, ...(unfinished ? (['try again'] as const) : [])])]
}

export const problemsIn = ({ results, problems }: BackfillRun): readonly Problem[] => [
  ...results.flatMap((each) => each.problems),
  ...problems,
]

export const renderBackfills = (run: BackfillRun, exitCode: number): string =>
  [
    ...run.results.map(lineOf),
    ...problemsIn(run).map(renderProblem),
    summaryOf(run, exitCode),
    '',
  ].join('\n')

const lineOf = (result: BackfillResult): string =>
  `${result.end.padEnd(13)}  ${result.backfill.file}${whatItDid(result)}`

const whatItDid = ({
  end,
  state,
  rowsVisited,
  rowsChanged,
  durationMs,
}: BackfillResult): string => {
  const isReported = end === 'done' || end === 'incomplete' || end === 'failed'
  if (!isReported || state === undefined) return ''
  const seconds = durationMs / 1_000
  const rate =
    rowsVisited === 0 ? '' : `, ${grouped(rowsVisited / Math.max(seconds, 0.001))} rows/s`
  const before = state.rowsVisited - rowsVisited
  const earlier = before > 0 ? `; ${someRows(before)} in earlier runs` : ''
  return `  ${someRows(rowsVisited)} visited, ${grouped(rowsChanged)} changed (${seconds.toFixed(1)} s${rate})${earlier}`
}

const ends = ['done', 'up to date', 'incomplete', 'busy', 'failed', 'not attempted'] as const

/** One line; the last of a log must tell the cause by itself. */
export const summaryOf = (run: BackfillRun, exitCode: number): string => {
  const counts = ends
    .map((end) => ({ end, count: run.results.filter((each) => each.end === end).length }))
    .filter(({ count }) => count > 0)
    .map(({ end, count }) => `${count} ${end}`)
  const [first] = problemsIn(run)
  const what =
    counts.length > 0 ? counts.join(', ') : first === undefined ? 'there are none' : 'not run'
  return `BACKFILLS ${what}${first === undefined ? '' : `: ${oneLine(first.title)}`} (exit code ${exitCode})`
}

export const backfillsJson = (
  run: BackfillRun,
  { exitCode, runId }: { readonly exitCode: number; readonly runId: string },
): Readonly<Record<string, unknown>> => ({
  tool_version: packageJson.version,
  run_id: runId,
  exit_code: exitCode,
  backfills: run.results.map(
    ({ backfill, end, rowsVisited, rowsChanged, durationMs, state, total, problems }) => ({
      name: backfill.name,
      file: backfill.file,
      end: end.replaceAll(' ', '_'),
      rows_visited: rowsVisited,
      rows_changed: rowsChanged,
      duration_ms: durationMs,
      estimated_rows: total,
      recorded:
        state === undefined
          ? undefined
          : {
              ...{ state: state.state, batches: state.batches, pass: state.pass },
              ...{ rows_visited: state.rowsVisited, rows_changed: state.rowsChanged },
              cursor: state.cursor,
            },
      problems: problems.map(problemJson),
    }),
  ),
  problems: run.problems.map(problemJson),
})
