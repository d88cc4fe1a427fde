// What we must know of the server before anything else, asked with the first message.

import { literal } from '../literal.ts'
import { newSessionsPath, storedSettings } from './login-settings.ts'
import { pathOfFiles, readOnly } from '../own-sql.ts'
import type { Row } from '../session/reply.ts'

/** What the login starts with when it connects now. */
type LoginSettings = {
  /** search_path as the server writes it. */
  readonly path: string
  /** Behind a pooler, this connection may have been there before the path was what it is now. */
  readonly connection: 'current' | 'older'
  /** Differs when the settings that are stored for the login do. */
  readonly stored: string
}

export type Server = {
  /** The process that answered: that of the session for as long as it lasts, but behind a pooler. */
  readonly pid: number
  readonly versionNumber: number
  readonly version: string
  /** The database's, as the server names it: 'UTF8', 'LATIN1'. */
  readonly encoding: string
  /** There is a pooler before the server, which the process ids show for certain (docs/design/facts.md). */
  readonly connectionKind: 'DIRECT' | 'POOLER'
  readonly role: 'primary' | 'standby'
  readonly writes: 'allowed' | 'off by default'
  /** The search path that migrations start with, '"$user"' resolved, and those of its schemas that exist. */
  readonly searchPath: {
    readonly schemas: readonly string[]
    readonly existing: readonly string[]
    /** MIGRATION_ROLE, where it is set. */
    readonly role?: string | undefined
  }
  readonly login: LoginSettings
  /** May the login role become MIGRATION_ROLE? Also where none is set. */
  readonly migrationRole: 'allowed' | 'denied' | 'unknown'
  /** client_connection_check_interval: from 14 on under Linux, from 15 on under other Unixes. */
  readonly connectionCheck: 'available' | 'none'
}

/** What `schemasOfPath` is made from. Not the path of now: a pooled connection may carry one that somebody left in it. */
export const loginPath = `(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path') AS login(path)`

/** A JSON array. A path is a list of names, quoted where they need it; `user` is SQL for what '"$user"' means. */
export const schemasFor = (
  user: string,
): string => `(SELECT pg_catalog.json_agg(CASE WHEN btrim(s, '"') = '$user' THEN ${user} ELSE btrim(s, '"') END)
  FROM pg_catalog.regexp_split_to_table(path, ',\\s*') s WHERE s <> '' AND s <> '""')`

/** As schemasFor(), for the login role itself. */
export const schemasOfPath = schemasFor('session_user::text')

/** May the login role become the role with this oid? From PostgreSQL 16 on a member may be kept from it. Also on the path of files. */
export const maySetRole = (oid: string): string => `pg_catalog.pg_has_role(session_user, ${oid},
      CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.<) 160000 THEN 'MEMBER' ELSE 'SET' END)`

const mayBecome = (
  role: string,
): string => `(SELECT CASE WHEN ${maySetRole('oid')} THEN 'allowed' ELSE 'denied' END
  FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ${literal(role)})`

/**
 * Yields one row. Of several statements, and so a transaction by itself that changes nothing, or part of a longer message of that
 * kind. It reads the path of files, and leaves it on. A new server process takes
 * milliseconds for whatever it does the first time, so that the view pg_settings, regular expressions and JSON are left to those
 * who need more: https://www.postgresql.org/docs/current/sql-set.html (what DEFAULT means is the view's reset_val).
 */
export const serverQuery = (
  role: string | undefined,
  /** The search path that the client asks for, which a pooler may not pass on. */
  path?: string,
): string => `${readOnly}; ${pathOfFiles}; SET LOCAL default_transaction_read_only TO DEFAULT; SELECT pg_catalog.pg_backend_pid() AS pid,
  ${setting('server_version_num')} AS version_number,
  ${setting('server_version')} AS version,
  ${setting('server_encoding')} AS encoding,
  pg_catalog.version() AS build,
  ${setting('default_transaction_read_only')} AS read_only,
  pg_catalog.pg_is_in_recovery() AS standby,
  ${role === undefined ? `'allowed'` : mayBecome(role)} AS migration_role,
  session_user AS login,
  ${storedSettings} AS stored_settings, p.path, ${setting('search_path')} AS connection_path,
  (SELECT pg_catalog.json_agg(nspname) FROM pg_catalog.pg_namespace
    WHERE pg_catalog.strpos(p.path, nspname::pg_catalog.text) OPERATOR(pg_catalog.>) 0
      OR nspname OPERATOR(pg_catalog.=) ${role === undefined ? 'session_user' : literal(role)})::pg_catalog.text AS near_path
  FROM (SELECT ${path === undefined ? newSessionsPath : literal(path)}::pg_catalog.text AS path OFFSET 0) p`

const setting = (name: string): string => `pg_catalog.current_setting('${name}')`

/** `handshakePid` is that of the reply. */
export const readServer = (
  row: Row,
  handshakePid: number,
  migrationRole: string | undefined,
): Server => {
  const may = row['migration_role']
  const versionNumber = Number(row['version_number'])
  const schemas = schemasIn(String(row['path']), migrationRole ?? String(row['login']))
  const there = row['near_path']
  const existing = typeof there === 'string' ? (JSON.parse(there) as string[]) : []
  return {
    pid: Number(row['pid']),
    versionNumber,
    version: String(row['version']),
    encoding: String(row['encoding']),
    connectionKind: Number(row['pid']) === handshakePid ? 'DIRECT' : 'POOLER',
    searchPath: {
      schemas,
      existing: schemas.filter((each) => existing.includes(each)),
      role: migrationRole,
    },
    login: {
      path: String(row['path']),
      connection: row['path'] === row['connection_path'] ? 'current' : 'older',
      stored: String(row['stored_settings']),
    },
    migrationRole: may === 'allowed' || may === 'denied' ? may : 'unknown',
    role: row['standby'] === true ? 'standby' : 'primary',
    writes: row['read_only'] === 'on' ? 'off by default' : 'allowed',
    connectionCheck: hasConnectionCheck(versionNumber, String(row['build'])) ? 'available' : 'none',
  }
}

const hasConnectionCheck = (versionNumber: number, build: string): boolean =>
  (versionNumber >= 140_000 && /linux/i.test(build)) ||
  (versionNumber >= 150_000 && /darwin|bsd|solaris|illumos/i.test(build))

// As schemasFor() does it.
const schemasIn = (path: string, user: string): readonly string[] =>
  path
    .split(/,\s*/)
    .filter((each) => each !== '' && each !== '""')
    .map((each) => each.replace(/^"+|"+$/g, ''))
    .map((each) => (each === '$user' ? user : each))
