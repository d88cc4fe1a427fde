// A problem as text: title, place with a caret, the server's words, what happened to the database, what to do.

import type { Place, Problem } from '../../errors/problem.ts'
import { continued, oneLine } from '../visible.ts'

export const renderProblem = (problem: Problem): string => withPlace(problem, renderPlace)

/** For what has room for few lines: without the empty one before the excerpt. */
export const renderProblemBriefly = (problem: Problem): string =>
  withPlace(problem, renderPlaceBriefly)

type PlaceLines = (place: Place) => readonly string[]

const withPlace = (problem: Problem, placeLines: PlaceLines): string => {
  const { code, title, place, detail, database, fix } = problem
  return [
    `error[${code}]: ${continued(title)}`,
    ...(place === undefined ? [] : placeLines(place)),
    ...detail.map((line) => `  ${continued(line)}`),
    `  database: ${database}`,
    `  fix: ${fix.replaceAll('\n', '\n    ')}`,
  ].join('\n')
}

const widestExcerpt = 100
// Of what is at the place, its beginning alone would tell little.
const leastBehind = 30

/** Where it is, and the line with a caret under the place. */
export const renderPlace = ({ file, line, column, excerpt }: Place): readonly string[] => {
  const at = `  --> ${oneLine(file)}:${line}:${column}`
  if (excerpt.trim() === '') return [at]
  const number = String(line)
  const margin = ' '.repeat(number.length)
  // A line of a thousand columns is shown around the place, with a mark where it is cut.
  const characters = Array.from(excerpt.replaceAll('\t', ' '))
  const from =
    characters.length > widestExcerpt && column > widestExcerpt - leastBehind
      ? column - Math.floor(widestExcerpt / 2)
      : 0
  const to = from + widestExcerpt
  const before = from > 0 ? '…' : ''
  const shown = before + characters.slice(from, to).join('') + (characters.length > to ? '…' : '')
  return [
    at,
    `  ${margin} |`,
    `  ${number} | ${shown}`,
    `  ${margin} | ${' '.repeat(column - 1 - from + before.length)}^`,
  ]
}

export const renderPlaceBriefly: PlaceLines = (place) =>
  renderPlace(place).filter((_, at) => at !== 1)
