// What a statement does to the schema, as values: objects by name, their definitions in properties, and whether the statement
// is guarded against being run again. Nothing here guesses: what cannot be seen into is said to be opaque.

import type { Node, TypeName } from 'libpg-query'

export type ObjectKind =
  | 'schema'
  | 'extension'
  | 'table'
  | 'column'
  | 'index'
  | 'constraint'
  | 'type'
  | 'view'
  | 'materialized view'
  | 'sequence'
  | 'function'
  | 'trigger'
  | 'policy'

export type RelationName = { readonly schema: string; readonly name: string }

/** What something goes with: a table, or of a sequence one of its columns. */
export type Owner = RelationName & { readonly column?: string | undefined }

export type ObjectName = {
  readonly kind: ObjectKind
  /** '' for a schema and an extension. */
  readonly schema: string
  /** The table that a column, constraint, trigger or policy belongs to; '' for all others. */
  readonly table: string
  /** A function's name has its argument types: 'f(int4, text)'. */
  readonly name: string
}

/** One word of a definition: text that compares as it is, or SQL that the server must first put in its own words. */
export type Fragment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'relation'; readonly relation: RelationName }
  | {
      readonly kind: 'columns'
      readonly relation: RelationName
      readonly names: readonly string[]
    }
  /** The primary key's columns of a table, for REFERENCES without a list. */
  | { readonly kind: 'primary key'; readonly relation: RelationName }
  /** A function's result has no length or precision, and may be a pseudo-type. */
  | { readonly kind: 'type'; readonly type: TypeName; readonly of?: 'result' }
  /** An expression over the columns of a table; of a trigger, over its OLD and NEW. */
  | {
      readonly kind: 'expression'
      readonly node: Node
      readonly relation: RelationName | undefined
      readonly rows: 'table' | 'old and new'
      /** In its parentheses, which the server takes off where nothing but a column is left of it. */
      readonly place?: 'index'
    }
  /** A column's default, read as the column's own type; no node is no default. */
  | {
      readonly kind: 'default'
      readonly node: Node | undefined
      /** Of a serial: the sequence that the column owns, whatever name the server gave it. */
      readonly sequence?: 'own'
    }
  | { readonly kind: 'query'; readonly node: Node }
  /** Of an enum; `added` are others that it may have by then, as ALTER TYPE adds them later. */
  | {
      readonly kind: 'labels'
      readonly names: readonly string[]
      readonly added: readonly string[]
    }
  /** That of an index's column, which is no part of its definition where it is the column's own. */
  | {
      readonly kind: 'collation'
      readonly name: string
      readonly relation: RelationName
      readonly column: string
    }
  | {
      readonly kind: 'operator class'
      readonly name: string
      readonly method: string
    }

export type Definition = readonly Fragment[]

/** What is compared by itself, so that a later change of one property leaves the evidence of the others. */
export type Property =
  | 'existence'
  | 'definition'
  | 'type'
  | 'nullability'
  | 'default'
  | 'validation'
  | 'labels'
  | 'body'
  | 'result'
  | 'comment'
  | 'row security'
  | `label ${string}`

export type Properties = Readonly<Partial<Record<Property, Definition>>>

/** What keeps the statement from failing when it is run again. */
export type Guard = 'none' | 'if not exists' | 'if exists' | 'or replace'

type Common = {
  readonly object: ObjectName
  readonly guard: Guard
  /** Of a column that is a serial or an identity: what comes with it. */
  readonly sequence?: RelationName | undefined
}

export type Effect =
  | (Common & {
      readonly kind: 'create'
      readonly properties: Properties
      /** The object whose creation brings this one: a guard of it guards this one only as long as it is absent. */
      readonly inside: ObjectName | undefined
      /** The table of an index, the owner of a sequence, the parent of a partition: it goes and takes it along. */
      readonly on: Owner | undefined
      /** The server chose the name, so what counts is the definition. */
      readonly named: 'by file' | 'by server'
    })
  | (Common & {
      readonly kind: 'alter'
      readonly properties: Properties
      /** Facets that change into what the text does not show. */
      readonly forgets?: readonly Property[]
      /** What a sequence or partition belongs to from now on. */
      readonly on?: Owner | undefined
    })
  | (Common & { readonly kind: 'drop'; readonly cascade: boolean })
  | (Common & { readonly kind: 'rename'; readonly to: ObjectName })

export type CreateEffect = Extract<Effect, { kind: 'create' }>

export type StatementEffects = {
  readonly effects: readonly Effect[]
  /** What it does besides that cannot be seen from the text: 'a DO block', 'INSERT'. */
  readonly opaqueReason: string | undefined
}

/** Names for the same object are the same text. */
export const objectKey = ({ kind, schema, table, name }: ObjectName): string =>
  [isRelation(kind) ? 'relation' : kind, schema, table, name].join('\u0000')

// Tables, views, sequences and indexes share one space of names in PostgreSQL; indexes have statements of their own.
const isRelation = (kind: ObjectKind): boolean =>
  kind === 'table' || kind === 'view' || kind === 'materialized view' || kind === 'sequence'

/** As messages show it: 'column call_log.started_at'; the schema public is not said. */
export const describeObject = ({ kind, schema, table, name }: ObjectName): string => {
  const shownSchema = schema === '' || schema === 'public' ? '' : `${schema}.`
  return `${kind} ${shownSchema}${table === '' ? '' : `${table}.`}${name}`
}

export const text = (words: string): Fragment => ({ kind: 'text', text: words })

export const create = (
  object: ObjectName,
  properties: Properties,
  options: Partial<Pick<CreateEffect, 'guard' | 'inside' | 'on' | 'named' | 'sequence'>> = {},
): CreateEffect => ({
  kind: 'create',
  object,
  properties,
  guard: 'none',
  inside: undefined,
  on: undefined,
  named: 'by file',
  ...options,
})

export const alteration = (object: ObjectName, properties: Properties): Effect => ({
  kind: 'alter',
  object,
  guard: 'none',
  properties,
})
