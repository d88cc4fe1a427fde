// What is said of an object besides what it is: comments, security labels, grants. Rows name the object by catalog and oid.

import { roleName } from './source.ts'

/** Rows of {class, oid, column, target, words}; `target` is what COMMENT ON takes for a part of an object, '' else. */
const targetOf = (alias: string): string => `coalesce(
    (SELECT format('CONSTRAINT %I ON %s', k.conname, CASE WHEN k.contypid <> 0 THEN 'DOMAIN ' || k.contypid::regtype ELSE k.conrelid::regclass::text END)
      FROM pg_constraint k WHERE ${alias}.classoid = 'pg_constraint'::regclass AND k.oid = ${alias}.objoid),
    (SELECT format('INDEX %I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${alias}.classoid = 'pg_class'::regclass AND ${alias}.objsubid = 0 AND c.oid = ${alias}.objoid AND c.relkind IN ('i', 'I')),
    (SELECT format('COLUMN %I.%I.%I', n.nspname, c.relname, a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${alias}.classoid = 'pg_class'::regclass AND ${alias}.objsubid > 0 AND a.attrelid = ${alias}.objoid AND a.attnum = ${alias}.objsubid), '')`

// The comment that initdb gives the schema public is not said again.
export const comments = `SELECT d.classoid::regclass::text AS class, d.objoid::text AS oid, d.objsubid AS column, ${targetOf('d')} AS target,
  quote_literal(d.description) AS words FROM pg_description d
  WHERE NOT (d.classoid = 'pg_namespace'::regclass AND d.description = 'standard public schema')
    AND NOT (d.classoid = 'pg_class'::regclass AND d.objoid < 16384)`

export const securityLabels = `SELECT d.classoid::regclass::text AS class, d.objoid::text AS oid, d.objsubid AS column, ${targetOf('d')} AS target,
  quote_ident(d.provider) AS provider, quote_literal(d.label) AS words FROM pg_seclabel d`

export type CommentRow = {
  readonly class: string
  readonly oid: string
  readonly column: number
  readonly target: string
  readonly words: string
  readonly provider?: string
}

export type GrantRow = {
  readonly class: string
  readonly oid: string
  /** Quoted; null for the whole object. */
  readonly column: string | null
  /** What GRANT … ON takes: 'TABLE app.customer'. */
  readonly target: string
  readonly verb: 'GRANT' | 'REVOKE'
  readonly rights: readonly string[]
  readonly role: string
  /** Null when it is the owner. */
  readonly grantor: string | null
  readonly isGrantable: boolean
}

type Granted = {
  readonly catalog: string
  readonly from: string
  readonly oid: string
  readonly acl: string
  readonly owner: string
  readonly kind: string
  readonly target: string
  readonly column?: string
  /** What it has before anything is granted, where that is not what acldefault() says. */
  readonly base?: string
}

const named = (schema: string, name: string): string => `format('%I.%I', ${schema}, ${name})`

const granted: readonly Granted[] = [
  {
    ...{
      catalog: 'pg_class',
      from: 'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
      oid: 'c.oid',
    },
    ...{
      acl: 'c.relacl',
      owner: 'c.relowner',
      kind: `CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END`,
    },
    target: `CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || ${named('n.nspname', 'c.relname')}`,
  },
  {
    catalog: 'pg_class',
    from: 'pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace',
    ...{ oid: 'c.oid', acl: 'a.attacl', owner: 'c.relowner', kind: "'c'", base: 'NULL::aclitem[]' },
    ...{
      column: 'quote_ident(a.attname)',
      target: `'TABLE ' || ${named('n.nspname', 'c.relname')}`,
    },
  },
  {
    ...{
      catalog: 'pg_proc',
      from: 'pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace',
      oid: 'p.oid',
    },
    ...{ acl: 'p.proacl', owner: 'p.proowner', kind: "'f'" },
    target: `CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || format('%I.%I(%s)', n.nspname, p.proname,
      CASE p.prokind WHEN 'a' THEN oidvectortypes(p.proargtypes) ELSE pg_get_function_identity_arguments(p.oid) END)`,
  },
  {
    ...{
      catalog: 'pg_type',
      from: 'pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace',
      oid: 't.oid',
    },
    ...{ acl: 't.typacl', owner: 't.typowner', kind: "'T'" },
    target: `'TYPE ' || ${named('n.nspname', 't.typname')}`,
  },
  {
    ...{
      catalog: 'pg_namespace',
      from: 'pg_namespace n',
      oid: 'n.oid',
      owner: 'n.nspowner',
      kind: "'n'",
    },
    // A new database has the schema public with a grant to everybody.
    acl: `CASE WHEN n.nspname = 'public' THEN coalesce(n.nspacl, acldefault('n', n.nspowner)) ELSE n.nspacl END`,
    base: `CASE WHEN n.nspname = 'public' THEN acldefault('n', n.nspowner) || makeaclitem(0, n.nspowner, 'USAGE', false) ELSE acldefault('n', n.nspowner) END`,
    target: "format('SCHEMA %I', n.nspname)",
  },
  {
    ...{
      catalog: 'pg_language',
      from: 'pg_language l',
      oid: 'l.oid',
      acl: 'l.lanacl',
      owner: 'l.lanowner',
    },
    ...{ kind: "'l'", target: "format('LANGUAGE %I', l.lanname)" },
  },
  {
    ...{
      catalog: 'pg_foreign_data_wrapper',
      from: 'pg_foreign_data_wrapper w',
      oid: 'w.oid',
      acl: 'w.fdwacl',
    },
    ...{ owner: 'w.fdwowner', kind: "'F'", target: "format('FOREIGN DATA WRAPPER %I', w.fdwname)" },
  },
  {
    ...{ catalog: 'pg_foreign_server', from: 'pg_foreign_server s', oid: 's.oid', acl: 's.srvacl' },
    ...{ owner: 's.srvowner', kind: "'S'", target: "format('FOREIGN SERVER %I', s.srvname)" },
  },
]

/** SQL: is the object with this oid one of those that are asked about? */
type Among = (catalog: string, oid: string) => string

const aclsOf = (among: Among): string =>
  granted
    .map(
      ({ catalog, from, oid, acl, owner, kind, target, column = 'NULL::text', base }) =>
        `SELECT '${catalog}', ${oid}, ${column}, ${target}, ${owner}, ${acl}, ${base ?? `acldefault((${kind})::"char", ${owner})`} FROM ${from} WHERE ${acl} IS NOT NULL AND ${among(catalog, oid)}`,
    )
    .join('\nUNION ALL ')

const rights = (of: string): string =>
  `SELECT c.class, c.oid, c.col, c.target, c.owner, x.grantor, x.grantee, x.privilege_type, x.is_grantable FROM acls c, aclexplode(c.${of}) x`

const role = (oid: string): string => `CASE WHEN ${oid} = 0 THEN 'PUBLIC' ELSE ${roleName(oid)} END`

/** Rows of GrantRow: how what is granted differs from what a new object has. REVOKE comes first. */
export const grantsAmong = (
  among: Among,
): string => `WITH acls(class, oid, col, target, owner, acl, base) AS (${aclsOf(among)}),
has AS (${rights('acl')}), standard AS (${rights('base')}),
changes AS (
  SELECT 'GRANT' AS verb, e.* FROM (SELECT * FROM has EXCEPT SELECT * FROM standard) e
  UNION ALL SELECT 'REVOKE', s.* FROM standard s WHERE NOT EXISTS (SELECT FROM has h WHERE h.class = s.class AND h.oid = s.oid
    AND h.col IS NOT DISTINCT FROM s.col AND h.grantee = s.grantee AND h.privilege_type = s.privilege_type))
SELECT class, oid::text AS oid, col AS column, target, verb, json_agg(privilege_type ORDER BY privilege_type COLLATE "C") AS rights, ${role('grantee')} AS role,
  CASE WHEN grantor <> owner THEN ${roleName('grantor')} END AS grantor, is_grantable AS "isGrantable"
FROM changes GROUP BY class, oid, col, target, verb, grantee, grantor, owner, is_grantable
ORDER BY verb DESC, grantor <> owner, col COLLATE "C" NULLS FIRST, ${role('grantee')} COLLATE "C", ${roleName('grantor')} COLLATE "C", is_grantable`

export const grants = grantsAmong((catalog, oid) =>
  catalog === 'pg_namespace' ? `(${oid} >= 16384 OR n.nspname = 'public')` : `${oid} >= 16384`,
)

export const grantStatements = ({
  column,
  target,
  verb,
  rights: list,
  role: to,
  grantor,
  isGrantable,
}: GrantRow): readonly string[] => {
  const words = list.map((each) => (column === null ? each : `${each} (${column})`)).join(', ')
  const statement = `${verb} ${words} ON ${target} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${to}${isGrantable && verb === 'GRANT' ? ' WITH GRANT OPTION' : ''}`
  return grantor === null || verb === 'REVOKE'
    ? [statement]
    : [`SET SESSION AUTHORIZATION ${grantor}`, statement, 'RESET SESSION AUTHORIZATION']
}
