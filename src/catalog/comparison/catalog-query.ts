// Queries of the catalog: which of these definitions does this property of this object have? Made from timelines, with the
// nodes of the parse tree written as SQL.

import { identifier } from '../../database/literal.ts'
import type {
  Definition,
  Property,
  ObjectName,
  Fragment,
  RelationName,
} from '../../schema/effects/effect.ts'
import type { Text } from '../../sql/tree/equivalent.ts'
import type { Deparse } from '../../sql/tree/deparse.ts'

/** A fragment as the server takes it: text, or SQL by what it is. */
export type SqlFragment = string | Readonly<Record<string, unknown>>

export type Candidate = {
  /** The search path in which it is read; undefined is that of the login role. */
  readonly path: string | undefined
  readonly fragments: readonly SqlFragment[]
}

export type CatalogQuery = {
  readonly object: ObjectName
  readonly property: Property
  readonly named: 'by file' | 'by server'
  readonly on: RelationName | undefined
  /** An index whose name a key has had, too; of another the catalog does not show that a key has had it. */
  readonly ofKey: boolean
  readonly candidates: readonly Candidate[]
  /** May the object be absent, or be there whatever it is? For verification, where nobody looks at timelines. */
  readonly accepts: readonly ('absent' | 'present')[]
}

/** Where the server chose the name, only what has the definition tells; more of it cannot be asked for. */
export const isComparable = ({
  named,
  property,
}: Pick<CatalogQuery, 'named' | 'property'>): boolean =>
  named === 'by file' || property === 'definition' || property === 'existence'

/** Undefined when a fragment cannot be written as SQL; the definition is then no evidence. */
export const fragmentsOf = (
  definition: Definition,
  object: ObjectName,
  deparse: Deparse,
): readonly SqlFragment[] | undefined => {
  const fragments = definition.map((fragment) => fragmentOf(fragment, object, deparse))
  const known = fragments.filter((fragment) => fragment !== undefined)
  return known.length < fragments.length ? undefined : joined(known)
}

// Text beside text is one text, as the catalog's side has it.
const joined = (fragments: readonly SqlFragment[]): readonly SqlFragment[] =>
  fragments
    .reduce<SqlFragment[]>((result, fragment) => {
      const last = result.at(-1)
      if (typeof fragment === 'string' && typeof last === 'string')
        return [...result.slice(0, -1), last + fragment]
      return [...result, fragment]
    }, [])
    .filter((fragment) => fragment !== '')

const fragmentOf = (
  fragment: Fragment,
  object: ObjectName,
  deparse: Deparse,
): SqlFragment | undefined => {
  switch (fragment.kind) {
    case 'text':
      return fragment.text
    case 'relation':
      return `${fragment.relation.schema}.${fragment.relation.name}`
    case 'columns':
      return fragment.names.join(', ')
    case 'primary key':
      return { pk: quoted(fragment.relation) }
    case 'type':
      return asFragment(fragment.of === 'result' ? 'r' : 't', deparse.type(fragment.type), {})
    case 'expression': {
      const on = fragment.relation === undefined ? {} : { on: quoted(fragment.relation) }
      const inIndex = fragment.place === 'index' ? { in: 'index' } : {}
      const key = fragment.rows === 'table' ? 'e' : 'w'
      return asFragment(key, deparse.expression(nearby(fragment.node, fragment.relation)), {
        ...on,
        ...inIndex,
      })
    }
    case 'default': {
      const of = { on: quoted({ schema: object.schema, name: object.table }), column: object.name }
      if (fragment.sequence === 'own') return { s: 'own', ...of }
      if (fragment.node === undefined) return { d: null, ...of }
      return asFragment('d', deparse.expression(fragment.node), of)
    }
    case 'labels': {
      const { names, added } = fragment
      return { l: names, added, on: quoted(object), words: names.join(', ') }
    }
    case 'query':
      return asFragment('q', deparse.query(fragment.node), {})
    case 'collation':
      return { co: fragment.name, on: quoted(fragment.relation), column: fragment.column }
    case 'operator class':
      return { oc: fragment.name, am: fragment.method }
  }
}

type Expression = Extract<Fragment, { kind: 'expression' }>['node']

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

const asFragment = (
  key: string,
  sql: string | undefined,
  more: Readonly<Record<string, string>>,
): SqlFragment | undefined => (sql === undefined ? undefined : { [key]: sql, ...more })

const quoted = ({ schema, name }: RelationName): string =>
  `${identifier(schema)}.${identifier(name)}`

/** Of two definitions that differ at most in the SQL that they hold: does it say the same? */
export const areEquivalent = (
  { path, fragments }: Candidate,
  found: readonly SqlFragment[],
  { isEquivalent }: Deparse,
): boolean => {
  const [own, other] = [textsOf(fragments), textsOf(found)]
  return (
    own.length === other.length &&
    own.every((text, index) => {
      const server = other[index]
      return server !== undefined && isEquivalent(text, server, path)
    })
  )
}

const textsOf = (fragments: readonly SqlFragment[]): readonly Text[] =>
  fragments.flatMap((fragment): readonly Text[] => {
    if (typeof fragment === 'string') return []
    const sql = fragment['e'] ?? fragment['d'] ?? fragment['w'] ?? fragment['q'] ?? fragment['s']
    return typeof sql === 'string' ? [{ sql, is: 'q' in fragment ? 'query' : 'expression' }] : []
  })
