// What a statement uses that the history has not made before it.

import { columnsIn } from '../../schema/effects/names/columns-in.ts'
import {
  describeObject,
  objectKey,
  type Definition,
  type Effect,
  type ObjectName,
  type RelationName,
} from '../../schema/effects/effect.ts'
import { findName, ownedObject, relationObject } from '../../schema/effects/scope.ts'
import { stringsOf } from '../../sql/tree/tree.ts'
import { scopeOf } from '../../schema/history/scope-of.ts'
import { locksOf } from '../../sql/locks/locks.ts'
import { bodyOf, isMadeHere, fragmentsOf, resolve, type Subject } from '../subject/subject.ts'
import { isSystem } from '../subject/system-names.ts'

/** Relations that it reads, writes or changes, and that are not there before it. */
export const missingRelations = (subject: Subject): readonly ObjectName[] =>
  locksOf(subject.statement.node).flatMap(({ relation: { schema, name, of } }) => {
    // Indexes and sequences may belong to a key or to a column.
    if (of !== undefined || name === '' || isSystem(schema, name)) return []
    const found = relationObject(
      'table',
      resolve(subject, { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }),
    )
    return isThere(subject, found) || isCreatedByItself(subject, found) ? [] : [found]
  })

/** CREATE OR REPLACE VIEW. */
const isCreatedByItself = ({ statement }: Subject, object: ObjectName): boolean =>
  statement.effects.some(
    (effect) => effect.kind === 'create' && objectKey(effect.object) === objectKey(object),
  )

const isThere = (subject: Subject, object: ObjectName): boolean =>
  subject.model.find(object)?.isPresent === true || isMadeHere(subject, object)

/** Columns that it changes, or that an index or constraint names; only of tables whose columns are all known. */
export const missingColumns = (subject: Subject): readonly ObjectName[] => {
  const own = new Set(
    subject.statement.effects.flatMap(({ kind, object }) =>
      kind === 'create' && object.kind === 'column' ? [describeObject(object)] : [],
    ),
  )
  return subject.statement.effects
    .flatMap(columnsUsedBy)
    .filter((column) => !own.has(describeObject(column)) && !systemColumns.has(column.name))
    .filter((column) => hasKnownColumns(subject, column) && !isThere(subject, column))
}

const systemColumns: ReadonlySet<string> = new Set([
  'ctid',
  'tableoid',
  'xmin',
  'xmax',
  'cmin',
  'cmax',
])

const columnsUsedBy = (effect: Effect): readonly ObjectName[] => {
  if (effect.kind === 'drop' || effect.kind === 'rename')
    return effect.object.kind === 'column' && effect.guard === 'none' ? [effect.object] : []
  const own = effect.kind === 'alter' && effect.object.kind === 'column' ? [effect.object] : []
  const named = partsOf(effect).flatMap((part): readonly ObjectName[] => {
    const of = (relation: RelationName, names: readonly string[]): readonly ObjectName[] =>
      names.map((name) => ownedObject('column', relation, name))
    if (part.kind === 'columns') return of(part.relation, part.names)
    return part.kind === 'expression' && part.rows === 'table' && part.relation !== undefined
      ? of(part.relation, columnsIn(part.node))
      : []
  })
  return [...own, ...named]
}

const partsOf = (effect: Effect): Definition =>
  effect.kind === 'create' || effect.kind === 'alter'
    ? Object.values(effect.properties).flatMap(
        (definition: Definition | undefined) => definition ?? [],
      )
    : []

/** Made by a CREATE TABLE that lists all its columns. */
export const hasKnownColumns = ({ model, wholeHistory }: Subject, column: ObjectName): boolean => {
  const table = relationObject('table', { schema: column.schema, name: column.table })
  const tracked = model.find(table)
  if (tracked?.isPresent !== true || !tracked.isMade || tracked.object.kind !== 'table')
    return false
  const [first] = wholeHistory.creations(table)
  const node =
    first === undefined
      ? undefined
      : wholeHistory.history.migrations[first.at]?.statements?.[first.statement]?.node
  if (node === undefined || !('CreateStmt' in node)) return false
  const { inhRelations, tableElts = [], ofTypename } = node.CreateStmt
  return (
    inhRelations === undefined &&
    ofTypename === undefined &&
    !tableElts.some((element) => 'TableLikeClause' in element) &&
    fragmentsOf(tracked, 'existence').length > 0
  )
}

/** Types of columns, and the function of a trigger. */
export const missingTypes = (subject: Subject): readonly ObjectName[] => {
  const scope = { ...scopeOf(subject.model, subject.searchPath), chosen: new Set<string>() }
  const named = (kind: 'type' | 'function', parts: readonly string[], suffix = ''): ObjectName =>
    findName(scope, {
      kind,
      schema: parts.at(-2) ?? '',
      table: '',
      name: `${parts.at(-1) ?? ''}${suffix}`,
    })
  const types = subject.statement.effects
    .flatMap(partsOf)
    .flatMap((part) => (part.kind === 'type' ? [named('type', stringsOf(part.type.names))] : []))
  const called = bodyOf(subject, 'CreateTrigStmt')?.funcname
  const functions = called === undefined ? [] : [named('function', stringsOf(called), '()')]
  return [...types, ...functions].filter((object) => !isThere(subject, object))
}
