// Directives: comment lines '-- @name value' at the top of a file, before its first statement.

import { problem, type Place, type Problem } from '../errors/problem.ts'
import { compileSchema } from '../json-schema.ts'
import { nearest } from '../nearest.ts'
import {
  durationForm,
  durationPattern,
  parseLockTimeout,
  parseStatementTimeout,
} from '../sql/duration.ts'
import { placeAt } from '../sql/offsets.ts'
import type { Directives } from './migration.ts'

const schema = {
  'lock-timeout': { type: 'string', pattern: durationPattern, form: durationForm },
  'statement-timeout': { type: 'string', pattern: durationPattern, form: durationForm },
  transaction: { type: 'string', enum: ['off'], form: 'the word off' },
} as const

type DirectiveName = keyof typeof schema
const directiveNames = Object.keys(schema) as DirectiveName[]

const check = compileSchema({ type: 'object', properties: schema })

export type ReadDirectives = {
  readonly directives: Directives
  readonly problems: readonly Problem[]
}

export const readDirectives = (file: string, text: string): ReadDirectives => {
  const problems: Problem[] = []
  const values: Partial<Record<DirectiveName, string>> = {}
  for (const { name, value, place } of directiveLines(file, text)) {
    const known = directiveNames.find((each) => each === name)
    if (known === undefined) {
      const facts = {
        directive: name,
        nearest: nearest(name, directiveNames, 3),
        // @transaction is known, and refused for now: no help to offer it.
        valid: directiveNames
          .filter((each) => each !== 'transaction')
          .map((each) => `@${each}`)
          .join(', '),
      }
      problems.push(problem('unknown-directive', facts, place))
    } else if (check({ [known]: value }).length > 0 || isOutOfRange(known, value)) {
      const facts = { directive: known, value, form: schema[known].form }
      problems.push(problem('malformed-directive', facts, place))
    } else if (values[known] !== undefined) {
      problems.push(problem('repeated-directive', { directive: known }, place))
    } else values[known] = value
  }
  const lockTimeout = parseLockTimeout(values['lock-timeout'] ?? '')
  const statementTimeout = parseStatementTimeout(values['statement-timeout'] ?? '')
  return {
    directives: {
      ...(lockTimeout === undefined ? {} : { lockTimeout }),
      ...(statementTimeout === undefined ? {} : { statementTimeout }),
      ...(values.transaction === undefined ? {} : { transaction: 'off' }),
    },
    problems,
  }
}

const isOutOfRange = (name: DirectiveName, value: string): boolean =>
  name !== 'transaction' && parseLockTimeout(value) === undefined

type DirectiveLine = { readonly name: string; readonly value: string; readonly place: Place }

const directiveLines = (file: string, text: string): readonly DirectiveLine[] => {
  const lines: DirectiveLine[] = []
  let index = 0
  for (const line of text.split('\n')) {
    if (!/^\s*(--.*)?$/.test(line)) break
    const match = /^\s*--\s*@(\S*)\s*(.*?)\s*$/.exec(line)
    if (match !== null) {
      const place = placeAt(file, text, index + line.indexOf('@'))
      lines.push({ name: match[1] ?? '', value: match[2] ?? '', place })
    }
    index += line.length + 1
  }
  return lines
}
