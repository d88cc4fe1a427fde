// The names of what a statement removes, and what each may mean: the first of its candidates that the database has.

import type { RangeVar, TypeName } from 'libpg-query'
import type { ObjectKind } from '../effect.ts'
import { findRelation, temporarySchema, type Scope } from '../scope.ts'

export type TakenKind = ObjectKind | OtherKind

type OtherKind =
  | 'role'
  | 'database'
  | 'server'
  | 'foreign-data wrapper'
  | 'collation'
  | 'access method'
  | 'language'

export type TakenName = {
  readonly kind: TakenKind
  readonly schema: string
  /** Of a column. */
  readonly table: string
  readonly name: string
}

export type Take = {
  readonly how: 'drop' | 'empty' | 'delete' | 'retype' | 'detach'
  /** What the name may mean, in the order of the search path: the first of them that is there. */
  readonly candidates: readonly TakenName[]
  readonly cascade: boolean
  /** Of DELETE: only rows that it names by a value? */
  readonly keyed: boolean
  /** Of ALTER … TYPE; undefined where USING makes the value. */
  readonly type: TypeName | undefined
}

export type Names = Omit<Scope, 'chosen'>

export const take = (
  how: Take['how'],
  candidates: readonly TakenName[],
  more: Partial<Take> = {},
): Take => ({ how, candidates, cascade: false, keyed: false, type: undefined, ...more })

export const named = (kind: TakenKind, name: string, schema = ''): TakenName => ({
  ...{ kind, schema, table: '', name },
})

/** None for a temporary relation. */
export const relationsOf = (
  range: Pick<RangeVar, 'schemaname' | 'relname' | 'relpersistence'> | undefined,
  scope: Names,
  kind: TakenKind = 'table',
): readonly TakenName[] => {
  const { schemaname, relname = '' } = range ?? {}
  if (findRelation({ ...scope, chosen: new Set() }, schemaname, relname).schema === temporarySchema)
    return []
  return inPath(scope, schemaname, kind, relname)
}

export const inPath = (
  { searchPath }: Names,
  schema: string | undefined,
  kind: TakenKind,
  name: string,
): readonly TakenName[] =>
  (schema === undefined ? searchPath : [schema]).map((each) => named(kind, name, each))
