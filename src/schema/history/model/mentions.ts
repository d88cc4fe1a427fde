// Who may speak of a name, so that a rename looks at few objects instead of all. What it finds is a superset: names are
// compared without their schema, and former definitions count.

import type { Definition, Fragment } from '../../effects/effect.ts'
import { namesIn } from '../../effects/names/names-in.ts'

/** Objects by what their definitions, or their owners, have been called. */
export type Mentions<Subject> = {
  readonly addDefinition: (subject: Subject, definition: Definition) => void
  readonly addOwned: (subject: Subject, table: string) => void
  readonly ownedBy: (table: string) => ReadonlySet<Subject>
  /** Whose definitions have it as a relation of their own: keys, checks, indexes. */
  readonly over: (relation: string) => ReadonlySet<Subject>
  /** Whose types, expressions and calls have it, of whatever kind. */
  readonly naming: (name: string) => ReadonlySet<Subject>
  /** Whose definitions read relations: queries, and expressions with queries in them. */
  readonly reading: () => ReadonlySet<Subject>
}

export const makeMentions = <Subject>(): Mentions<Subject> => {
  const owned = new Map<string, Set<Subject>>()
  const related = new Map<string, Set<Subject>>()
  const named = new Map<string, Set<Subject>>()
  const readers = new Set<Subject>()
  // Most histories seldom rename, so trees are looked into only when somebody asks.
  const added: { readonly subject: Subject; readonly definition: Definition }[] = []
  const seen = { names: 0, readers: 0 }
  const opaqueReason = (by: keyof typeof seen): typeof added => {
    const found = added.slice(seen[by])
    seen[by] = added.length
    return found
  }
  return {
    addDefinition: (subject, definition) => {
      for (const part of definition)
        if ('relation' in part && part.relation !== undefined)
          add(related, part.relation.name, subject)
      if (definition.some((part) => 'node' in part || 'type' in part || isCall(part)))
        added.push({ subject, definition })
    },
    addOwned: (subject, table) => {
      add(owned, table, subject)
    },
    ownedBy: (table) => owned.get(table) ?? new Set(),
    over: (relation) => related.get(relation) ?? new Set(),
    naming: (name) => {
      for (const { subject, definition } of opaqueReason('names'))
        for (const part of definition) for (const each of namesOf(part)) add(named, each, subject)
      return named.get(name) ?? new Set()
    },
    reading: () => {
      for (const { subject, definition } of opaqueReason('readers'))
        if (definition.some(readsRelations)) readers.add(subject)
      return readers
    },
  }
}

const add = <Subject>(to: Map<string, Set<Subject>>, name: string, subject: Subject): void => {
  const found = to.get(name)
  if (found === undefined) to.set(name, new Set([subject]))
  else found.add(subject)
}

const callStart = ' EXECUTE '

const isCall = (part: Fragment): boolean => part.kind === 'text' && part.text.startsWith(callStart)

const namesOf = (part: Fragment): readonly string[] => {
  if (part.kind === 'text') return isCall(part) ? calledBy(part.text) : []
  const tree = 'node' in part ? part.node : 'type' in part ? part.type : undefined
  return (['type', 'function', 'relation', 'sequence'] as const).flatMap((kind) =>
    namesIn(tree, kind).map(({ name }) => name),
  )
}

// ' EXECUTE schema.name(arguments)', where the schema and the name may have dots and brackets in them.
const calledBy = (text: string): readonly string[] => {
  const dots = [...text.matchAll(/\./g)].map(({ index }) => index + 1)
  const brackets = [...text.matchAll(/\(/g)].map(({ index }) => index)
  return dots.flatMap((dot) =>
    brackets.filter((bracket) => bracket > dot).map((bracket) => text.slice(dot, bracket)),
  )
}

/** A query, or an expression with one in it. */
export const readsRelations = (part: Fragment): boolean =>
  part.kind === 'query' || ('node' in part && namesIn(part.node, 'relation').length > 0)
