// What a service relies on, as its contract says it. The format is schema/contract.schema.json; what a contract leaves out
// is not checked.

import type { Place } from '../errors/problem.ts'

export type ColumnContract = {
  /** In any of PostgreSQL's spellings. */
  readonly type?: string
  readonly nullable?: boolean
  /** true: an INSERT may leave it out; false: there is none; a text: this very default, as SQL. */
  readonly default?: string | boolean
}

export type IndexContract = {
  /** What follows USING. */
  readonly definition?: string
  readonly unique?: boolean
}

export type ConstraintContract = {
  /** What follows the name. */
  readonly definition?: string
  /** false: NOT VALID is enough. */
  readonly validated?: boolean
}

type Named<Value> = Readonly<Record<string, Value>>

export type TableContract = {
  readonly columns?: Named<ColumnContract>
  readonly indexes?: Named<IndexContract>
  readonly constraints?: Named<ConstraintContract>
}

type ViewContract = { readonly columns?: Named<Pick<ColumnContract, 'type'>> }

type FunctionContract = { readonly returns?: string }

/** Names are as the catalog has them, with the schema where they need one. */
export type Contract = {
  readonly $schema?: string
  readonly service: string
  readonly tables?: Named<TableContract>
  readonly views?: Named<ViewContract>
  /** The labels that must be there, in their order. */
  readonly enums?: Named<readonly string[]>
  readonly extensions?: readonly string[]
  /** By name and argument types: 'touch(bigint, text)'. */
  readonly functions?: Named<FunctionContract>
}

/** Who says what an INSERT may leave out, inserts; of who only reads, nobody asks for a value. */
export const isInsertedInto = ({ columns = {} }: TableContract): boolean =>
  Object.values(columns).some((column) => column.default !== undefined)

/** A member by a name that may be any, 'constructor' too. */
export const ownMember = <Value>(
  members: Named<Value> | undefined,
  name: string,
): Value | undefined =>
  members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined

/** Where something is in a contract: ['tables', 'call_log', 'columns', 'id']. */
export type ContractPath = readonly string[]

export type LoadedContract = {
  readonly contract: Contract
  /** As messages show it; undefined for a contract that is not a file. */
  readonly file: string | undefined
  /** Of what is at the path, or of the nearest thing above it that is there. */
  readonly placeOf: (path: ContractPath) => Place | undefined
}

/** 'audit.events' as its schema and its name; the schema is undefined where the search path decides. */
export const splitName = (
  name: string,
): { readonly schema: string | undefined; readonly name: string } => {
  const bracket = name.indexOf('(')
  const dot = name.slice(0, bracket === -1 ? undefined : bracket).indexOf('.')
  return dot === -1
    ? { schema: undefined, name }
    : { schema: name.slice(0, dot), name: name.slice(dot + 1) }
}
