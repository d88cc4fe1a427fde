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
import {
  fingerprintForm,
  readFingerprint,
  readSqlCheck,
  verifyForm,
  type Fingerprint,
  type SqlCheck,
} from './fingerprint.ts'
import type { Allowance, Directives } from './migration.ts'

const schema = {
  'lock-timeout': { type: 'string', pattern: durationPattern, form: durationForm },
  'statement-timeout': { type: 'string', pattern: durationPattern, form: durationForm },
  transaction: { type: 'string', enum: ['off'], form: 'the word off' },
  fingerprint: { type: 'string', form: fingerprintForm },
  verify: { type: 'string', form: verifyForm },
  allow: {
    type: 'string',
    pattern: '^[^\\s]+\\s+[^\\s]',
    form: "a rule of 'schemagate lint' and the reason, such as: drop-column nothing reads it since version 7",
  },
} as const

type DirectiveName = keyof typeof schema

/** Those that may be repeated. */
type Listed = 'fingerprint' | 'verify' | 'allow'

type Lists = {
  readonly fingerprints: Fingerprint[]
  readonly verify: SqlCheck[]
  readonly allow: Allowance[]
}
const directiveNames = Object.keys(schema) as DirectiveName[]

const check = compileSchema({ type: 'object', properties: schema })

export type ReadDirectives = {
  readonly directives: Directives
  readonly problems: readonly Problem[]
}

export const readDirectives = (file: string, text: string): ReadDirectives => {
  const problems: Problem[] = []
  const values: Partial<Record<DirectiveName, string>> = {}
  const lists: Lists = { fingerprints: [], verify: [], allow: [] }
  for (const { name, value, place } of directiveLines(file, text)) {
    const known = directiveNames.find((each) => each === name)
    if (known === undefined) {
      const facts = {
        directive: name,
        nearest: nearest(name, directiveNames, 3),
        valid: directiveNames.map((each) => `@${each}`).join(', '),
      }
      problems.push(problem('unknown-directive', facts, place))
    } else if (check({ [known]: value }).length > 0 || isOutOfRange(known, value)) {
      const facts = { directive: known, value, form: schema[known].form }
      problems.push(problem('malformed-directive', facts, place))
    } else if (isListed(known)) {
      if (!addTo(lists, known, value, place)) {
        const facts = { directive: known, value, form: schema[known].form }
        problems.push(problem('malformed-directive', facts, place))
      }
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
      ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    },
    problems,
  }
}

const isOutOfRange = (name: DirectiveName, value: string): boolean =>
  name.endsWith('-timeout') && parseLockTimeout(value) === undefined

const isListed = (name: DirectiveName): name is Listed =>
  name === 'fingerprint' || name === 'verify' || name === 'allow'

// False for a value that is not of the form.
const addTo = (lists: Lists, name: Listed, value: string, place: Place): boolean => {
  switch (name) {
    case 'allow':
      return lists.allow.push(allowanceOf(value, place)) > 0
    case 'verify': {
      const check = readSqlCheck(value, place)
      return check !== undefined && lists.verify.push(check) > 0
    }
    case 'fingerprint': {
      const fingerprint = readFingerprint(value, place)
      return fingerprint !== undefined && lists.fingerprints.push(fingerprint) > 0
    }
  }
}

const allowanceOf = (value: string, place: Place): Allowance => {
  const [rule = '', ...words] = value.split(/\s+/)
  return { rule, reason: words.join(' '), place }
}

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
