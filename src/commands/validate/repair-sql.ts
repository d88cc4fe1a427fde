// The SQL that would make the database hold what a contract says of one object; undefined where it cannot be known. Pure.

import { splitName } from '../../contract/contract.ts'
import type { Violation } from '../../contract/violation.ts'
import { quoteName } from '../../errors/define.ts'

export const repairSql = (violation: Violation): string | undefined => {
  const { object } = violation
  switch (object.kind) {
    case 'column':
      return repairColumn(violation)
    case 'index':
      return repairIndex(violation)
    case 'constraint':
      return repairConstraint(violation)
    case 'enum':
      return repairEnum(violation)
    case 'extension':
      return `CREATE EXTENSION IF NOT EXISTS ${quoteName(object.name)};`
    default:
      return undefined
  }
}

const quoted = (name: string): string => {
  const { schema, name: own } = splitName(name)
  return schema === undefined ? quoteName(own) : `${quoteName(schema)}.${quoteName(own)}`
}

// The contract's own words where it says something of the whole object, else what it says of the aspect.
const repairColumn = ({ object, aspect, expected }: Violation): string | undefined => {
  const table = quoted(object.of ?? '')
  const column = quoteName(object.name)
  const alter = `ALTER TABLE ${table} ALTER COLUMN ${column}`
  switch (aspect) {
    case 'existence': {
      if (expected === 'a column') return undefined
      const definition = expected.replace(/ nullable\b/, '')
      return `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${column} ${definition};`
    }
    case 'type':
      return `${alter} TYPE ${expected};`
    case 'nullability':
      return expected === 'NOT NULL' ? `${alter} SET NOT NULL;` : `${alter} DROP NOT NULL;`
    case 'default':
      if (expected === 'no default') return `${alter} DROP DEFAULT;`
      return expected.startsWith('DEFAULT ') ? `${alter} SET ${expected};` : undefined
    default:
      return undefined
  }
}

const repairIndex = ({ object, aspect, expected }: Violation): string | undefined => {
  // An index is in the schema of its table.
  const table = quoted(object.of ?? '')
  const { schema } = splitName(object.of ?? '')
  const index = quoteName(object.name)
  const shown = schema === undefined ? index : `${quoteName(schema)}.${index}`
  switch (aspect) {
    case 'existence': {
      const [, unique = '', definition = ''] = /^(UNIQUE )?(.*)$/s.exec(expected) ?? []
      if (definition === 'an index') return undefined
      const using = definition.startsWith('(') ? '' : 'USING '
      return `CREATE ${unique}INDEX CONCURRENTLY IF NOT EXISTS ${index} ON ${table} ${using}${definition};`
    }
    case 'validity':
      return `REINDEX INDEX CONCURRENTLY ${shown};`
    default:
      return undefined
  }
}

const repairConstraint = ({ object, aspect, expected }: Violation): string | undefined => {
  const alter = `ALTER TABLE ${quoted(object.of ?? '')}`
  const constraint = quoteName(object.name)
  switch (aspect) {
    case 'existence':
      return expected === 'a constraint'
        ? undefined
        : `${alter} ADD CONSTRAINT ${constraint} ${expected};`
    case 'validity':
      return `${alter} VALIDATE CONSTRAINT ${constraint};`
    default:
      return undefined
  }
}

const repairEnum = ({ object, aspect, labels }: Violation): string | undefined => {
  if (labels === undefined) return undefined
  const { expected: wanted, found: there } = labels
  const list = (labels: readonly string[]): string =>
    labels.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ')
  if (aspect === 'existence') return `CREATE TYPE ${quoted(object.name)} AS ENUM (${list(wanted)});`
  const missing = wanted.filter((label) => !there.includes(label))
  // Labels that are there in another order cannot be moved.
  if (missing.length === 0) return undefined
  return missing
    .map((label) => {
      const next = wanted.slice(wanted.indexOf(label) + 1).find((each) => there.includes(each))
      const place = next === undefined ? '' : ` BEFORE ${list([next])}`
      return `ALTER TYPE ${quoted(object.name)} ADD VALUE IF NOT EXISTS ${list([label])}${place};`
    })
    .join('\n')
}
