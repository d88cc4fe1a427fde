// Which right the role lacks, and the GRANT that gives it: by what the statement does, and by the catalog. The server's own words
// name neither the role nor the owner, and are translated.

import { literal } from '../../../database/literal.ts'
import type { Row } from '../../../database/session/reply.ts'
import { alteredRelation, createdSchema, schemaCreatedIn } from '../../../schema/effects/right.ts'
import { namesIn, type WrittenName } from '../../../schema/effects/names/names-in.ts'
import { quoteName } from '../../../errors/define.ts'
import type { ReadStatement } from '../../../schema/history/history.ts'
import { isTree, subtrees, type Tree } from '../../../sql/tree/tree.ts'
import { lookUp, type Failed } from './look-up.ts'

export const missingRight = async (
  statement: ReadStatement,
  { session, server }: Failed,
): Promise<string | undefined> => {
  const me = server.searchPath.role === undefined ? 'session_user' : literal(server.searchPath.role)
  const extension = extensionOf(statement)
  const [[who] = [], things = [], schemas = [], roles = [], [trusted] = []] = await lookUp(
    session,
    `SELECT ${me}::pg_catalog.text AS me, pg_catalog.current_database()::pg_catalog.text AS database,
      pg_catalog.has_database_privilege(${me}, pg_catalog.current_database(), 'CREATE') AS creates`,
    thingsQuery(wantedOf(statement), me),
    schemasQuery(statement, me),
    rolesQuery(rolesIn(statement.node), me),
    `SELECT true AS trusted FROM pg_catalog.pg_available_extension_versions v
      WHERE v.name = ${literal(extension ?? '')} AND (v.trusted OR NOT v.superuser) LIMIT 1`,
  )
  if (who === undefined) return undefined
  const [role, database] = [String(who['me']), String(who['database'])]
  const to = `TO ${quoteName(role)};`
  const createsIn = statement.effects.map(schemaCreatedIn)
  const needsDatabase =
    statement.effects.some((each) => createdSchema(each) !== undefined) || trusted !== undefined
  const grants = [
    ...(needsDatabase && who['creates'] === false
      ? [`GRANT CREATE ON DATABASE ${quoteName(database)} ${to}`]
      : []),
    ...schemas.flatMap(({ name, uses, creates }) => [
      ...(uses === false ? [`GRANT USAGE ON SCHEMA ${quoteName(String(name))} ${to}`] : []),
      ...(creates === false && createsIn.includes(String(name))
        ? [`GRANT CREATE ON SCHEMA ${quoteName(String(name))} ${to}`]
        : []),
    ]),
    ...privileges(things.filter(({ privilege }) => privilege !== owner)).map(
      (each) => `GRANT ${each} ${to}`,
    ),
    ...roles.map(({ name }) => `GRANT ${quoteName(String(name))} ${to}`),
  ]
  const foreign = things.filter(({ privilege }) => privilege === owner)
  const said = [
    ...foreign.slice(0, mostNamed).map((each) => ownership(each, role)),
    ...(grants.length === 0
      ? []
      : [`The file runs as ${role}, which lacks a privilege: ${[...new Set(grants)].join(' ')}`]),
    ...(extension === undefined || trusted !== undefined
      ? []
      : [
          `Only a superuser may create the extension ${extension}: have one run CREATE EXTENSION ${quoteName(extension)}; in the database ${database}, and write IF NOT EXISTS in the file.`,
        ]),
  ]
  return said.length === 0
    ? `The file runs as ${role}, which lacks a privilege: GRANT it, or set MIGRATION_ROLE to a role that has it.`
    : `${said.join(' ')} Then run again; 'schemagate doctor' lists what else is missing.`
}

const mostNamed = 2
const owner = 'OWNER'

const ownership = (row: Row, role: string): string => {
  const [thing, kind, of] = [row['thing'], row['kind'], row['owner']].map(String) as [
    string,
    string,
    string,
  ]
  return row['superuser'] === true
    ? `${thing} belongs to ${of}, a superuser, and the file runs as ${role}: as ${of}, ALTER ${kind} ${thing} OWNER TO ${quoteName(role)};`
    : `${thing} belongs to ${of}, and the file runs as ${role}: GRANT ${quoteName(of)} TO ${quoteName(role)}; or set MIGRATION_ROLE=${of}.`
}

// 'SELECT, UPDATE ON public.users'
const privileges = (rows: readonly Row[]): readonly string[] => {
  const of = new Map<string, Set<string>>()
  for (const { thing, kind, privilege } of rows) {
    const on = `${kind === 'TABLE' ? '' : `${String(kind)} `}${String(thing)}`
    of.set(on, (of.get(on) ?? new Set()).add(String(privilege)))
  }
  return [...of].map(([on, all]) => `${[...all].join(', ')} ON ${on}`)
}

type Wanted = WrittenName & { readonly kind: 'relation' | 'type' | 'function'; privilege: string }

const verbs: Readonly<Record<string, readonly string[]>> = {
  InsertStmt: ['INSERT'],
  UpdateStmt: ['SELECT', 'UPDATE'],
  DeleteStmt: ['SELECT', 'DELETE'],
  MergeStmt: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  TruncateStmt: ['TRUNCATE'],
  CreateTrigStmt: ['TRIGGER'],
}

/** Each with the schemas it may be meant in, the likeliest first. */
const wantedOf = ({ node, effects, path }: ReadStatement): readonly Wanted[] => {
  const parts = subtrees(node)
  const used = parts.flatMap((part) =>
    [...Object.entries(verbs), copied(part)].flatMap(([key, wanted]) =>
      targetsIn(part[key]).flatMap((name) =>
        wanted.map((privilege) => ({ ...name, kind: 'relation' as const, privilege })),
      ),
    ),
  )
  const referenced = parts.flatMap((part) =>
    rangeVar(part['pktable']).map((name) => ({
      ...name,
      kind: 'relation' as const,
      privilege: 'REFERENCES',
    })),
  )
  const read = parts.some((part) => 'SelectStmt' in part || 'fromClause' in part)
    ? namesIn(node, 'relation')
        .filter(({ name }) => !used.some((each) => each.name === name))
        .map((name) => ({ ...name, kind: 'relation' as const, privilege: 'SELECT' }))
    : []
  const called = namesIn(node, 'function').map((name) => ({
    ...name,
    kind: 'function' as const,
    privilege: 'EXECUTE',
  }))
  const owned = effects.flatMap((effect): readonly Wanted[] => {
    const relation = alteredRelation(effect)
    if (relation !== undefined)
      return [{ ...relation, kind: 'relation' as const, privilege: owner }]
    const { kind, schema, name } = effect.object
    return kind === 'type' || kind === 'function'
      ? [{ schema, name: name.replace(/\(.*$/s, ''), kind, privilege: owner }]
      : []
  })
  return [...owned, ...used, ...referenced, ...read, ...called].flatMap(
    (each): readonly Wanted[] =>
      each.schema === undefined ? path.map((schema) => ({ ...each, schema })) : [each],
  )
}

const copied = ({ CopyStmt }: Tree): readonly [string, readonly string[]] => [
  'CopyStmt',
  [isTree(CopyStmt) && CopyStmt['is_from'] === true ? 'INSERT' : 'SELECT'],
]

const rangeVar = (value: unknown): readonly WrittenName[] => {
  const name = isTree(value) ? value['relname'] : undefined
  const schema = isTree(value) ? value['schemaname'] : undefined
  return typeof name === 'string'
    ? [{ schema: typeof schema === 'string' ? schema : undefined, name }]
    : []
}

const targetsIn = (statement: unknown): readonly WrittenName[] => {
  if (!isTree(statement)) return []
  const { relations } = statement as { readonly relations?: unknown }
  return Array.isArray(relations)
    ? relations.flatMap((each: unknown) => rangeVar(isTree(each) ? each['RangeVar'] : undefined))
    : rangeVar(statement['relation'])
}

const json = (value: unknown): string => `${literal(JSON.stringify(value))}::pg_catalog.json`

const lacks = (kind: 'relation' | 'type' | 'function', own: string, me: string, has: string) =>
  `w.kind = '${kind}' AND CASE WHEN w.privilege = '${owner}' THEN NOT pg_catalog.pg_has_role(${me}, ${own}, 'USAGE') ELSE NOT ${has} END`

const thingsQuery = (wanted: readonly Wanted[], me: string): string => {
  const from = `pg_catalog.json_to_recordset(${json(wanted)}) AS w(schema text, name text, kind text, privilege text)
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema`
  const has = `pg_catalog.has_table_privilege(${me}, o.oid, CASE WHEN w.privilege = '${owner}' THEN 'SELECT' ELSE w.privilege END)`
  return `SELECT thing, kind, privilege, pg_catalog.pg_get_userbyid(own) AS owner, s.rolsuper AS superuser FROM (
    SELECT pg_catalog.format('%I.%I', n.nspname, o.relname) AS thing, o.relowner AS own, w.privilege,
      CASE o.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END AS kind
    FROM ${from} JOIN pg_catalog.pg_class o ON o.relnamespace = n.oid AND o.relname = w.name
    WHERE ${lacks('relation', 'o.relowner', me, has)}
    UNION SELECT pg_catalog.format('%I.%I', n.nspname, o.typname), o.typowner, w.privilege, CASE o.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END
    FROM ${from} JOIN pg_catalog.pg_type o ON o.typnamespace = n.oid AND o.typname = w.name
    WHERE ${lacks('type', 'o.typowner', me, 'true')}
    UNION SELECT pg_catalog.format('%I.%I(%s)', n.nspname, o.proname, pg_catalog.pg_get_function_identity_arguments(o.oid)), o.proowner, w.privilege,
      CASE o.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END
    FROM ${from} JOIN pg_catalog.pg_proc o ON o.pronamespace = n.oid AND o.proname = w.name
    WHERE ${lacks('function', 'o.proowner', me, `pg_catalog.has_function_privilege(${me}, o.oid, 'EXECUTE')`)}) AS found
  JOIN pg_catalog.pg_roles s ON s.oid = own ORDER BY 1, 3`
}

const schemasQuery = ({ node, effects, path }: ReadStatement, me: string): string => {
  const written = (['relation', 'type', 'function'] as const).flatMap((kind) =>
    namesIn(node, kind).flatMap(({ schema }) => schema ?? []),
  )
  const names = [
    ...new Set([...written, ...effects.flatMap((each) => schemaCreatedIn(each) ?? []), ...path]),
  ]
  return `SELECT n.nspname::pg_catalog.text AS name, pg_catalog.has_schema_privilege(${me}, n.oid, 'USAGE') AS uses,
      pg_catalog.has_schema_privilege(${me}, n.oid, 'CREATE') AS creates
    FROM pg_catalog.pg_namespace n WHERE n.nspname IN (SELECT pg_catalog.json_array_elements_text(${json(names)}))
    ORDER BY n.nspname`
}

/** Those that the statement makes the owner of something, or puts on. */
const rolesIn = (node: ReadStatement['node']): readonly string[] =>
  subtrees(node).flatMap((part) => [
    ...(['newowner', 'authrole'] as const).flatMap((key) => roleName(part[key])),
    ...(part['name'] === 'role' && Array.isArray(part['args'])
      ? subtrees(part['args']).flatMap(({ sval }) => textIn(sval))
      : []),
  ])

const roleName = (value: unknown): readonly string[] =>
  isTree(value) ? textIn({ sval: value['rolename'] }) : []

const textIn = (value: unknown): readonly string[] => {
  const text = isTree(value) ? value['sval'] : undefined
  return typeof text === 'string' ? [text] : []
}

const rolesQuery = (names: readonly string[], me: string): string =>
  `SELECT rolname::pg_catalog.text AS name FROM pg_catalog.pg_roles
    WHERE rolname IN (SELECT pg_catalog.json_array_elements_text(${json(names)}))
      AND NOT pg_catalog.pg_has_role(${me}, oid, 'MEMBER') ORDER BY 1`

const extensionOf = ({ node }: ReadStatement): string | undefined =>
  'CreateExtensionStmt' in node ? node.CreateExtensionStmt.extname : undefined
