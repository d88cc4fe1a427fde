// What a statement of an object file is about: the object that it makes, or the one that it says something of. Every other
// statement has no place in such a file.

import type { AlterTableStmt, DefineStmt, GrantStmt, Node, TypeName } from 'libpg-query'
import { stringsOf } from '../../sql/tree/tree.ts'
import type { ObjectKind, ObjectStatement } from '../object-file.ts'
import {
  castBy,
  castOf,
  defaultPrivileges,
  definedBy,
  eventTrigger,
  named,
  pair,
  textSearchKinds,
  typesIn,
  type Subject,
} from './subject-parts.ts'

/** A text says why the statement has no place in an object file. */
export const subjectOf = ({ node, text }: ObjectStatement): Subject | string => {
  if ('ViewStmt' in node) return making('view', node.ViewStmt.view)
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.objtype === 'OBJECT_MATVIEW')
    return making('materialized view', node.CreateTableAsStmt.into?.rel)
  if ('CreateFunctionStmt' in node) {
    const { is_procedure: isProcedure, funcname, parameters } = node.CreateFunctionStmt
    const kind = isProcedure === true ? 'procedure' : 'function'
    return { role: 'makes', kind, relation: '', ...named(funcname), types: inputs(parameters) }
  }
  if ('DefineStmt' in node && node.DefineStmt.kind === 'OBJECT_AGGREGATE')
    return aggregating(node.DefineStmt)
  if ('DefineStmt' in node) {
    const subject = definedBy(node.DefineStmt)
    if (subject !== undefined) return subject
  }
  if ('CreateCastStmt' in node) return castBy(node.CreateCastStmt)
  if ('CreateEventTrigStmt' in node)
    return { ...eventTrigger(node.CreateEventTrigStmt.trigname), role: 'makes' }
  if ('CreateTrigStmt' in node) {
    const { relation, trigname: name = '' } = node.CreateTrigStmt
    return { role: 'makes', kind: 'trigger', ...ofRelation(relation), name }
  }
  if ('CreatePolicyStmt' in node) {
    const { table, policy_name: name = '' } = node.CreatePolicyStmt
    return { role: 'makes', kind: 'policy', ...ofRelation(table), name }
  }
  return sayingOf(node) ?? `${wordsFor(text)} is not for an object file`
}

// ((types of the arguments), how many of them are direct)
const aggregating = ({ oldstyle, defnames, args = [] }: DefineStmt): Subject | string => {
  if (oldstyle === true)
    return 'CREATE AGGREGATE names its arguments behind its name here, not with BASETYPE'
  const [list] = args
  const parameters = list !== undefined && 'List' in list ? list.List.items : []
  return {
    ...{ role: 'makes', kind: 'aggregate', relation: '', ...named(defnames) },
    types: inputs(parameters),
  }
}

const sayingOf = (node: Node): Subject | string | undefined => {
  if ('AlterTSDictionaryStmt' in node || 'AlterOperatorStmt' in node)
    return 'what it is belongs into its CREATE here, not into an ALTER'
  if ('AlterTableStmt' in node) return altering(node.AlterTableStmt)
  if ('AlterOwnerStmt' in node) {
    const { object, objectType } = node.AlterOwnerStmt
    return saying(objectType ?? '', object)
  }
  if ('GrantStmt' in node) return granting(node.GrantStmt)
  if ('AlterDefaultPrivilegesStmt' in node)
    return defaultPrivileges(node.AlterDefaultPrivilegesStmt)
  if ('AlterEventTrigStmt' in node) return eventTrigger(node.AlterEventTrigStmt.trigname)
  if ('AlterTSConfigurationStmt' in node)
    return {
      ...{ role: 'says', kind: 'text search configuration', relation: '' },
      ...named(node.AlterTSConfigurationStmt.cfgname),
    }
  if ('CommentStmt' in node) return saying(node.CommentStmt.objtype ?? '', node.CommentStmt.object)
  if ('IndexStmt' in node) {
    const { relation, idxname, concurrent } = node.IndexStmt
    if (concurrent === true) return 'CREATE INDEX CONCURRENTLY cannot be part of its transaction'
    if (idxname === undefined) return 'an index needs a name here'
    return onRelation('materialized view', relation)
  }
  return undefined
}

const rowSecurity = ['AT_EnableRowSecurity', 'AT_DisableRowSecurity']
const forced = ['AT_ForceRowSecurity', 'AT_NoForceRowSecurity']

const altering = ({ objtype, relation, cmds = [] }: AlterTableStmt): Subject | string => {
  const kinds = cmds.map((each) => ('AlterTableCmd' in each ? each.AlterTableCmd.subtype : ''))
  if (
    objtype === 'OBJECT_TABLE' &&
    kinds.every((kind = '') => [...rowSecurity, ...forced].includes(kind))
  )
    return onRelation('table', relation)
  const isOwner = kinds.every((kind) => kind === 'AT_ChangeOwner')
  if (objtype === 'OBJECT_VIEW' && isOwner) return onRelation('view', relation)
  if (objtype === 'OBJECT_MATVIEW' && isOwner) return onRelation('materialized view', relation)
  return 'of ALTER TABLE and ALTER VIEW, an object file takes row level security and the owner of a view'
}

const granting = ({ targtype, objtype, objects = [] }: GrantStmt): Subject | string => {
  const [only, ...more] = objects
  if (targtype !== 'ACL_TARGET_OBJECT' || only === undefined || more.length > 0)
    return 'GRANT and REVOKE name one object here'
  return saying(objtype ?? '', only)
}

const parts: Readonly<Record<string, Subject['kind']>> = {
  OBJECT_TABLE: 'relation',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_COLUMN: 'relation',
  OBJECT_TABCONSTRAINT: 'table',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_FUNCTION: 'function',
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_OPERATOR: 'operator',
  OBJECT_CAST: 'cast',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  ...textSearchKinds,
}

const saying = (objectType: string, object: Node | undefined): Subject | string => {
  const kind = parts[objectType]
  if (kind === undefined || object === undefined)
    return `what is said of ${objectType.replace('OBJECT_', '').toLowerCase()} is not for an object file`
  if ('RangeVar' in object) return onRelation(kind, object.RangeVar)
  if ('String' in object) return eventTrigger(object.String.sval)
  if (kind === 'cast') return castOf(typesIn('List' in object ? object.List.items : []))
  if ('ObjectWithArgs' in object) {
    const { objname, objargs = [], args_unspecified: isBare } = object.ObjectWithArgs
    const types = typesIn(objargs)
    return {
      role: 'says',
      kind,
      relation: '',
      ...named(objname),
      types: isBare === true ? undefined : types,
    }
  }
  const names = stringsOf('List' in object ? object.List.items : [])
  if (objectType === 'OBJECT_COLUMN' || objectType === 'OBJECT_TABCONSTRAINT')
    return { role: 'says', kind, relation: '', ...pair(names.slice(0, -1)) }
  if (kind === 'trigger' || kind === 'policy') {
    const { schema, name: relation } = pair(names.slice(0, -1))
    return { role: 'says', kind, schema, relation, name: names.at(-1) ?? '' }
  }
  return { role: 'says', kind, relation: '', ...pair(names) }
}

type Range = {
  readonly schemaname?: string
  readonly relname?: string
  readonly relpersistence?: string
}

const making = (kind: ObjectKind, range: Range | undefined): Subject | string =>
  range?.relpersistence === 't'
    ? 'a temporary object ends with its session'
    : { ...onRelation(kind, range), role: 'makes' }

const onRelation = (kind: Subject['kind'], range: Range | undefined): Subject => ({
  ...{ role: 'says', kind, relation: '' },
  ...{ schema: range?.schemaname, name: range?.relname ?? '' },
})

const ofRelation = (range: Range | undefined): Pick<Subject, 'schema' | 'relation'> => ({
  schema: range?.schemaname,
  relation: range?.relname ?? '',
})

const outputs = ['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE']

const inputs = (parameters: readonly Node[] = []): readonly TypeName[] =>
  parameters.flatMap((each) => {
    if (!('FunctionParameter' in each)) return []
    const { mode = '', argType } = each.FunctionParameter
    return argType === undefined || outputs.includes(mode) ? [] : [argType]
  })

// 'CREATE DOMAIN'
const wordsFor = (text: string): string =>
  (/^\s*\w+(?:\s+\w+)?(?:\s+(?:class|family)\b)?/i.exec(text.replace(/\bor\s+replace\s+/i, '')) ?? [
    text,
  ])[0]
    .replace(/\s+/g, ' ')
    .toUpperCase()
