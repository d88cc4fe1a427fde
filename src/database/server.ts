// What we must know of the server before anything else, asked with the first message.

import type { Reply } from './reply.ts'
import type { Session } from './session.ts'

export type Server = {
  /** The process that answered: that of the session for as long as it lasts, but behind a pooler. */
  readonly pid: number
  readonly versionNumber: number
  readonly version: string
  /** A pooler stands between us and the server, told for certain by the process ids (FACTS.md). */
  readonly way: 'DIRECT' | 'POOLER'
  readonly role: 'primary' | 'standby'
  readonly writes: 'allowed' | 'off by default'
  /** The search path that the login role starts with, '"$user"' resolved, and those of its schemas that exist. */
  readonly searchPath: { readonly schemas: readonly string[]; readonly existing: readonly string[] }
  /** client_connection_check_interval: from 14 on under Linux, from 15 on under other Unixes. */
  readonly connectionCheck: 'available' | 'none'
}

/** What `schemasOfPath` is made from. Not the path of now: a pooled connection may carry one that somebody left in it. */
export const loginPath = `(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path') AS login(path)`

/** A JSON array. A path is a list of names, quoted where they need it. */
export const schemasOfPath = `(SELECT pg_catalog.json_agg(CASE WHEN btrim(s, '"') = '$user' THEN session_user::text ELSE btrim(s, '"') END)
  FROM pg_catalog.regexp_split_to_table(path, ',\\s*') s WHERE s <> '' AND s <> '""')`

const question = `SELECT pg_catalog.pg_backend_pid() AS pid,
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version_number,
  pg_catalog.current_setting('server_version') AS version,
  (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only') AS read_only,
  pg_catalog.pg_is_in_recovery() AS standby,
  pg_catalog.version() ~* 'linux' AS linux,
  pg_catalog.version() ~* 'darwin|bsd|solaris|illumos' AS other_unix,
  ${schemasOfPath}::text AS schemas,
  (SELECT pg_catalog.json_agg(nspname) FROM pg_catalog.pg_namespace
    WHERE ${schemasOfPath}::jsonb ? nspname::text)::text AS existing
  FROM ${loginPath}`

export const askServer = (session: Session): Promise<Reply> => session.send(question)

export const readServer = (reply: Extract<Reply, { kind: 'done' }>): Server => {
  const row = reply.sets[0]?.[0] ?? {}
  const versionNumber = Number(row['version_number'])
  return {
    pid: Number(row['pid']),
    versionNumber,
    version: String(row['version']),
    way: Number(row['pid']) === reply.handshakePid ? 'DIRECT' : 'POOLER',
    searchPath: { schemas: listOf(row['schemas']), existing: listOf(row['existing']) },
    role: row['standby'] === true ? 'standby' : 'primary',
    writes: row['read_only'] === 'on' ? 'off by default' : 'allowed',
    connectionCheck:
      (versionNumber >= 140_000 && row['linux'] === true) ||
      (versionNumber >= 150_000 && row['other_unix'] === true)
        ? 'available'
        : 'none',
  }
}

const listOf = (text: unknown): readonly string[] =>
  typeof text === 'string' ? (JSON.parse(text) as string[]) : []
