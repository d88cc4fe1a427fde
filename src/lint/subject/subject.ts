// What a check sees: one statement, the schema as the history has made it before that statement, and what else the file
// does. Names are resolved here, so that rules compare values only.

import type { Node, RangeVar } from 'libpg-query'
import {
  objectKey,
  type Property,
  type ObjectName,
  type Fragment,
  type RelationName,
} from '../../schema/effects/effect.ts'
import {
  findRelation,
  ownedObject,
  relationObject,
  temporarySchema,
} from '../../schema/effects/scope.ts'
import type { ReadStatement } from '../../schema/history/history.ts'
import { currentValue, type Model, type Tracked } from '../../schema/history/model/model.ts'
import { scopeOf } from '../../schema/history/scope-of.ts'
import type { Migration } from '../../migrations/migration.ts'
import { indexOfByte } from '../../sql/text/offsets.ts'
import type { ParsedStatement } from '../../sql/tree/parse.ts'
import type { Earlier } from './earlier.ts'
import type { WholeHistory } from './whole-history.ts'
import { wholeWord } from './word-index.ts'

export type Subject = {
  readonly migration: Migration
  /** Its index in the history. */
  readonly at: number
  readonly statement: ReadStatement
  /** All statements of the file; ofFile() reads them. */
  readonly siblings: readonly ParsedStatement[]
  /** Those of the file before this one. */
  readonly earlier: Earlier
  readonly model: Model
  readonly searchPath: readonly string[]
  /** Keys of the objects that this file has made so far, where there was nothing. */
  readonly made: ReadonlySet<string>
  readonly wholeHistory: WholeHistory
}

export const textOf = ({ migration, statement }: Subject): string =>
  migration.text.slice(statement.start, statement.end)

/** What all statements of a file say together, found once for the file: a rule must not read them for each statement. */
export const ofFile = <Fact>(
  read: (siblings: readonly ParsedStatement[]) => Fact,
): ((subject: Subject) => Fact) => {
  const known = new WeakMap<readonly ParsedStatement[], { readonly fact: Fact }>()
  return ({ siblings }) => {
    const { fact } = known.get(siblings) ?? { fact: read(siblings) }
    known.set(siblings, { fact })
    return fact
  }
}

/** A parser's location (bytes) as an index of the file's text; without one, the statement's start. */
export const indexOf = ({ migration, statement }: Subject, location: number | undefined): number =>
  location === undefined || location < 0 ? statement.start : indexOfByte(migration.text, location)

/** Where a word is in the statement; else the statement's start. */
export const indexOfWord = (subject: Subject, word: string): number =>
  subject.statement.start + (wholeWord(word, 'i').exec(textOf(subject))?.index ?? 0)

export const resolve = (
  { model, searchPath }: Pick<Subject, 'model' | 'searchPath'>,
  range: Pick<RangeVar, 'schemaname' | 'relname'> | undefined,
): RelationName =>
  findRelation(
    { ...scopeOf(model, searchPath), chosen: new Set() },
    range?.schemaname,
    range?.relname ?? '',
  )

/** Made by this very file, so that nobody else sees or uses it yet. */
export const isMadeHere = ({ made }: Subject, object: ObjectName): boolean =>
  made.has(objectKey(object)) || object.schema === temporarySchema

export const isNewRelation = (subject: Subject, relation: RelationName): boolean =>
  isMadeHere(subject, relationObject('table', relation))

/** Made here, or a column of a table made here. */
export const isOfThisFile = (subject: Subject, object: ObjectName): boolean =>
  isMadeHere(subject, object) ||
  (object.table !== '' &&
    isMadeHere(subject, relationObject('table', { schema: object.schema, name: object.table })))

/** The column as the history knows it now. */
export const columnOf = (
  { model }: Subject,
  relation: RelationName,
  column: string,
): Tracked | undefined => {
  const tracked = model.find(ownedObject('column', relation, column))
  return tracked?.isPresent === true ? tracked : undefined
}

/** Of a property's definition, the parts; none when it is not known. */
export const fragmentsOf = (
  tracked: Tracked | undefined,
  property: Property,
): readonly Fragment[] => {
  const value = tracked === undefined ? undefined : currentValue(tracked, property)
  return value?.kind === 'defined' ? value.definition : []
}

export const hasText = (parts: readonly Fragment[], words: string): boolean =>
  parts.some((part) => part.kind === 'text' && part.text === words)

type KindOf<N> = N extends unknown ? keyof N : never
type NodeKind = KindOf<Node>

/** The statement's tree when it is of this kind. */
export const bodyOf = <Kind extends NodeKind>(
  { statement: { node } }: Pick<Subject, 'statement'>,
  kind: Kind,
): Extract<Node, Record<Kind, unknown>>[Kind] | undefined =>
  kind in node ? (node as Extract<Node, Record<Kind, unknown>>)[kind] : undefined
