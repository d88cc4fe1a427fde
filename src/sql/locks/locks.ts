// Which relation-level locks a statement takes on relations that exist before it, from its text alone; the servers of
// the integration tests confirm it. https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
//
// What the text does not name is not here: the table of a dropped index, the tables under a view, partitions and
// children, the other side of a foreign key whose table or constraint is dropped, all that CASCADE reaches, what
// functions do. Indexes that go with a table are not listed beside it.

import { quoteName } from '../../errors/define.ts'
import type { CommentStmt, CreateStmt, DropStmt, Node } from 'libpg-query'
import { locksOfAlterTable, locksOfReferences, ofObject } from './alter-table-locks.ts'
import { locksOfQuery } from './query-locks.ts'
import {
  levelOfNumber,
  lock,
  lockEach,
  lockNamed,
  partsOf,
  relationOf,
  sameRelation,
  strongestOfEach,
} from './table-lock.ts'
import type { TableLock } from './table-lock.ts'

export type { LockLevel, TableLock } from './table-lock.ts'

/**
 * The locks of one statement, each relation once, with the strongest level that it takes on it. Where versions of
 * PostgreSQL differ, the stronger level. A relation named with and without its schema counts as two.
 */
export const locksOf = (node: Node): readonly TableLock[] => {
  for (const [kind, body] of Object.entries(node)) {
    const decide = deciders[kind as NodeKind] as Decide<unknown> | undefined
    if (decide !== undefined) return strongestOfEach(decide(body))
  }
  return []
}

/** With quotes where SQL needs them. */
export const lockName = ({ relation: { schema, name } }: TableLock): string =>
  [schema, name].flatMap((each) => (each === undefined ? [] : [quoteName(each)])).join('.')

type KindOf<N> = N extends unknown ? keyof N : never
type NodeKind = KindOf<Node>
type Body<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind]
type Decide<B> = (body: B) => readonly TableLock[]

const locksOfNested = ({ query }: { readonly query?: Node }): readonly TableLock[] =>
  query === undefined ? [] : locksOf(query)

// A Boolean option as PostgreSQL's defGetBoolean() reads it: a name alone means true.
const isOn = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((option) => {
    if (!('DefElem' in option) || option.DefElem.defname !== name) return false
    const { arg } = option.DefElem
    if (arg !== undefined && 'Integer' in arg) return (arg.Integer.ival ?? 0) !== 0
    return !(arg !== undefined && 'String' in arg && /^(false|off)$/i.test(arg.String.sval ?? ''))
  })

const locksOfCreateTable: Decide<CreateStmt> = ({ relation, tableElts, inhRelations, partbound }) =>
  [
    ...lockEach(inhRelations, partbound ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE'),
    ...(tableElts ?? []).flatMap((element) =>
      'TableLikeClause' in element
        ? lock(element.TableLikeClause.relation, 'ACCESS SHARE')
        : locksOfReferences(element),
    ),
    // A foreign key to the new table itself locks nothing that others could see.
  ].filter((found) => !(relation && sameRelation(found.relation, relationOf(relation))))

const locksOfDrop: Decide<DropStmt> = ({ objects, removeType, concurrent }) =>
  (objects ?? []).flatMap((object) => {
    switch (removeType) {
      case 'OBJECT_TABLE':
      case 'OBJECT_FOREIGN_TABLE':
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW':
      case 'OBJECT_INDEX':
      case 'OBJECT_SEQUENCE': {
        const level = concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'
        return lockNamed(partsOf(object), level, ofObject(removeType))
      }
      case 'OBJECT_TRIGGER':
      case 'OBJECT_POLICY':
      case 'OBJECT_RULE':
        return lockNamed(partsOf(object).slice(0, -1), 'ACCESS EXCLUSIVE')
      default:
        return []
    }
  })

const locksOfComment: Decide<CommentStmt> = ({ objtype, object }) => {
  switch (objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE':
      return lockNamed(partsOf(object), 'SHARE UPDATE EXCLUSIVE', ofObject(objtype))
    case 'OBJECT_COLUMN':
      return lockNamed(partsOf(object).slice(0, -1), 'SHARE UPDATE EXCLUSIVE')
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return lockNamed(partsOf(object).slice(0, -1), 'ACCESS SHARE')
    default:
      return []
  }
}

// OWNED BY table.column; OWNED BY NONE has one part only.
const locksOfOwner = (options: readonly Node[] | undefined): readonly TableLock[] =>
  (options ?? []).flatMap((option) =>
    'DefElem' in option && option.DefElem.defname === 'owned_by'
      ? lockNamed(partsOf(option.DefElem.arg).slice(0, -1), 'ACCESS SHARE')
      : [],
  )

const locksOfPublished = (objects: readonly Node[] | undefined): readonly TableLock[] =>
  (objects ?? []).flatMap((object) =>
    'PublicationObjSpec' in object
      ? lock(object.PublicationObjSpec.pubtable?.relation, 'SHARE UPDATE EXCLUSIVE')
      : [],
  )

const deciders: { readonly [Kind in NodeKind]?: Decide<Body<Kind>> } = {
  SelectStmt: (body) => locksOfQuery({ SelectStmt: body }),
  InsertStmt: (body) => locksOfQuery({ InsertStmt: body }),
  UpdateStmt: (body) => locksOfQuery({ UpdateStmt: body }),
  DeleteStmt: (body) => locksOfQuery({ DeleteStmt: body }),
  MergeStmt: (body) => locksOfQuery({ MergeStmt: body }),
  CopyStmt: ({ relation, query, is_from }) => [
    ...lock(relation, is_from === true ? 'ROW EXCLUSIVE' : 'ACCESS SHARE'),
    ...locksOfQuery(query),
  ],
  ExplainStmt: locksOfNested,
  PrepareStmt: locksOfNested,
  DeclareCursorStmt: locksOfNested,
  CreateTableAsStmt: ({ query }) => locksOfQuery(query),
  ViewStmt: ({ view, query, replace }) => [
    ...(replace === true ? lock(view, 'ACCESS EXCLUSIVE') : []),
    ...locksOfQuery(query),
  ],
  // A body given as a string is text to us.
  CreateFunctionStmt: ({ sql_body }) => locksOfQuery(sql_body),
  RefreshMatViewStmt: ({ relation, concurrent }) =>
    lock(relation, concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE'),

  CreateStmt: locksOfCreateTable,
  CreateForeignTableStmt: ({ base }) => (base === undefined ? [] : locksOfCreateTable(base)),
  CreateSchemaStmt: ({ schemaElts }) => locksOfSchema(schemaElts ?? []),
  CreateSeqStmt: ({ options }) => locksOfOwner(options),
  AlterSeqStmt: ({ sequence, options }) => [
    ...lock(sequence, 'SHARE ROW EXCLUSIVE', 'sequence'),
    ...locksOfOwner(options),
  ],
  AlterTableStmt: locksOfAlterTable,
  RenameStmt: ({ relation, renameType }) =>
    renameType === 'OBJECT_ATTRIBUTE'
      ? []
      : lock(
          relation,
          renameType === 'OBJECT_INDEX' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
          ofObject(renameType),
        ),
  AlterObjectSchemaStmt: ({ relation, objectType }) =>
    lock(relation, 'ACCESS EXCLUSIVE', ofObject(objectType)),
  AlterObjectDependsStmt: ({ relation, objectType }) =>
    lock(
      relation,
      objectType === 'OBJECT_TRIGGER' ? 'ACCESS SHARE' : 'ACCESS EXCLUSIVE',
      ofObject(objectType),
    ),
  DropStmt: locksOfDrop,
  TruncateStmt: ({ relations }) => lockEach(relations, 'ACCESS EXCLUSIVE'),
  LockStmt: ({ relations, mode }) => lockEach(relations, levelOfNumber(mode)),

  IndexStmt: ({ relation, concurrent }) =>
    lock(relation, concurrent === true ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE'),
  ReindexStmt: ({ relation, kind, params }) => {
    const of = kind === 'REINDEX_OBJECT_INDEX' ? 'index' : undefined
    if (isOn(params, 'concurrently')) return lock(relation, 'SHARE UPDATE EXCLUSIVE', of)
    return lock(relation, of === 'index' ? 'ACCESS EXCLUSIVE' : 'SHARE', of)
  },
  ClusterStmt: ({ relation }) => lock(relation, 'ACCESS EXCLUSIVE'),
  VacuumStmt: ({ rels, options }) => {
    const level = isOn(options, 'full') ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE'
    return (rels ?? []).flatMap((each) =>
      'VacuumRelation' in each ? lock(each.VacuumRelation.relation, level) : [],
    )
  },
  CreateStatsStmt: ({ relations }) => lockEach(relations, 'SHARE UPDATE EXCLUSIVE'),

  CreateTrigStmt: ({ relation, constrrel }) => [
    ...lock(relation, 'SHARE ROW EXCLUSIVE'),
    ...lock(constrrel, 'ACCESS SHARE'),
  ],
  CreatePolicyStmt: ({ table, qual, with_check }) => [
    ...lock(table, 'ACCESS EXCLUSIVE'),
    ...locksOfQuery([qual, with_check].filter((each) => each !== undefined)),
  ],
  AlterPolicyStmt: ({ table, qual, with_check }) => [
    ...lock(table, 'ACCESS EXCLUSIVE'),
    ...locksOfQuery([qual, with_check].filter((each) => each !== undefined)),
  ],
  RuleStmt: ({ relation, whereClause, actions }) => [
    ...lock(relation, 'ACCESS EXCLUSIVE'),
    ...locksOfQuery(whereClause),
    ...locksOfQuery(actions),
  ],

  CommentStmt: locksOfComment,
  SecLabelStmt: locksOfComment,
  // PostgreSQL 18 does; 15 takes none.
  GrantStmt: ({ objects, objtype }) => lockEach(objects, 'ACCESS SHARE', ofObject(objtype)),
  CreatePublicationStmt: ({ pubobjects }) => locksOfPublished(pubobjects),
  AlterPublicationStmt: ({ pubobjects }) => locksOfPublished(pubobjects),
}

// The elements of CREATE SCHEMA see what those before them created.
const locksOfSchema = (elements: readonly Node[]): readonly TableLock[] => {
  const created = elements.flatMap((element) => {
    if ('CreateStmt' in element) return [element.CreateStmt.relation?.relname]
    return 'ViewStmt' in element ? [element.ViewStmt.view?.relname] : []
  })
  return elements
    .flatMap(locksOf)
    .filter(({ relation }) => relation.schema !== undefined || !created.includes(relation.name))
}
