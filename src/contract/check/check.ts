// A contract × what the database has → every violation at once. The entry point of this module. Pure.

import { checkRelation, type Mismatch, type CheckedRelation } from './check-relation.ts'
import { splitName, type Contract, type LoadedContract } from '../contract.ts'
import type { Facts, FactsRequest, FunctionFacts, RelationRequest } from '../facts.ts'
import { isSameBareType } from './same-type.ts'
import type { Violation } from '../violation.ts'

/** What must be read to check these contracts. */
export const factsNeeded = (contracts: readonly LoadedContract[]): FactsRequest => {
  const all = contracts.map(({ contract }) => contract)
  const names = [
    ...new Set(
      all.flatMap(({ tables = {}, views = {} }) => [...Object.keys(tables), ...Object.keys(views)]),
    ),
  ]
  const functions = all.flatMap((contract) => Object.keys(contract.functions ?? {}))
  return {
    relations: names.map((name) => relationNeeded(name, all)),
    enums: [...new Set(all.flatMap((contract) => Object.keys(contract.enums ?? {})))],
    extensions: [...new Set(all.flatMap(({ extensions = [] }) => extensions))],
    functions: [...new Set(functions.map((signature) => splitSignature(signature).name))],
  }
}

const relationNeeded = (name: string, contracts: readonly Contract[]): RelationRequest => {
  const tables = contracts.flatMap(({ tables = {} }) => tables[name] ?? [])
  const columns = tables.flatMap((table) => Object.entries(table.columns ?? {}))
  const indexes = tables.flatMap((table) => Object.entries(table.indexes ?? {}))
  const constraints = tables.flatMap((table) => Object.entries(table.constraints ?? {}))
  return {
    name,
    // Of a column that is to have none, its text is there only to be shown.
    defaults: namesOf(
      columns.filter(([, column]) => column.default !== undefined && column.default !== true),
    ),
    indexes: namesOf(indexes),
    indexDefinitions: namesOf(indexes.filter(isDefined)),
    constraints: namesOf(constraints),
    constraintDefinitions: namesOf(constraints.filter(isDefined)),
  }
}

const namesOf = (entries: readonly (readonly [string, unknown])[]): readonly string[] => [
  ...new Set(entries.map(([name]) => name)),
]

const isDefined = ([, { definition }]: readonly [
  string,
  { readonly definition?: string },
]): boolean => definition !== undefined

/** In the order of the contract. */
export const check = ({ contract, placeOf }: LoadedContract, facts: Facts): readonly Violation[] =>
  [
    ...checkRelations(contract, facts),
    ...checkEnums(contract, facts),
    ...checkExtensions(contract, facts),
    ...checkFunctions(contract, facts),
  ].map((found) => ({ service: contract.service, ...found, place: placeOf(found.path) }))

const checkRelations = (
  { tables = {}, views = {} }: Contract,
  facts: Facts,
): readonly Mismatch[] => {
  const checked = (kind: CheckedRelation['kind'], name: string): CheckedRelation => ({
    kind,
    name,
    facts,
  })
  return [
    ...Object.entries(tables).flatMap(([name, table]) =>
      checkRelation(checked('table', name), table),
    ),
    ...Object.entries(views).flatMap(([name, view]) => checkRelation(checked('view', name), view)),
  ]
}

const checkEnums = ({ enums = {} }: Contract, { enums: found }: Facts): readonly Mismatch[] =>
  Object.entries(enums).flatMap(([name, expected]): readonly Mismatch[] => {
    const about = { object: { kind: 'enum', of: undefined, name }, path: ['enums', name] } as const
    const there = found.get(name)?.labels
    const shown = expected.join(', ')
    const labels = { expected, found: there ?? [] }
    if (there === undefined)
      return [{ ...about, aspect: 'existence', expected: shown, found: 'no such enum', labels }]
    const common = there.filter((label) => expected.includes(label))
    return common.length === expected.length && common.every((label, at) => label === expected[at])
      ? []
      : [{ ...about, aspect: 'labels', expected: shown, found: there.join(', '), labels }]
  })

const checkExtensions = (
  { extensions = [] }: Contract,
  { extensions: found }: Facts,
): readonly Mismatch[] =>
  extensions.flatMap((name, at): readonly Mismatch[] =>
    found.has(name)
      ? []
      : [
          {
            object: { kind: 'extension', of: undefined, name },
            aspect: 'existence',
            expected: 'installed',
            found: 'not installed in this database',
            path: ['extensions', String(at)],
          },
        ],
  )

const checkFunctions = ({ functions = {} }: Contract, facts: Facts): readonly Mismatch[] =>
  Object.entries(functions).flatMap(([signature, { returns }]): readonly Mismatch[] => {
    const about = {
      object: { kind: 'function', of: undefined, name: signature },
      path: ['functions', signature],
    } as const
    const { schema, name: plain, argumentTypes } = splitSignature(signature)
    const path = schema === undefined ? ['pg_catalog', ...facts.searchPath] : [schema]
    const overloads = path.flatMap((each) =>
      facts.functions.filter((found) => found.name === plain && found.schema === each),
    )
    const own = overloads.find(
      (each) =>
        each.argumentTypes.length === argumentTypes.length &&
        each.argumentTypes.every((type, at) =>
          isSameBareType(argumentTypes[at] ?? '', type, facts),
        ),
    )
    if (own === undefined) {
      const others = overloads.map(showFunction).join('; ')
      const found = others === '' ? 'no such function' : `only ${others}`
      return [{ ...about, aspect: 'existence', expected: signature, found }]
    }
    if (returns === undefined) return []
    return isSameResult(returns, own.returns ?? 'void', facts)
      ? []
      : [
          {
            ...about,
            aspect: 'result',
            expected: `returns ${returns}`,
            found: own.returns === undefined ? 'a procedure' : `returns ${own.returns}`,
            path: [...about.path, 'returns'],
          },
        ]
  })

const setOf = /^setof\s+/i

const isSameResult = (text: string, found: string, facts: Facts): boolean =>
  setOf.test(text) === setOf.test(found) &&
  isSameBareType(text.replace(setOf, ''), found.replace(setOf, ''), facts)

const showFunction = ({ name, argumentTypes }: FunctionFacts): string =>
  `${name}(${argumentTypes.join(', ')})`

/** 'audit.touch(bigint, numeric)' in its parts; the schema is undefined where the search path decides. */
export const splitSignature = (
  signature: string,
): {
  readonly schema: string | undefined
  readonly name: string
  readonly argumentTypes: readonly string[]
} => {
  const bracket = signature.indexOf('(')
  const inner = signature.slice(bracket + 1, signature.lastIndexOf(')')).trim()
  // Commas inside a type's own brackets part nothing.
  const argumentTypes = inner === '' ? [] : inner.split(/,(?![^(]*\))/).map((each) => each.trim())
  return { ...splitName(signature.slice(0, bracket).trim()), argumentTypes }
}
