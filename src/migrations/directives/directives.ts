// Directives: comment lines '-- @name value' at the top of a file, before its first statement.

import { problem, type Place, type Problem } from '../../errors/problem.ts'
import { meantBy } from '../../errors/nearest.ts'
import { parseLockTimeout, parseStatementTimeout } from '../../sql/duration.ts'
import { placeAt } from '../../sql/text/offsets.ts'
import { checkDirective } from './check-directive.ts'
import { directiveSchemas } from './directive-schemas.ts'
import { readFingerprint, readSqlCheck, type Fingerprint, type SqlCheck } from '../fingerprint.ts'
import { readReplaces } from '../replaces.ts'
import type { Allowance, Directives } from '../migration.ts'

type DirectiveName = keyof typeof directiveSchemas

/** Those that may be repeated. */
type Listed = 'fingerprint' | 'verify' | 'allow'

type Lists = {
  readonly fingerprints: Fingerprint[]
  readonly verify: SqlCheck[]
  readonly allow: Allowance[]
}
const directiveNames = Object.keys(directiveSchemas) as DirectiveName[]

export type ReadDirectives = {
  readonly directives: Directives
  readonly problems: readonly Problem[]
}

export const readDirectives = (file: string, text: string): ReadDirectives => {
  // Most files have none, and there may be thousands of them at every start.
  if (!text.includes('@')) return none
  const lines = directiveLines(file, text)
  return lines.length === 0 ? none : readLines(lines)
}

const none: ReadDirectives = { directives: {}, problems: [] }

const readLines = (lines: readonly DirectiveLine[]): ReadDirectives => {
  const problems: Problem[] = []
  const values: Partial<Record<DirectiveName, string>> = {}
  const lists: Lists = { fingerprints: [], verify: [], allow: [] }
  for (const { name, value, place } of lines) {
    const known = directiveNames.find((each) => each === name)
    if (known === undefined) problems.push(...mistyped({ name, value, place }, directiveNames))
    else if (checkDirective({ [known]: value }).length > 0 || isOutOfRange(known, value)) {
      const facts = { directive: known, value, form: directiveSchemas[known].form }
      problems.push(problem('malformed-directive', facts, place))
    } else if (isListed(known)) {
      if (!addTo(lists, known, value, place)) {
        const facts = { directive: known, value, form: directiveSchemas[known].form }
        problems.push(problem('malformed-directive', facts, place))
      }
    } else if (values[known] !== undefined) {
      problems.push(problem('repeated-directive', { directive: known }, place))
    } else values[known] = value
  }
  const replaces = readReplaces(values.replaces ?? '')
  const lockTimeout = parseLockTimeout(values['lock-timeout'] ?? '')
  const statementTimeout = parseStatementTimeout(values['statement-timeout'] ?? '')
  return {
    directives: {
      ...(lockTimeout === undefined ? {} : { lockTimeout }),
      ...(statementTimeout === undefined ? {} : { statementTimeout }),
      ...(replaces === undefined ? {} : { replaces }),
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

/** What is near one of these names is taken for it; '@author', '@formatter:off' and what else looks like this in comments is not ours. */
export const mistyped = (
  { name, value, place }: DirectiveLine,
  names: readonly string[],
): readonly Problem[] => {
  // '@ lock-timeout 5s' is a slip as well.
  const directive = name === '' ? ` ${value.split(/\s/)[0] ?? ''}` : name
  const meant = meantBy(directive, names)
  if (meant === undefined) return []
  const valid = names.map((each) => `@${each}`).join(', ')
  return [problem('unknown-directive', { directive, nearest: meant, valid }, place)]
}

export type DirectiveLine = {
  readonly name: string
  readonly value: string
  readonly place: Place
}

/** Those of any file that has such lines at the top, whatever they say. */
export const directiveLines = (file: string, text: string): readonly DirectiveLine[] => {
  const lines: DirectiveLine[] = []
  // Line by line, and no further than the head: files of data have megabytes.
  for (let index = 0; index < text.length;) {
    const end = text.indexOf('\n', index)
    const line = text.slice(index, end === -1 ? undefined : end)
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
