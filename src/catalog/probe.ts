// Questions to the catalog: which of these definitions does this facet of this object have? Made from timelines, with the
// nodes of the parse tree written as SQL.

import { identifier } from '../database/literal.ts'
import type { Definition, Facet, ObjectName, Part, RelationName } from '../schema/effects/effect.ts'
import type { Text } from '../sql/alike.ts'
import type { Deparse } from '../sql/deparse.ts'

/** A part as the server takes it: text, or SQL by what it is. */
export type ProbePart = string | Readonly<Record<string, unknown>>

export type Candidate = {
  /** The search path in which it is read; undefined is that of the login role. */
  readonly path: string | undefined
  readonly parts: readonly ProbePart[]
}

export type Probe = {
  readonly object: ObjectName
  readonly facet: Facet
  readonly named: 'by file' | 'by server'
  readonly on: RelationName | undefined
  /** An index whose name a key has had, too; of another the catalog's is not told that a key has. */
  readonly ofKey: boolean
  readonly candidates: readonly Candidate[]
  /** May the object be absent, or be there whatever it is? For verification, where nobody looks at timelines. */
  readonly accepts: readonly ('absent' | 'present')[]
}

/** Where the server chose the name, only what has the definition tells; more of it cannot be asked for. */
export const isAsked = ({ named, facet }: Pick<Probe, 'named' | 'facet'>): boolean =>
  named === 'by file' || facet === 'definition' || facet === 'existence'

/** Undefined when a part cannot be written as SQL; the definition is then no evidence. */
export const partsOf = (
  definition: Definition,
  object: ObjectName,
  deparse: Deparse,
): readonly ProbePart[] | undefined => {
  const parts = definition.map((part) => partOf(part, object, deparse))
  const known = parts.filter((part) => part !== undefined)
  return known.length < parts.length ? undefined : joined(known)
}

// Text beside text is one text, as the catalog's side has it.
const joined = (parts: readonly ProbePart[]): readonly ProbePart[] =>
  parts
    .reduce<ProbePart[]>((result, part) => {
      const last = result.at(-1)
      if (typeof part === 'string' && typeof last === 'string')
        return [...result.slice(0, -1), last + part]
      return [...result, part]
    }, [])
    .filter((part) => part !== '')

const partOf = (part: Part, object: ObjectName, deparse: Deparse): ProbePart | undefined => {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'relation':
      return `${part.relation.schema}.${part.relation.name}`
    case 'columns':
      return part.names.join(', ')
    case 'primary key':
      return { pk: quoted(part.relation) }
    case 'type':
      return asPart(part.of === 'result' ? 'r' : 't', deparse.type(part.type), {})
    case 'expression': {
      const on = part.relation === undefined ? {} : { on: quoted(part.relation) }
      const inIndex = part.place === 'index' ? { in: 'index' } : {}
      const key = part.rows === 'table' ? 'e' : 'w'
      return asPart(key, deparse.expression(nearby(part.node, part.relation)), {
        ...on,
        ...inIndex,
      })
    }
    case 'default': {
      const of = { on: quoted({ schema: object.schema, name: object.table }), column: object.name }
      if (part.sequence === 'own') return { s: 'own', ...of }
      if (part.node === undefined) return { d: null, ...of }
      return asPart('d', deparse.expression(part.node), of)
    }
    case 'labels': {
      const { names, added } = part
      return { l: names, added, on: quoted(object), words: names.join(', ') }
    }
    case 'query':
      return asPart('q', deparse.query(part.node), {})
    case 'collation':
      return { co: part.name, on: quoted(part.relation), column: part.column }
    case 'operator class':
      return { oc: part.name, am: part.method }
  }
}

type Expression = Extract<Part, { kind: 'expression' }>['node']

// A column may be called by schema and table. What stands for the table's rows is called by the table's name alone.
const nearby = (node: Expression, relation: RelationName | undefined): Expression => {
  const text = JSON.stringify(node)
  if (relation === undefined || !text.includes(`"${relation.schema}"`)) return node
  const names = [relation.schema, relation.name]
  const isOurs = (fields: readonly unknown[]): boolean =>
    fields.length === 3 && names.every((name, at) => nameIn(fields[at]) === name)
  return JSON.parse(text, (key, value: unknown) =>
    key === 'fields' && Array.isArray(value) && isOurs(value) ? value.slice(1) : value,
  ) as Expression
}

const nameIn = (field: unknown): string | undefined =>
  typeof field === 'object' && field !== null && 'String' in field
    ? (field as { readonly String: { readonly sval?: string } }).String.sval
    : undefined

const asPart = (
  key: string,
  sql: string | undefined,
  more: Readonly<Record<string, string>>,
): ProbePart | undefined => (sql === undefined ? undefined : { [key]: sql, ...more })

const quoted = ({ schema, name }: RelationName): string =>
  `${identifier(schema)}.${identifier(name)}`

/** Of two definitions that differ at most in the SQL that they hold: does it say the same? */
export const areAlike = (
  { path, parts }: Candidate,
  found: readonly ProbePart[],
  { alike }: Deparse,
): boolean => {
  const [own, other] = [textsOf(parts), textsOf(found)]
  return (
    own.length === other.length &&
    own.every((text, index) => {
      const server = other[index]
      return server !== undefined && alike(text, server, path)
    })
  )
}

const textsOf = (parts: readonly ProbePart[]): readonly Text[] =>
  parts.flatMap((part): readonly Text[] => {
    if (typeof part === 'string') return []
    const sql = part['e'] ?? part['d'] ?? part['w'] ?? part['q'] ?? part['s']
    return typeof sql === 'string' ? [{ sql, is: 'q' in part ? 'query' : 'expression' }] : []
  })
