// The figures as Markdown; pure.

import { verdict, type Bar } from './bars.ts'
import { caseName, number, type Case } from './cases.ts'
import { figureOf, type Figure } from './figures.ts'
import { median } from './median.ts'

export type Column = { readonly title: string; readonly of: Case }

export type TableOf = {
  readonly columns: readonly Column[]
  readonly runners: readonly string[]
  /** Ratios are against this one. */
  readonly against: string
  readonly unit: 'ms' | 'MiB'
  /** A figure of fewer runs says so. */
  readonly runs: number
}

export const figureTable = (figures: readonly Figure[], table: TableOf): string => {
  const measured = table.columns.filter(({ of }) =>
    figures.some((figure) => caseName(figure.of) === caseName(of)),
  )
  const rows = table.runners.filter((runner) =>
    measured.some(({ of }) => figureOf(figures, of, runner) !== undefined),
  )
  if (rows.length === 0) return ''
  return markdown(
    ['', ...measured.map(({ title }) => title)],
    rows.map((runner) => [runner, ...measured.map(({ of }) => cell(figures, of, runner, table))]),
  )
}

const cell = (
  figures: readonly Figure[],
  of: Case,
  runner: string,
  { against, unit, runs }: TableOf,
): string => {
  const figure = figureOf(figures, of, runner)
  if (figure === undefined) return '–'
  const value = median(figure.values)
  const base = figureOf(figures, of, against)
  const times = base === undefined ? [] : [`${digits(value / median(base.values), 2)}×`]
  const count = figure.values.length
  const fewer = count < runs ? [`${count} ${count === 1 ? 'run' : 'runs'}`] : []
  const remark = figure.remark === undefined ? [] : [figure.remark]
  return [`${number(Math.round(value))} ${unit}`, ...times, ...fewer, ...remark].join(' · ')
}

export type BarsOf = { readonly title: string; readonly bars: readonly Bar[] }

/** The same bars of one or several. */
export const barTable = (all: readonly BarsOf[]): string =>
  markdown(
    ['bar', 'limit', ...all.flatMap(({ title }) => [title, ''])],
    (all[0]?.bars ?? []).map(({ what, limit }, at) => [
      what,
      `≤ ${limit < 0.5 ? `1/${Math.round(1 / limit)} (${digits(limit, 3)})` : limit}`,
      ...all.flatMap(({ bars }) => barCells(bars[at])),
    ]),
  )

const barCells = (bar: Bar | undefined): readonly string[] =>
  bar?.measured === undefined ? ['–', 'not measured'] : [digits(bar.measured, 3), verdict(bar)]

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n') + '\n'

/** 0.034, 0.58, 1.4, 28: as many digits as say something. */
const digits = (value: number, significant: 2 | 3): string =>
  value >= 100 ? number(Math.round(value)) : String(Number(value.toPrecision(significant)))
