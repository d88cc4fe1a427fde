// Timelines as short lines of text: what each object is at the end, or became file by file.

import { describeObject } from '../../../../src/schema/effects/effect.ts'
import {
  readHistory,
  type History,
  type LoginPath,
} from '../../../../src/schema/history/history.ts'
import type { Change, Timeline, Value } from '../../../../src/schema/history/model/timeline.ts'
import { loadParser } from '../../../../src/sql/tree/parse.ts'
import { aMigration } from '../../a-migration.ts'
import { showDefinition } from '../effects/effect-lines.ts'

const parse = await loadParser()

/** Files in their order, as 1_a.sql, 2_a.sql, … */
export const historyOf = (files: readonly string[], loginPath?: LoginPath): History =>
  readHistory(
    files.map((text, index) => aMigration(`${index + 1}_a.sql`, text)),
    { parse, ...(loginPath && { loginPath }) },
  )

const showValue = (value: Value): string =>
  value.kind === 'defined' ? showDefinition(value.definition) : `(${value.kind})`

const showChange = ({ at, how, value }: Change): string => `${at + 1} ${how} ${showValue(value)}`

const nameOf = ({ object, property }: Timeline): string => `${describeObject(object)} ${property}`

// 'column t.a type: int4'; unknown and absent in brackets.
const valuesOf = (files: readonly string[], loginPath?: LoginPath): readonly string[] =>
  historyOf(files, loginPath).timelines.map(
    (timeline) =>
      `${nameOf(timeline)}: ${showValue(timeline.changes.at(-1)?.value ?? timeline.before)}`,
  )

/** What is there at the end, facet by facet, without what goes without saying. */
export const endOf = (files: readonly string[], loginPath?: LoginPath): readonly string[] =>
  valuesOf(files, loginPath)
    .filter(
      (line) =>
        !/ existence: (table|column|view|sequence|enum|schema)$/.test(line) &&
        !/ (nullability: NULL|default: no default|validation: (valid|validated))$/.test(line) &&
        !line.endsWith(': (absent)'),
    )
    .sort()

/** '(absent) → 1 create int4 → 2 alter text' for one facet of one object. */
export const courseOf = (files: readonly string[], name: string): string => {
  const timeline = historyOf(files).timelines.find((each) => nameOf(each) === name)
  return timeline === undefined
    ? 'no timeline'
    : [`(${timeline.before.kind})`, ...timeline.changes.map(showChange)].join(' → ')
}
