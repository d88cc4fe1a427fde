// What a login starts with: the settings that ALTER DATABASE … SET and ALTER ROLE … SET have stored for it. The server reads them
// when a connection begins and never again, while a migration may change them for the next one. A run whose files change them goes
// on in a new session, as the next run would; behind a pooler, where a connection may be older than what is stored, each message
// says them.

import { literal } from '../literal.ts'

// Read by whoever has not put our own path on yet, so that every operator is qualified.
const same = 'OPERATOR(pg_catalog.=)'
const database = `(SELECT oid FROM pg_catalog.pg_database WHERE datname ${same} pg_catalog.current_database())`
const login = `pg_catalog.to_regrole(pg_catalog.quote_ident(session_user))`

// https://www.postgresql.org/docs/current/catalog-pg-db-role-setting.html
const stored = `pg_catalog.pg_db_role_setting s
    WHERE (s.setdatabase ${same} '0' OR s.setdatabase ${same} ${database}) AND (s.setrole ${same} '0' OR s.setrole ${same} ${login})`

/** An expression that differs when what is stored for the login does; as a text, since they may be secrets. */
export const storedSettings = `(SELECT pg_catalog.hashtextextended(coalesce(pg_catalog.string_agg(
      pg_catalog.concat_ws(' ', s.setdatabase, s.setrole, s.setconfig), ' ' ORDER BY s.setdatabase, s.setrole), ''), 0)::pg_catalog.text
    FROM ${stored})`

// The server takes the first of: this role in this database, this role, this database, all.
const byRank = `ORDER BY s.setrole DESC, s.setdatabase DESC`

const storedPath = `(SELECT pg_catalog.substr(line, 13) FROM (SELECT s.* FROM ${stored} ${byRank}) s, pg_catalog.unnest(s.setconfig) AS c(line)
    WHERE pg_catalog.starts_with(line, 'search_path=') LIMIT 1)`

const builtInPath = `'"$user", public'`

const fromStore = ['global', 'database', 'user', 'database user']
const isFromStore = (source: string): string =>
  `(${fromStore.map((each) => `${source} ${same} '${each}'`).join(' OR ')})`

/**
 * An expression for the search path that a new session of the login would have, where search_path is set to DEFAULT: on a
 * connection that was there before it was changed, DEFAULT is what it was then. Reads pg_settings only where the two may differ.
 */
export const newSessionsPath = `(SELECT CASE
    WHEN coalesce(p.stored, ${builtInPath}) ${same} p.now THEN p.now
    ELSE (SELECT CASE
        WHEN g.source ${same} 'client' THEN p.now
        WHEN ${isFromStore('g.source')} THEN coalesce(p.stored, g.boot_val)
        ELSE coalesce(p.stored, p.now) END
      FROM pg_catalog.pg_show_all_settings() g WHERE g.name ${same} 'search_path') END
  FROM (SELECT pg_catalog.current_setting('search_path') AS now, ${storedPath} AS stored OFFSET 0) p)`

// The path is said by itself, the timeouts are those of the run, and the rest does not concern files.
const saidOtherwise = [
  'search_path',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
  'client_connection_check_interval',
  'application_name',
  'client_encoding',
  'standard_conforming_strings',
]

/**
 * A statement without rows: on a connection that may be older than they are, what a new session of the login would start with,
 * for the rest of the transaction. What the login may not set by itself stays as it is. Behind ownPath.
 */
export const asNewSession = `SELECT FROM (
    SELECT pg_catalog.set_config(w.name, w.value, true) AS done FROM (
      SELECT coalesce(g.name, t.name) AS name, CASE WHEN t.name IS NULL THEN g.boot_val ELSE t.value END AS value, g.context
      FROM (SELECT DISTINCT ON (lower(split_part(line, '=', 1))) split_part(line, '=', 1) AS name, substr(line, strpos(line, '=') + 1) AS value
          FROM (SELECT s.* FROM ${stored}) s, unnest(s.setconfig) AS c(line)
          ORDER BY lower(split_part(line, '=', 1)), s.setrole DESC, s.setdatabase DESC) t
        FULL JOIN (SELECT * FROM pg_settings) g ON g.name = lower(t.name)
      WHERE (t.name IS NOT NULL AND g.source IS DISTINCT FROM 'client') OR ${isFromStore('g.source')}) w
    WHERE current_setting(w.name, true) IS DISTINCT FROM w.value AND (w.context = 'user' OR w.context IS NULL)
      AND NOT lower(w.name) IN (${saidOtherwise.map(literal).join(', ')})
    OFFSET 0) s WHERE s.done IS NULL`
