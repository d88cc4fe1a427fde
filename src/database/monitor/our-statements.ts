// How a statement that we sent is found on the server again: by its login, its database and the words it begins with, which for
// whatever belongs to a migration is a comment with its file and the key of its lock (database/lock/named-statement.ts).

import { literal } from '../literal.ts'

/**
 * The condition for a session `a` of pg_stat_activity that runs what begins with these words for the login that asks. Of another
 * login they are copied: anybody may write them, and nobody should make us wait by that.
 */
export const runsForUs = (words: string): string =>
  `a.datname = pg_catalog.current_database() AND a.state = 'active' AND a.pid <> pg_catalog.pg_backend_pid()
    AND a.usesysid = (SELECT own.usesysid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) own)
    AND pg_catalog.starts_with(a.query, ${literal(words)})`

/**
 * The condition, beside that, for ending it: no other program has named the session as its own. Behind a pooler our RESET ALL
 * leaves no application_name; where the pooler has given its own to each of its connections, we wait and end nothing.
 */
export const isOfNoOtherProgram = `(a.application_name = '' OR pg_catalog.starts_with(a.application_name, 'schemagate/'))`
