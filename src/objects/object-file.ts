// A file of migrations/objects/ as the parser reads it: the one object that it defines, and what it says of it.

import type { Node } from 'libpg-query'
import type { ObjectText } from './load.ts'

export type ObjectKind =
  | 'view'
  | 'materialized view'
  | 'function'
  | 'procedure'
  | 'aggregate'
  | 'trigger'
  | 'policy'
  /** What is said of a table that the migrations make: row security, grants, comments. */
  | 'table'

/** An object of the database, unquoted. */
export type Identity = {
  readonly kind: ObjectKind
  readonly schema: string
  /** Of a trigger or policy; '' of others. */
  readonly relation: string
  /** Of a function or an aggregate with the types of its arguments: 'price(integer, text)'. */
  readonly name: string
}

/** The same as the file writes it. */
type WrittenIdentity = {
  readonly kind: ObjectKind
  /** Undefined where the search path decides. */
  readonly schema: string | undefined
  readonly relation: string
  readonly name: string
  /** Of a function or an aggregate, as the server takes them. */
  readonly argumentTypes: readonly string[]
}

export type ObjectStatement = {
  readonly node: Node
  readonly text: string
  /** Where it begins in the file, as a string index. */
  readonly start: number
}

export type ObjectFile = ObjectText & {
  readonly defines: WrittenIdentity
  /** CREATE …; undefined of a table. */
  readonly main: ObjectStatement | undefined
  /** Owner, grants, comments, row security, indexes of a materialized view. */
  readonly belongings: readonly ObjectStatement[]
}

/** It is known by its name and the types of its arguments. */
export const isRoutine = ({ kind }: Pick<Identity, 'kind'>): boolean =>
  kind === 'function' || kind === 'procedure' || kind === 'aggregate'

export const keyOf = ({ kind, schema, relation, name }: Identity): string =>
  JSON.stringify([kind, schema, relation, name])

/** 'view app.customer', 'trigger touch of app.customer' */
export const describeIdentity = ({ kind, schema, relation, name }: Identity): string =>
  relation === ''
    ? `${kind} ${schema}.${name}`
    : `${kind} ${name} of ${schema === '' ? '' : `${schema}.`}${relation}`
