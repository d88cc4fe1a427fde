// ${name} in a file of Flyway, wherever it is: FLYWAY_PLACEHOLDERS_NAME has its value, in letters of any case.
// https://documentation.red-gate.com/flyway/flyway-concepts/migrations/migration-placeholders

import { problem, type Problem } from '../../../errors/problem.ts'
import { placeAt } from '../../../sql/text/offsets.ts'
import type { ForeignFile, Misfit, Up, Variables } from '../dialect.ts'

const variable = 'FLYWAY_PLACEHOLDERS_'

export const fillPlaceholders = ({ file, text, listed }: ForeignFile, variables: Variables): Up => {
  const misfits: Misfit[] = listed.misfit === undefined ? [] : [{ reason: listed.misfit }]
  const whole: Up = { text, down: 'none', misfits }
  const prefix = variables['FLYWAY_PLACEHOLDER_PREFIX'] ?? '${'
  const suffix = variables['FLYWAY_PLACEHOLDER_SUFFIX'] ?? '}'
  const isOff = variables['FLYWAY_PLACEHOLDER_REPLACEMENT'] === 'false'
  if (isOff || listed.placeholders === 'kept' || !text.includes(prefix)) return whole
  const values = valuesIn(variables)
  const problems: Problem[] = []
  let filled = ''
  let at = 0
  for (let start = text.indexOf(prefix); start !== -1; start = text.indexOf(prefix, at)) {
    const end = text.indexOf(suffix, start + prefix.length)
    const name = text.slice(start + prefix.length, end === -1 ? undefined : end)
    const place = placeAt(file, text, start)
    const placeholder = prefix + name + suffix
    const value =
      name === 'flyway:filename' ? (file.split('/').at(-1) ?? '') : values.get(name.toLowerCase())
    if (end === -1) misfits.push({ reason: `has '${prefix}' without '${suffix}'`, place })
    else if (value === undefined && name.startsWith('flyway:'))
      misfits.push({ reason: `has '${placeholder}', which only Flyway can fill in`, place })
    else if (value === undefined) {
      const facts = { file, placeholder, variable: variable + name.toUpperCase() }
      problems.push(problem('unset-placeholder', facts, place))
    }
    filled += text.slice(at, start) + (value ?? '')
    at = end === -1 ? text.length : end + suffix.length
  }
  return { ...whole, text: filled + text.slice(at), kept: text, problems }
}

const valuesIn = (variables: Variables): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(variables).flatMap(([name, value]) =>
      name.startsWith(variable) && value !== undefined
        ? [[name.slice(variable.length).toLowerCase(), value] as const]
        : [],
    ),
  )
