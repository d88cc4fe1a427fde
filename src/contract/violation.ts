// One thing that a service relies on and the database does not hold.

import type { Place } from '../errors/problem.ts'
import type { ContractPath } from './contract.ts'

export type ContractObject = {
  readonly kind:
    'table' | 'view' | 'column' | 'index' | 'constraint' | 'enum' | 'extension' | 'function'
  /** The table or view that it belongs to, as the contract names it; undefined for an object without one. */
  readonly of: string | undefined
  /** As the contract names it. */
  readonly name: string
}

export type Aspect =
  | 'existence'
  | 'kind'
  | 'type'
  | 'nullability'
  | 'default'
  | 'definition'
  | 'uniqueness'
  | 'validity'
  | 'labels'
  | 'result'

export type Violation = {
  readonly service: string
  readonly object: ContractObject
  /** Of 'existence' the whole object is missing. */
  readonly aspect: Aspect
  readonly expected: string
  readonly found: string
  /** Where the contract says it. */
  readonly path: ContractPath
  readonly place: Place | undefined
  /** Where texts differ that may mean the same: SQL that the server can compare by what it means. */
  readonly unresolved?: UnresolvedDifference
  /** Of an enum: `expected` and `found` before they were put into one text. */
  readonly labels?: { readonly expected: readonly string[]; readonly found: readonly string[] }
}

export type UnresolvedDifference = {
  readonly is: 'type' | 'default' | 'index' | 'constraint'
  /** The relation that was found. */
  readonly relation: { readonly schema: string; readonly name: string }
  /** Of the column, index or constraint. */
  readonly name: string
  /** Of an index: is the one that was found? */
  readonly unique?: boolean
  /** The contract's text. */
  readonly sql: string
}

/** 'column call_log.recording_mode' */
export const describeContractObject = ({ kind, of, name }: ContractObject): string =>
  of === undefined || kind === 'index' ? `${kind} ${name}` : `${kind} ${of}.${name}`

/** The table or view that violations are grouped by; undefined for an object without one. */
export const relationOf = ({ kind, of, name }: ContractObject): string | undefined =>
  kind === 'table' || kind === 'view' ? name : of
