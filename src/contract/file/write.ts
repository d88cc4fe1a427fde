// A contract as the text of its file: what belongs to one column, index or constraint is on one line, so that a change
// of it is a change of one line.

import type { Contract } from '../contract.ts'

const schema = './contract.schema.json'

export const writeContract = (contract: Contract, schemaPath = schema): string =>
  `${write({ $schema: schemaPath, ...contract }, '')}\n`

const write = (value: unknown, indent: string): string => {
  if (!isRecord(value) || isLeaf(value)) return oneLine(value)
  const inner = `${indent}  `
  const members = Object.entries(value).map(
    ([name, member]) => `${inner}${JSON.stringify(name)}: ${write(member, inner)}`,
  )
  return `{\n${members.join(',\n')}\n${indent}}`
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isLeaf = (value: Readonly<Record<string, unknown>>): boolean =>
  Object.values(value).every((each) => !isRecord(each) && !Array.isArray(each))

// With spaces inside the brackets, as formatters leave it.
const oneLine = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((each) => JSON.stringify(each)).join(', ')}]`
  if (!isRecord(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
