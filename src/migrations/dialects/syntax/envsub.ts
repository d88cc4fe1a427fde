// Between goose's '-- +goose ENVSUB ON' and OFF, $NAME and ${NAME} stand for variables of the environment.
// https://github.com/mfridman/interpolate

import { problem, type Problem } from '../../../errors/problem.ts'
import { placeAt } from '../../../sql/text/offsets.ts'
import type { ForeignFile, Misfit, Up, Variables } from '../dialect.ts'

const expansion =
  /\\\\|\\\$|\$\$|\$\(|\$(?:([A-Za-z]\w*)|\{([A-Za-z]\w*)(?:(:?-)([^{}$]*))?\}|\{[^}]*\}?)/g

export const fillFromEnvironment = (
  { file, text, found }: ForeignFile,
  up: Up,
  variables: Variables,
): Up => {
  const spans = spansOf(up.text, found)
  if (spans.length === 0) return up
  const problems: Problem[] = []
  const misfits: Misfit[] = []
  const fill = (piece: string, from: number): string =>
    piece.replace(expansion, (...match: readonly unknown[]) => {
      const [all = '', bare, braced, operator, standard = ''] = match as readonly string[]
      const place = placeAt(file, text, from + Number(match[5]))
      if (all === '\\\\' || all === '$(') return all
      if (all === '\\$' || all === '$$') return '$'
      const name = bare ?? braced
      if (name === undefined) {
        misfits.push({ reason: `has '${all}', which schemagate does not fill in`, place })
        return all
      }
      const value = variables[name]
      if (value !== undefined && (value !== '' || operator !== ':-')) return value
      if (operator !== undefined) return standard
      problems.push(problem('unset-placeholder', { file, placeholder: all, variable: name }, place))
      return all
    })
  let filled = ''
  let at = 0
  for (const { start, end } of spans) {
    filled += up.text.slice(at, start) + fill(up.text.slice(start, end), start)
    at = end
  }
  return {
    ...up,
    text: filled + up.text.slice(at),
    kept: up.kept ?? text,
    misfits: [...up.misfits, ...misfits],
    problems,
  }
}

type Span = { readonly start: number; readonly end: number }

const spansOf = (text: string, found: ForeignFile['found']): readonly Span[] => {
  const spans: Span[] = []
  let start: number | undefined
  for (const marker of found) {
    const [, state] = /ENVSUB(?:ST)?\s+(ON|OFF)/i.exec(marker.text) ?? []
    if (state?.toUpperCase() === 'ON') start ??= marker.start + marker.text.length
    if (state?.toUpperCase() !== 'OFF' || start === undefined) continue
    spans.push({ start, end: marker.start })
    start = undefined
  }
  return start === undefined ? spans : [...spans, { start, end: text.length }]
}
