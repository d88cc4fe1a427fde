// A file of migrations/objects/ as the parser reads it: the one object that it defines, and what it says of it.

import type { Node } from 'libpg-query'
import type { ObjectText } from './load.ts'

export type TextSearchKind =
  | 'text search configuration'
  | 'text search dictionary'
  | 'text search parser'
  | 'text search template'

export type ObjectKind =
  | 'view'
  | 'materialized view'
  | 'function'
  | 'procedure'
  | 'aggregate'
  | 'trigger'
  | 'policy'
  | 'operator'
  | 'cast'
  | 'event trigger'
  | TextSearchKind
  /** What new objects of a kind have, of one role, in one schema or in all: nothing but grants. */
  | 'default privileges'
  /** What is said of a table that the migrations make: row security, grants, comments. */
  | 'table'

/** An object of the database, unquoted. */
export type Identity = {
  readonly kind: ObjectKind
  /** '' of a cast, an event trigger, and of default privileges in all schemas. */
  readonly schema: string
  /** Of a trigger or policy; '' of others. */
  readonly relation: string
  /** 'price(integer, text)', '===(integer, integer)', 'integer AS text', 'tables of app' */
  readonly name: string
}

/** The same as the file writes it. */
type WrittenIdentity = {
  readonly kind: ObjectKind
  /** Undefined where the search path decides. */
  readonly schema: string | undefined
  readonly relation: string
  readonly name: string
  /** Of a routine, an operator, and both of a cast, as the server takes them. */
  readonly argumentTypes: readonly string[]
  /** Of default privileges that name no role: whose they are then. Its name follows `name`. */
  readonly role: 'current_user' | 'session_user' | undefined
}

export type ObjectStatement = {
  readonly node: Node
  readonly text: string
  /** Where it begins in the file, as a string index. */
  readonly start: number
}

export type ObjectFile = ObjectText & {
  readonly defines: WrittenIdentity
  /** CREATE …; undefined of a table and of default privileges. */
  readonly main: ObjectStatement | undefined
  /** Owner, grants, comments, row security, indexes of a materialized view, mappings of a text search configuration. */
  readonly belongings: readonly ObjectStatement[]
}

/** It is known by its name and the types of its arguments. */
export const isRoutine = ({ kind }: Pick<Identity, 'kind'>): boolean =>
  kind === 'function' || kind === 'procedure' || kind === 'aggregate'

const followed: readonly ObjectKind[] = [
  ...(['view', 'materialized view', 'function', 'procedure'] as const),
  ...(['trigger', 'policy', 'table'] as const),
]

/** Does the history of the files follow what they are? Others are compared with what was recorded of them. */
export const isFollowed = ({ kind }: Pick<Identity, 'kind'>): boolean => followed.includes(kind)

export const keyOf = ({ kind, schema, relation, name }: Identity): string =>
  JSON.stringify([kind, schema, relation, name])

/** 'view app.customer', 'trigger touch of app.customer', 'cast integer AS text' */
export const describeIdentity = ({ kind, schema, relation, name }: Identity): string => {
  const qualifier = schema === '' ? '' : `${schema}.`
  return relation === ''
    ? `${kind} ${qualifier}${name}`
    : `${kind} ${name} of ${qualifier}${relation}`
}
