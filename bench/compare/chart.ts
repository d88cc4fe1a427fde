// A plot as a description for Apache ECharts, which draws it (bench/peers/plot.js); pure.

import { caseName } from './cases.ts'
import { figureOf, type Figure } from './figures.ts'
import { median } from './median.ts'
import type { Column } from './table.ts'

export type Chart = Readonly<Record<string, unknown>>

/** One group of bars for each runner, one bar in it for each column. Undefined when nothing of it was measured. */
export const barChart = (
  figures: readonly Figure[],
  title: string,
  {
    columns,
    runners,
  }: { readonly columns: readonly Column[]; readonly runners: readonly string[] },
): Chart | undefined => {
  const measured = columns.filter(({ of }) =>
    figures.some((figure) => caseName(figure.of) === caseName(of)),
  )
  const rows = runners.filter((name) =>
    measured.some(({ of }) => figureOf(figures, of, name) !== undefined),
  )
  if (rows.length === 0) return undefined
  return {
    width: 860,
    height: 110 + rows.length * (14 + 18 * measured.length),
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 12, top: 8 },
    legend: { left: 12, top: 38 },
    grid: { left: 180, right: 80, top: 70, bottom: 30 },
    xAxis: { type: 'value' },
    yAxis: { type: 'category', inverse: true, data: rows },
    series: measured.map((column) => ({
      name: column.title,
      type: 'bar',
      label: { show: true, position: 'right' },
      data: rows.map((name) => {
        const figure = figureOf(figures, column.of, name)
        return figure === undefined ? null : Math.round(median(figure.values))
      }),
    })),
  }
}
