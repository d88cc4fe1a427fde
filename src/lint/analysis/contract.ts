// What services say they rely on, by the objects that statements change.

import { splitSignature } from '../../contract/check/check.ts'
import {
  isInsertedInto,
  ownMember,
  splitName,
  type ColumnContract,
  type Contract,
} from '../../contract/contract.ts'
import { describeObject, type ObjectName } from '../../schema/effects/effect.ts'

export type ContractUse = {
  readonly service: string
  /** What the contract says of a column. */
  readonly column?: ColumnContract
  /** Of a table: its INSERTs leave columns out. */
  readonly inserts?: true
  /** The labels that the contract needs of an enum. */
  readonly labels?: readonly string[]
}

/** The services whose contracts name the object. */
export const contractsUsing = (
  contracts: readonly Contract[],
  object: ObjectName,
): readonly ContractUse[] =>
  contracts.flatMap((contract) => {
    const use = useOf(contract, object)
    return use === undefined ? [] : [{ service: contract.service, ...use }]
  })

type UseOfObject = Omit<ContractUse, 'service'>

const useOf = (contract: Contract, object: ObjectName): UseOfObject | undefined => {
  const { tables, views, enums, extensions = [], functions = {} } = contract
  const relation = { ...object, name: object.table }
  switch (object.kind) {
    case 'table': {
      const table = named(tables, object)
      return table && (isInsertedInto(table) ? { inserts: true } : {})
    }
    case 'view':
    case 'materialized view':
      return named(views, object) && {}
    case 'column': {
      const of = named(tables, relation) ?? named(views, relation)
      const column = ownMember(of?.columns, object.name)
      return column && { column }
    }
    case 'constraint':
      return ownMember(named(tables, relation)?.constraints, object.name) && {}
    case 'index':
      return Object.entries(tables ?? {}).some(
        ([table, { indexes }]) =>
          schemaOf(table) === object.schema && ownMember(indexes, object.name) !== undefined,
      )
        ? {}
        : undefined
    case 'type': {
      const labels = named(enums, object)
      return labels && { labels }
    }
    case 'extension':
      return extensions.includes(object.name) ? {} : undefined
    case 'function':
      return Object.keys(functions).some((signature) => isCalled(signature, object))
        ? {}
        : undefined
    default:
      return undefined
  }
}

type Named = Pick<ObjectName, 'schema' | 'name'>

// A name without a schema is looked up along the search path; here it is taken for public.
const named = <Value>(
  members: Readonly<Record<string, Value>> | undefined,
  { schema, name }: Named,
): Value | undefined =>
  ownMember(members, `${schema}.${name}`) ??
  (schema === 'public' ? ownMember(members, name) : undefined)

const schemaOf = (name: string): string => splitName(name).schema ?? 'public'

// Types are spelled in many ways; overloads of one number of arguments are not distinguished.
const isCalled = (signature: string, { schema, name }: ObjectName): boolean => {
  const use = splitSignature(signature)
  const found = splitSignature(name.includes('(') ? name : `${name}()`)
  return (
    use.name === found.name &&
    (use.schema ?? 'public') === schema &&
    (!name.includes('(') || use.argumentTypes.length === found.argumentTypes.length)
  )
}

/** 'the contracts of api and worker name column call_log.status' */
export const describeContractUse = (
  services: readonly { readonly service: string }[],
  object: ObjectName,
): string => {
  const names = services.map(({ service }) => service)
  const use =
    names.length === 1
      ? `the contract of ${names.join()} names`
      : `the contracts of ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} name`
  return `${use} ${describeObject(object)}`
}
