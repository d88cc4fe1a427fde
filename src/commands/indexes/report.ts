// What became of the declared indexes, as text and JSON.

import type { Problem } from '../../errors/problem.ts'
import { problemJson } from '../../report/formats/problem-json.ts'
import { renderProblem } from '../../report/formats/problem-text.ts'
import { oneLine } from '../../report/visible.ts'

export type IndexesReport = {
  readonly indexes: readonly {
    readonly file: string
    readonly index: string
    readonly table: string
    readonly state: string
    readonly problem: Problem | undefined
  }[]
  readonly problems: readonly Problem[]
  readonly exitCode: number
}

export const allProblems = ({
  indexes,
  problems,
}: Pick<IndexesReport, 'indexes' | 'problems'>): readonly Problem[] => [
  ...problems,
  ...indexes.flatMap(({ problem }) => problem ?? []),
]

export const renderIndexes = (report: IndexesReport): string => {
  const found = allProblems(report)
  const count = report.indexes.length
  const widest = Math.max('rebuilt'.length, ...report.indexes.map(({ state }) => state.length))
  return [
    ...report.indexes.map(({ state, file, index, table }) =>
      oneLine(`${state.padEnd(widest)}  ${file}  ${index} on ${table}`),
    ),
    ...found.map(renderProblem),
    found.length === 0
      ? `${count} declared index${count === 1 ? '' : 'es'}, all there and valid`
      : `${found.length} problem${found.length === 1 ? '' : 's'} with the declared indexes (exit code ${report.exitCode})`,
    '',
  ].join('\n')
}

export const indexesJson = ({ indexes, problems, exitCode }: IndexesReport): unknown => ({
  exit_code: exitCode,
  indexes: indexes.map(({ problem, ...index }) => ({
    ...index,
    problem: problem && problemJson(problem),
  })),
  problems: problems.map(problemJson),
})
