// Which changesets Liquibase takes at all: by database, by contexts and by labels. Contexts and labels are decided by what Liquibase
// is started with; where that is not known, nothing is decided for it.
// https://docs.liquibase.com/concepts/changelogs/attributes/contexts.html

import type { Variables } from '../dialect.ts'
import { attribute, isTrue } from './changesets.ts'

const contextsVariable = 'LIQUIBASE_COMMAND_CONTEXTS'
const labelsVariable = 'LIQUIBASE_COMMAND_LABEL_FILTER'

/** Why it is not certain whether it runs. */
type Unknown = { readonly unknown: string }

export const isTaken = (header: string, variables: Variables): boolean | Unknown => {
  if (isTrue(header, 'ignore') || !isFor(attribute(header, 'dbms') ?? 'all')) return false
  const context = attribute(header, 'contextFilter') ?? attribute(header, 'context') ?? ''
  const labels = attribute(header, 'labels') ?? ''
  const contextsSet = variables[contextsVariable] ?? ''
  const filter = variables[labelsVariable] ?? ''
  if (context !== '' && contextsSet === '') return unknown(`context:${context}`, contextsVariable)
  if (labels !== '' && filter === '') return unknown(`labels:${labels}`, labelsVariable)
  return (
    (context === '' || holds(context, listed(contextsSet))) &&
    (labels === '' || filter === '' || holds(filter, listed(labels)))
  )
}

const unknown = (has: string, variable: string): Unknown => ({
  unknown: `has '${has}', and ${variable} is not set, by which Liquibase decides whether it runs`,
})

const isFor = (dbms: string): boolean => {
  const names = listed(dbms)
  if (names.includes('!postgresql') || names.includes('none')) return false
  const wanted = names.filter((name) => !name.startsWith('!'))
  return wanted.length === 0 || wanted.includes('all') || wanted.includes('postgresql')
}

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '')

/** 'a and (b or !c), d': a comma is the weakest 'or'. */
const holds = (expression: string, given: readonly string[]): boolean => {
  const words = expression.toLowerCase().match(/[(),!]|[^\s(),!]+/g) ?? []
  let at = 0
  const next = (...wanted: readonly string[]): boolean => {
    const isNext = wanted.includes(words[at] ?? '')
    if (isNext) at++
    return isNext
  }
  const one = (): boolean => {
    if (next('!', 'not')) return !one()
    if (!next('(')) return given.includes((words[at++] ?? '').replace(/^@/, ''))
    const inner = any()
    next(')')
    return inner
  }
  const all = (): boolean => {
    let result = one()
    while (next('and')) result = one() && result
    return result
  }
  const any = (): boolean => {
    let result = all()
    while (next('or', ',')) result = all() || result
    return result
  }
  return any()
}
