// The rows of all queries as objects with their statements, in order. Pure.

import { grantStatements, type CommentRow, type GrantRow } from './queries/belongings.ts'
import type { Dumpable, Need, Piece } from './dumpable.ts'
import { inOrder } from './order.ts'
import type { SourceRow } from './queries/source.ts'
import type { TableFacts } from './queries/table-facts.ts'
import { dumpableTable } from './table-text.ts'

/** One paragraph. */
export type DumpedObject = {
  /** 'table' */
  readonly kind: string
  /** 'app.customer', as people read it. */
  readonly name: string
  /** Statements, each with its semicolon. */
  readonly sql: string
}

type DomainConstraint = {
  readonly domain: string
  readonly oid: string
  readonly name: string
  readonly definition: string
  readonly place: 'inline' | 'apart'
}

/** What a view looks like without its query, for those that its query needs. */
type ViewShape = { readonly oid: string; readonly rule: string; readonly shape: string }

type NeedRow = {
  readonly class: string
  readonly oid: string
  readonly needs_class: string
  readonly needs_oid: string
}

export type Facts = {
  readonly sources: readonly SourceRow[]
  readonly tables: readonly TableFacts[]
  readonly domains: readonly DomainConstraint[]
  readonly views: readonly ViewShape[]
  readonly needs: readonly NeedRow[]
  readonly comments: readonly CommentRow[]
  readonly labels: readonly CommentRow[]
  readonly grants: readonly GrantRow[]
}

export type Belongings = {
  readonly owners: 'with owners' | 'without owners'
  readonly privileges: 'with privileges' | 'without privileges'
  /** Quoted: of this role is said that it is whoever runs the statements. */
  readonly currentRole?: string
}

export const paragraphs = (facts: Facts, shown: Belongings): readonly DumpedObject[] => {
  const all = [
    ...facts.sources.map((row) => dumpableOf(row, facts)),
    ...facts.tables.map(dumpableTable),
  ]
  const shells = shellsOf(facts)
  const needs = [...facts.needs.map(needOf), ...shells.needs].map(shells.instead)
  const { dumpables, apart } = inOrder([...all, ...shells.dumpables], needs)
  const said = belongingsOf(facts, shown, apart, all)
  return dumpables.flatMap((each) => {
    const statements = [
      ...each.text(apart).map((text) => forCurrentRole(text, shown)),
      ...said(each),
      ...(each.last ?? []),
    ]
    if (statements.length === 0) return []
    return [
      {
        kind: each.kind,
        name: [each.schema, each.relation, each.name].filter((word) => word !== '').join('.'),
        sql: statements.map((statement) => `${statement};`).join('\n'),
      },
    ]
  })
}

// The server has put the role into the statement.
const forCurrentRole = (text: string, { currentRole }: Belongings): string =>
  currentRole === undefined
    ? text
    : text.replaceAll(
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${currentRole} `,
        'ALTER DEFAULT PRIVILEGES FOR ROLE CURRENT_USER ',
      )

const idOf = ({ class: catalog, oid }: { readonly class: string; readonly oid: string }): string =>
  `${catalog} ${oid}`

const needOf = ({ needs_class: catalog, needs_oid: oid, ...row }: NeedRow): Need => ({
  id: idOf(row),
  needs: `${catalog} ${oid}`,
})

const dumpableOf = (row: SourceRow, facts: Facts): Dumpable => {
  const { kind, phase, schema, relation, name, target, owner, statements } = row
  const common = { id: idOf(row), kind, phase, relation, name, target, owner }
  // A schema is not in itself.
  const plain = { ...common, schema: kind === 'schema' ? '' : schema, apart: [] }
  if (kind === 'domain') return { ...plain, ...domainParts(row, facts.domains) }
  const shape = kind === 'view' ? facts.views.find(({ oid }) => oid === row.oid) : undefined
  if (shape !== undefined) return { ...plain, ...viewParts(row, shape) }
  return { ...plain, pieces: [], text: () => statements }
}

const domainParts = (
  { oid, target, statements }: SourceRow,
  domains: readonly DomainConstraint[],
): Pick<Dumpable, 'pieces' | 'apart' | 'text'> => {
  const own = domains.filter(({ domain }) => domain === oid)
  const id = (each: DomainConstraint): string => `pg_constraint ${each.oid}`
  const words = ({ name, definition }: DomainConstraint): string =>
    `CONSTRAINT ${name} ${definition}`
  return {
    pieces: own.map((each) => ({
      ...{ id: id(each), kind: 'constraint', name: each.name, target: '' },
      statements: [`ALTER ${target} ADD ${words(each)}`],
    })),
    apart: own.filter(({ place }) => place === 'apart').map(id),
    text: (apart) => [
      [...statements, ...own.filter((each) => !apart.has(id(each))).map(words)].join('\n    '),
    ],
  }
}

const viewParts = (
  { name, statements: [create = '', ...more] }: SourceRow,
  { rule, shape }: ViewShape,
): Pick<Dumpable, 'pieces' | 'text'> => {
  const id = `pg_rewrite ${rule}`
  const query: Piece = {
    ...{ id, kind: 'query of view', name, target: '' },
    statements: [create.replace(/^CREATE VIEW/, 'CREATE OR REPLACE VIEW'), ...more],
  }
  return { pieces: [query], text: (apart) => (apart.has(id) ? [shape] : [create, ...more]) }
}

type Shells = {
  readonly dumpables: readonly Dumpable[]
  readonly needs: readonly Need[]
  /** What a type's own functions need of it is its name. */
  readonly instead: (need: Need) => Need
}

// A type that is made of functions that take it: first its name alone.
// https://www.postgresql.org/docs/current/sql-createtype.html
const shellsOf = ({ sources, needs }: Facts): Shells => {
  const types = new Map(
    sources.filter(({ kind }) => kind === 'type').map((row) => [idOf(row), row]),
  )
  const made = new Map<string, Set<string>>()
  for (const need of needs.map(needOf))
    if (types.has(need.id) && need.needs.startsWith('pg_proc '))
      made.set(need.id, new Set([...(made.get(need.id) ?? []), need.needs]))
  const shell = (id: string): string => `shell of ${id}`
  return {
    dumpables: [...made.keys()].flatMap((id) => {
      const row = types.get(id)
      if (row === undefined) return []
      const { phase, schema, name, target } = row
      return [
        {
          ...{ id: shell(id), kind: 'shell type', phase, schema, relation: '', name, target: '' },
          ...{ owner: null, pieces: [], apart: [], text: () => [`CREATE ${target}`] },
        },
      ]
    }),
    needs: [...made.keys()].map((id) => ({ id, needs: shell(id) })),
    instead: (need) =>
      made.get(need.needs)?.has(need.id) === true ? { ...need, needs: shell(need.needs) } : need,
  }
}

// Said where the object is whole: of a piece by itself, after that.
const belongingsOf = (
  facts: Facts,
  shown: Belongings,
  apart: ReadonlySet<string>,
  all: readonly Dumpable[],
): ((of: Dumpable) => readonly string[]) => {
  const wholes = new Map(all.flatMap(({ id, pieces }) => pieces.map((piece) => [piece.id, id])))
  // The index of a key is the key's.
  const keys = new Map(facts.needs.length === 0 ? [] : keyIndexes(facts))
  const placeOf = (row: { readonly class: string; readonly oid: string }): string => {
    const id = keys.get(idOf(row)) ?? idOf(row)
    return apart.has(id) ? id : (wholes.get(id) ?? id)
  }
  const said = new Map<string, string[]>()
  const say = (id: string, statements: readonly string[]): void => {
    said.set(id, [...(said.get(id) ?? []), ...statements])
  }
  const targets = new Map(all.map(({ id, target }) => [id, target]))
  const targetOf = (row: CommentRow): string =>
    row.target === '' ? (targets.get(idOf(row)) ?? '') : row.target
  const sortedBy = <One extends CommentRow>(rows: readonly One[]): readonly One[] =>
    [...rows].sort((a, b) => a.column - b.column || (a.target < b.target ? -1 : 1))
  if (shown.owners === 'with owners')
    for (const { id, target, owner, kind } of all)
      if (
        owner !== null &&
        owner !== shown.currentRole &&
        !(kind === 'schema' && target === 'SCHEMA public' && owner === 'pg_database_owner')
      )
        say(id, [`ALTER ${target} OWNER TO ${owner}`])
  for (const row of sortedBy(facts.comments))
    say(placeOf(row), [`COMMENT ON ${targetOf(row)} IS ${row.words}`])
  for (const row of sortedBy(facts.labels))
    say(placeOf(row), [
      `SECURITY LABEL FOR ${row.provider ?? ''} ON ${targetOf(row)} IS ${row.words}`,
    ])
  if (shown.privileges === 'with privileges')
    for (const row of facts.grants)
      say(
        placeOf(row),
        grantStatements(row.role === shown.currentRole ? { ...row, role: 'CURRENT_USER' } : row),
      )
  return ({ id }) => said.get(id) ?? []
}

const keyIndexes = (facts: Facts): readonly (readonly [string, string])[] =>
  facts.tables.flatMap(({ constraints }) =>
    (constraints ?? []).flatMap(({ oid, index }) =>
      index === null ? [] : [[`pg_class ${index}`, `pg_constraint ${oid}`] as const],
    ),
  )
