// What a statement is about, as a value; that of operators, casts, event triggers, text search and default privileges.

import type {
  AlterDefaultPrivilegesStmt,
  CreateCastStmt,
  DefineStmt,
  Node,
  RoleSpec,
  TypeName,
} from 'libpg-query'
import { stringsOf } from '../../sql/tree/tree.ts'
import type { ObjectKind } from '../object-file.ts'

export type Subject = {
  readonly role: 'makes' | 'says'
  /** 'relation' where the statement does not tell which. */
  readonly kind: ObjectKind | 'relation' | 'routine'
  readonly schema: string | undefined
  readonly relation: string
  readonly name: string
  /** Undefined where none are written. */
  readonly types?: readonly TypeName[] | undefined
  /** Of default privileges that name no role. */
  readonly implied?: 'current_user' | 'session_user' | undefined
}

export const pair = (names: readonly string[]): Pick<Subject, 'schema' | 'name'> => ({
  schema: names.at(-2),
  name: names.at(-1) ?? '',
})

export const named = (names: unknown): Pick<Subject, 'schema' | 'name'> => pair(stringsOf(names))

export const typesIn = (nodes: readonly Node[] = []): readonly TypeName[] =>
  nodes.flatMap((each) => ('TypeName' in each ? [each.TypeName] : []))

export const textSearchKinds = {
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TSPARSER: 'text search parser',
  OBJECT_TSTEMPLATE: 'text search template',
} as const

/** CREATE OPERATOR and CREATE TEXT SEARCH; undefined for what else is defined so. */
export const definedBy = ({
  kind = 'OBJECT_TYPE',
  defnames,
  definition,
}: DefineStmt): Subject | undefined => {
  const common = { role: 'makes', relation: '', ...named(defnames) } as const
  if (kind === 'OBJECT_OPERATOR')
    return { ...common, kind: 'operator', types: argumentsIn(definition) }
  const found = Object.entries(textSearchKinds).find(([each]) => each === kind)
  return found && { ...common, kind: found[1] }
}

const argumentsIn = (definition: readonly Node[] = []): readonly TypeName[] => {
  const typeOf = (word: string): readonly TypeName[] =>
    definition.flatMap((each) =>
      'DefElem' in each && each.DefElem.defname === word && each.DefElem.arg !== undefined
        ? typesIn([each.DefElem.arg])
        : [],
    )
  return [...typeOf('leftarg'), ...typeOf('rightarg')]
}

export const castBy = ({ sourcetype, targettype }: CreateCastStmt): Subject => ({
  ...castOf([sourcetype, targettype].flatMap((each) => each ?? [])),
  role: 'makes',
})

export const castOf = (types: readonly TypeName[]): Subject => ({
  ...{ role: 'says', kind: 'cast', schema: '', relation: '', name: '', types },
})

export const eventTrigger = (name = ''): Subject => ({
  ...{ role: 'says', kind: 'event trigger', schema: '', relation: '', name },
})

const kindsOfObjects: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'tables',
  OBJECT_SEQUENCE: 'sequences',
  OBJECT_FUNCTION: 'functions',
  OBJECT_TYPE: 'types',
  OBJECT_SCHEMA: 'schemas',
  OBJECT_LARGEOBJECT: 'large objects',
}

/** They are of one role, of one kind of object, in one schema or in all. */
export const defaultPrivileges = ({
  options = [],
  action,
}: AlterDefaultPrivilegesStmt): Subject | string => {
  const listed = (word: string): readonly Node[] =>
    options.flatMap((each) =>
      'DefElem' in each &&
      each.DefElem.defname === word &&
      each.DefElem.arg !== undefined &&
      'List' in each.DefElem.arg
        ? (each.DefElem.arg.List.items ?? [])
        : [],
    )
  const roles = listed('roles')
  const schemas = stringsOf(listed('schemas'))
  if (roles.length > 1 || schemas.length > 1)
    return 'ALTER DEFAULT PRIVILEGES names one role and one schema here'
  const [role] = roles
  const kind = kindsOfObjects[action?.objtype ?? ''] ?? 'objects'
  return {
    ...{ role: 'says', kind: 'default privileges', schema: schemas[0] ?? '', relation: '' },
    ...whose(kind, role !== undefined && 'RoleSpec' in role ? role.RoleSpec : undefined),
  }
}

const whose = (kind: string, role: RoleSpec | undefined): Pick<Subject, 'name' | 'implied'> => {
  if (role?.roletype === 'ROLESPEC_CSTRING') return { name: `${kind} of ${role.rolename ?? ''}` }
  const implied = role?.roletype === 'ROLESPEC_SESSION_USER' ? 'session_user' : 'current_user'
  return { name: `${kind} of `, implied }
}
