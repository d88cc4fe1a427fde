// How SQL of our own is written. A name, an operator or a type without a schema is looked for along the search path, and whoever
// may create something in a schema of the login's path could put theirs before PostgreSQL's and have it run with our rights
// (CVE-2018-1058). So each of our messages sets a path on which there are no objects of others. It is SET LOCAL, in the message's own
// transaction: a setting of the session would reach other clients of a pooler.
//
// A statement that must read names as a file does follows `pathOfFiles`, and qualifies everything else that it says:
// functions, types, and operators as OPERATOR(pg_catalog.=). IN, BETWEEN, LIKE, IS DISTINCT FROM and USING have no such form.

/**
 * Relations and types of pg_temp would come before those of pg_catalog if it were not named: behind a pooler, another client's
 * temporary pg_class is on our connection. https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH
 */
export const ownPath = 'SET LOCAL search_path TO pg_catalog, pg_temp'

/** The same as an expression, for PL/pgSQL. */
export const setOwnPath = "pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)"

/** The path that the login starts with, and files with it; not what somebody left in a pooled connection. */
export const pathOfFiles = 'SET LOCAL search_path TO DEFAULT'

/**
 * What a session starts with. A pooler opens its connections without saying that we speak UTF-8, so that RESET ALL may make another
 * encoding of it, which ALTER ROLE or ALTER DATABASE has set; not SET LOCAL, or the next message would be read in that one.
 */
export const resetAll = "RESET ALL; SET client_encoding TO 'UTF8'"

/** The login role and the settings it starts with: a pooled connection may carry what another client left in it. */
export const cleanSession = `RESET SESSION AUTHORIZATION; RESET ROLE; ${resetAll}`

/** First in a message of several statements, which is a transaction by itself. */
export const readOnly = 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY'

/** A message that changes nothing. It is a transaction by itself, so that an error leaves nothing to be rolled back. */
export const reading = (...statements: readonly string[]): string =>
  // In one line with its first statement, which a server's log then shows.
  `${readOnly}; ${ownPath}; ${statements.join(';\n')}`

/**
 * The same in a clean session. After an error the session is made to roll back; it always does, so that what another client set
 * in a pooled connection is as it was.
 */
export const readingInCleanSession = (...statements: readonly string[]): string =>
  [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY',
    cleanSession,
    ownPath,
    ...statements,
    'ROLLBACK',
  ].join(';\n')

/**
 * READ WRITE is said because a pooled connection may carry another default that somebody left in it. `settings` are SET
 * statements. After an error the session is made to roll back.
 */
export const writing = (settings: string, ...statements: readonly string[]): string =>
  [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    settings,
    ownPath,
    ...statements,
    'COMMIT',
  ].join(';\n')
