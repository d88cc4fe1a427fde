// The results as a part of the page, with its plots; pure.

import { barTable, figureTable, type BarsOf, type Column } from './table.ts'
import { bars } from './bars.ts'
import { caseName, number, type Case } from './cases.ts'
import { barChart, type Chart } from './chart.ts'
import type { Figure } from './figures.ts'
import { gateName, type Suffix } from './own-runners.ts'
import type { Runner } from './runner.ts'

export type Measured = {
  readonly figures: readonly Figure[]
  readonly runners: readonly Pick<Runner, 'name' | 'kind'>[]
  readonly runs: number
  /** What it was measured with and on: lines of a list. */
  readonly setting: readonly string[]
}

export type Report = {
  readonly text: string
  /** To be drawn into files of these names, beside the page. */
  readonly plots: readonly { readonly file: string; readonly chart: Chart }[]
}

export const report = (measured: Measured): Report => {
  const { figures, runners, runs, setting } = measured
  const names = runners.map(({ name }) => name)
  const peerNames = runners.filter(({ kind }) => kind === 'peer').map(({ name }) => name)
  const sections = sectionsOf(figures.map(({ of }) => of))
  const plots = sections.flatMap(({ title, plot, columns }) => {
    const chart =
      plot === undefined
        ? undefined
        : barChart(figures, `${title}: ms`, { columns, runners: names })
    return plot === undefined || chart === undefined ? [] : [{ file: plot, title, chart }]
  })
  const tables = sections.map(({ title, unit, columns }) => {
    const table = figureTable(figures, {
      ...{ columns, runners: names, against: gateName, unit, runs },
    })
    const picture = plots.find((plot) => plot.title === title)
    const image = picture === undefined ? '' : `\n![${title}](${picture.file})\n`
    return table === '' ? '' : `### ${title}\n\n${table}${image}`
  })
  return {
    text: [
      `${setting.map((line) => `- ${line}`).join('\n')}\n`,
      `### Bars\n\n${barTable(barsOf(measured, peerNames))}`,
      ...tables.filter((table) => table !== ''),
    ].join('\n'),
    plots,
  }
}

const barsOf = (
  { figures, runners }: Measured,
  peerNames: readonly string[],
): readonly BarsOf[] => {
  const suffixes = runners.flatMap(({ kind, name }) =>
    kind === 'gate' ? [name.slice(gateName.length) as Suffix] : [],
  )
  return suffixes.map((suffix) => ({
    title: suffix === '' ? 'measured' : suffix.trim(),
    bars: bars(figures, peerNames, suffix),
  }))
}

type Section = {
  readonly title: string
  readonly unit: 'ms' | 'MiB'
  readonly columns: readonly Column[]
  readonly plot?: string
}

const sectionsOf = (all: readonly Case[]): readonly Section[] => {
  const cases = all.filter(
    (one, at) => all.findIndex((other) => caseName(other) === caseName(one)) === at,
  )
  const delays = [...new Set(cases.flatMap((one) => (one.kind === 'no-op' ? [one.delayMs] : [])))]
  const apply = (who: 'everybody' | 'the gate'): readonly Column[] =>
    cases.flatMap((of) =>
      of.kind === 'apply' && of.who === who
        ? [{ of, title: `${number(of.count)} at ${of.delayMs} ms` }]
        : [],
    )
  const noOp = (delayMs: number): readonly Column[] =>
    cases.flatMap((of) =>
      of.kind === 'no-op' && of.delayMs === delayMs
        ? [{ of, title: `${number(of.count)} recorded` }]
        : [],
    )
  const many = cases.flatMap((of) =>
    of.kind === 'together' || of.kind === 'one by one' ? [{ of, title: caseName(of) }] : [],
  )
  const memory = cases.flatMap((of) =>
    of.kind === 'memory' ? [{ of, title: `${of.doing}, ${number(of.count)}` }] : [],
  )
  return [
    {
      ...{ title: 'Apply', unit: 'ms' },
      ...{ columns: apply('everybody'), plot: 'performance-apply.svg' },
    },
    {
      title: 'The gate alone, where the peers would take many minutes',
      ...{ unit: 'ms', columns: apply('the gate') },
    },
    ...delays.map((delayMs): Section => ({
      ...{ title: `No-op at ${delayMs} ms`, unit: 'ms' },
      columns: noOp(delayMs),
      plot: `performance-no-op-${delayMs}ms.svg`,
    })),
    { title: 'Many runners', unit: 'ms', columns: many },
    { title: 'Peak memory', unit: 'MiB', columns: memory },
  ]
}
