// From flags and environment to one string for each variable: flags > environment > defaults, secrets also
// from files. Everything that is wrong is collected; nothing is decided here about what a value means.

import { problem, type Problem } from '../../errors/problem.ts'
import { nearest } from '../../errors/nearest.ts'
import { checkVariables } from './check-variables.ts'
import { ignoredPgVariables } from './pg-variables.ts'
import type { SecretFile } from '../secret-file.ts'
import { flagOf, secretNames, variable, variableNames, type VariableName } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type Flags = Readonly<Partial<Record<VariableName, string>>>

export type ReadSecretFile = (path: string) => SecretFile

export type VariableValues = {
  readonly values: Readonly<Partial<Record<VariableName, string>>>
  readonly fromFlag: ReadonlySet<VariableName>
  readonly problems: readonly Problem[]
}

export const readVariables = (
  flags: Flags,
  environment: Environment,
  readSecretFile: ReadSecretFile,
): VariableValues => {
  const values: Partial<Record<VariableName, string>> = {}
  const fromFlag = new Set<VariableName>()
  const problems: Problem[] = unknownVariables(environment, flags)
  for (const name of variableNames) {
    const fromFile = readFromFile(name, environment, readSecretFile)
    if (fromFile?.kind === 'problem') problems.push(fromFile.problem)
    // An empty variable counts as unset: compose passes VAR= for a ${VAR} that nobody set.
    const fromEnvironment = environment[name] === '' ? undefined : environment[name]
    const value =
      flags[name] ?? fromEnvironment ?? (fromFile?.kind === 'value' ? fromFile.value : undefined)
    if (flags[name] !== undefined) fromFlag.add(name)
    if (value !== undefined) values[name] = value
  }
  problems.push(...malformed(values, fromFlag))
  for (const name of variableNames) {
    const standard = variable(name).default
    if (standard !== undefined) values[name] ??= standard
  }
  return { values, fromFlag, problems }
}

/** The name an operator gave a value by: the flag, or the variable. */
export const spelling = (name: VariableName, fromFlag: ReadonlySet<VariableName>): string =>
  fromFlag.has(name) ? `--${flagOf(name)}` : name

type FromFile =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'problem'; readonly problem: Problem }

const readFromFile = (
  name: VariableName,
  environment: Environment,
  readSecretFile: ReadSecretFile,
): FromFile | undefined => {
  const path = environment[`${name}_FILE`] ?? ''
  if (variable(name).secret !== true || path === '') return undefined
  if ((environment[name] ?? '') !== '')
    return { kind: 'problem', problem: problem('given-twice', { name }) }
  const read = readSecretFile(path)
  return read.kind === 'text'
    ? { kind: 'value', value: read.text }
    : {
        kind: 'problem',
        problem: problem('secret-file-unreadable', {
          name: `${name}_FILE`,
          reason: read.reason,
        }),
      }
}

const fileNames = secretNames.map((name) => `${name}_FILE`)
const ownNames: readonly string[] = [...variableNames, ...fileNames]
const knownNames: readonly string[] = [...ownNames, ...ignoredPgVariables]

// What Kubernetes sets for a service called migration-something, and for the ports of one.
const serviceLink = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)$/

// Names that are ours alone, so that one we do not know is a mistake.
const isOurs = (name: string): boolean => /^MIGRATIONS?_/.test(name) && !serviceLink.test(name)

// Beginnings of which a slip would change what a run does. LOGLEVEL or PG_HOST beside a URL are other programs'.
const isLikeOurs = (name: string, urlGiven: boolean): boolean =>
  /^(RUN_|DATABASE_|LEDGER_|LOG_|SERVICE_RO|STRICT_|REPORT_F|TERMINATION_)/.test(name) ||
  (!urlGiven && name.startsWith('PG'))

// A name is reported when it is a slip away from one of our variables that is not given: DATABASE_URI beside DATABASE_URL belongs
// to the service, alone it is a typo.
const unknownVariables = (environment: Environment, flags: Flags): Problem[] => {
  const given: Readonly<Record<string, string | undefined>> = { ...environment, ...flags }
  const isGiven = (name: string): boolean => (given[name] ?? '') !== ''
  const missing = ownNames.filter((name) => !isGiven(name) && !isGiven(`${name}_FILE`))
  const urlGiven = ownNames.some((name) => name.startsWith('DATABASE_URL') && isGiven(name))
  return Object.keys(environment)
    .filter((name) => !knownNames.includes(name) && (environment[name] ?? '') !== '')
    .flatMap((name) => {
      const ours = isOurs(name)
      if (!ours && !isLikeOurs(name.toUpperCase(), urlGiven)) return []
      const meant = nearest(name.toUpperCase(), ours ? ownNames : missing, name.length < 9 ? 1 : 2)
      return meant === undefined && !ours
        ? []
        : [problem('unknown-variable', { name, nearest: meant })]
    })
}

const malformed = (
  values: Readonly<Partial<Record<VariableName, string>>>,
  fromFlag: ReadonlySet<VariableName>,
): readonly Problem[] =>
  checkVariables(values)
    .map(({ path: [name] }) => name as VariableName)
    .map((name) => malformedValue(name, values[name], fromFlag, 'is not valid'))

/** What is wrong, and what to do where that is more than to give another value. */
export type Fault = { readonly reason: string; readonly cure?: string }

/** The one way to say that a value cannot be read; a secret's value is left out. */
export const malformedValue = (
  name: VariableName,
  value: string | undefined,
  fromFlag: ReadonlySet<VariableName>,
  fault: string | Fault,
): Problem => {
  const { reason, cure } = typeof fault === 'string' ? { reason: fault } : fault
  return problem('malformed-value', {
    name: spelling(name, fromFlag),
    value: variable(name).secret === true ? undefined : value,
    reason,
    form: variable(name).form,
    cure: cure ?? variable(name).cure,
  })
}
