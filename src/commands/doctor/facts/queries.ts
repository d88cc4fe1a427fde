// What the server is asked for a diagnosis, as SQL. Each part is one value of ServerFacts. Everything here may be asked by any
// role, and fails for none: what it may not see is missing, or NULL.

import { literal } from '../../../database/literal.ts'
import { loginPath, maySetRole, schemasFor } from '../../../database/server/server.ts'
import type { Needs } from './needs.ts'

export type FactsRequest = {
  readonly ledgerSchema: string
  readonly needs: Needs
  /** MIGRATION_ROLE, where it is set and the login role may become it. */
  readonly role: string | undefined
  /** Transactions that are older are reported. */
  readonly longMs: number
  readonly timeoutMs: number
}

// All five are in milliseconds.
export const timeouts = `SELECT name, setting AS ms, source FROM pg_catalog.pg_settings
WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout',
  'transaction_timeout') AND setting <> '0' ORDER BY name`

const json = (value: unknown): string => `${literal(JSON.stringify(value))}::pg_catalog.json`

const list = (select: string): string =>
  `coalesce((SELECT pg_catalog.json_agg(pg_catalog.row_to_json(r)) FROM (${select}) AS r), '[]')`

const object = (parts: readonly string[]): string =>
  `pg_catalog.json_build_object(${parts.join(',\n')})`

const createsSchemas = "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"

/** Asked as the login role, which writes the ledger and watches its own sessions. */
export const loginFactsAsJson = ({ ledgerSchema, longMs, role: asRole }: FactsRequest): string =>
  object([
    `'tls', (SELECT pg_catalog.json_build_object('on', ssl, 'version', version, 'cipher', cipher)
      FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid())`,
    `'database', pg_catalog.current_database()`,
    `'login', session_user`,
    `'ledger', ${ledger(ledgerSchema, asRole)}`,
    `'transactions', ${list(transactions(longMs))}`,
    `'prepared', ${list(prepared(longMs))}`,
    `'hidden', (SELECT pg_catalog.count(*) FROM ${others} AND NOT ${visible}
      AND (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL OR ${locksOfPid} IS NOT NULL))`,
    `'invalidIndexes', ${list(invalidIndexes)}`,
    `'replicas', (SELECT pg_catalog.json_build_object('count', pg_catalog.count(*),
      'lagSeconds', pg_catalog.max(extract(epoch FROM replay_lag))::pg_catalog.int8) FROM pg_catalog.pg_stat_replication)`,
  ])

/** Asked as the role that migrations run under. */
export const roleFactsAsJson = ({ needs }: FactsRequest): string =>
  object([
    `'role', ${role}`,
    `'schemas', ${list(schemas(needs))}`,
    `'relations', ${list(relations(needs))}`,
    `'owners', ${list(owners)}`,
  ])

/** On the path of files, and as the role: what the names in them mean. */
export const fileFactsAsJson = ({ needs }: FactsRequest): string =>
  object([`'locked', ${list(locked(needs))}`])

// Of a role we are in, privileges count when they are inherited: 'USAGE' and not 'MEMBER'.
const role = `(SELECT pg_catalog.json_build_object('name', rolname, 'superuser', rolsuper,
  'memberOf', coalesce((SELECT pg_catalog.json_agg(o.rolname ORDER BY o.rolname) FROM pg_catalog.pg_roles o
    WHERE NOT me.rolsuper AND o.oid <> me.oid AND pg_catalog.pg_has_role(me.oid, o.oid, 'USAGE')), '[]'),
  'createsSchemas', ${createsSchemas})
  FROM pg_catalog.pg_roles me WHERE rolname = current_user)`

// By the catalog: to_regclass() fails for a schema that we may not use. What belongs to MIGRATION_ROLE, a run grants to the login.
const ledger = (schema: string, migrationRole: string | undefined): string => {
  const owned = (owner: string): string =>
    migrationRole === undefined
      ? 'false'
      : `coalesce(pg_catalog.pg_get_userbyid(${owner}) = ${literal(migrationRole)}, false)`
  const may = (privilege: string): string =>
    `(${owned('c.relowner')} OR coalesce(u.usage AND ${privilege}, false))`
  const byRole =
    migrationRole === undefined
      ? 'false'
      : `pg_catalog.has_database_privilege(${literal(migrationRole)}, pg_catalog.current_database(), 'CREATE')`
  return `(SELECT pg_catalog.json_build_object('schemaExists', n.oid IS NOT NULL,
    'createsSchemas', ${createsSchemas} OR ${byRole},
    'createsInSchema', ${owned('n.nspowner')} OR coalesce(u.usage AND pg_catalog.has_schema_privilege(n.oid, 'CREATE'), false),
    'exists', c.oid IS NOT NULL,
    'selects', ${may("pg_catalog.has_table_privilege(c.oid, 'SELECT')")},
    'inserts', ${may("pg_catalog.has_table_privilege(c.oid, 'INSERT')")},
    'locks', ${may("pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')")})
  FROM (VALUES (${literal(schema)})) AS asked(schema)
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = asked.schema
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'schema_migrations'
  LEFT JOIN LATERAL (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usage) AS u ON true)`
}

const becomes = `current_user = session_user AND ${maySetRole('c.relowner')}`

const pathSchemas = `SELECT p.name FROM ${loginPath}, pg_catalog.json_array_elements_text(${schemasFor('current_user::text')}) AS p(name)`

const schemas = ({ createsIn }: Needs): string => `SELECT n.nspname AS name,
    pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS creates
  FROM pg_catalog.pg_namespace n
  WHERE n.nspname <> 'pg_catalog' AND n.nspname IN (${pathSchemas}
    UNION SELECT pg_catalog.json_array_elements_text(${json(createsIn.map(({ schema }) => schema))}))
  ORDER BY n.nspname`

const relations = ({ altered }: Needs): string => `SELECT a.schema, a.name,
    pg_catalog.pg_get_userbyid(c.relowner) AS owner, pg_catalog.pg_has_role(c.relowner, 'USAGE') AS owned,
    ${becomes} AS becomes
  FROM pg_catalog.json_to_recordset(${json(altered)}) AS a(schema text, name text)
  JOIN pg_catalog.pg_namespace n ON n.nspname = a.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = a.name
  ORDER BY a.schema, a.name`

const owners = `SELECT pg_catalog.pg_get_userbyid(c.relowner) AS owner, pg_catalog.count(*) AS tables,
    pg_catalog.pg_has_role(c.relowner, 'USAGE') AS member, ${becomes} AS becomes
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname IN (${pathSchemas}) AND n.nspname <> 'pg_catalog'
  GROUP BY c.relowner ORDER BY 2 DESC`

const others = `pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database()
  AND a.pid <> pg_catalog.pg_backend_pid() AND a.usesysid IS NOT NULL`

const visible = `(pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'))`

/** The name of a relation, with its schema unless that is on the login's path. */
const shown = (relation: string): string =>
  `(SELECT CASE WHEN n.nspname IN (${pathSchemas}) THEN pg_catalog.quote_ident(${relation}.relname)
    ELSE pg_catalog.format('%I.%I', n.nspname, ${relation}.relname) END
    FROM pg_catalog.pg_namespace n WHERE n.oid = ${relation}.relnamespace)`

// Null when it holds none. Locks on PostgreSQL's own catalog block nobody for long.
const locksWhere = (
  condition: string,
): string => `(SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'oid', l.relation::pg_catalog.int8, 'table', ${shown('c')}, 'mode', l.mode) ORDER BY ${shown('c')}, l.mode)
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'v', 'm')
  WHERE l.locktype = 'relation' AND l.granted AND c.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    AND ${condition})`

const locksOfPid = locksWhere('l.pid = a.pid')

const transactions = (
  longMs: number,
): string => `SELECT a.pid, a.usename AS "user", a.application_name AS application,
    a.state, extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::pg_catalog.int8 AS seconds,
    pg_catalog."left"(a.query, 500) AS query, a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL AS snapshot,
    coalesce(${locksOfPid}, '[]') AS locks
  FROM ${others} AND a.backend_type = 'client backend'
    AND a.xact_start < pg_catalog.clock_timestamp() - ${longMs} * interval '1 millisecond'
    AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL OR ${locksOfPid} IS NOT NULL)
  ORDER BY a.xact_start`

// Its locks have no pid, but the virtual transaction of its lock on its own id.
const ofPrepared = `l.pid IS NULL AND l.virtualtransaction = (SELECT own.virtualtransaction FROM pg_catalog.pg_locks own
  WHERE own.locktype = 'transactionid' AND own.pid IS NULL AND own.transactionid = p.transaction)`

const prepared = (longMs: number): string => `SELECT p.gid, p.owner,
    extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::pg_catalog.int8 AS seconds,
    coalesce(${locksWhere(ofPrepared)}, '[]') AS locks
  FROM pg_catalog.pg_prepared_xacts p WHERE p.database = pg_catalog.current_database()
    AND p.prepared < pg_catalog.clock_timestamp() - ${longMs} * interval '1 millisecond'
  ORDER BY p.prepared`

// A partitioned index is INVALID by design until every partition has its own; that is not a leftover of a failed build.
const invalidIndexes = `SELECT ${shown('c')} AS index,
    pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
    (SELECT b.pid FROM pg_catalog.pg_stat_progress_create_index b
      WHERE b.index_relid = i.indexrelid AND b.datname = pg_catalog.current_database() LIMIT 1) AS "builtBy"
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
  WHERE NOT i.indisvalid ORDER BY 1`

const locked = ({
  locks,
}: Needs): string => `SELECT name, pg_catalog.to_regclass(name)::pg_catalog.int8 AS oid
  FROM pg_catalog.json_array_elements_text(${json([...new Set(locks.map(({ table }) => table))])}) AS n(name)
  LEFT JOIN pg_catalog.pg_namespace s ON s.nspname OPERATOR(pg_catalog.=) (pg_catalog.parse_ident(name))[1]
  WHERE CASE WHEN pg_catalog.cardinality(pg_catalog.parse_ident(name)) OPERATOR(pg_catalog.=) 1
    OR pg_catalog.has_schema_privilege(s.oid, 'USAGE') THEN pg_catalog.to_regclass(name) IS NOT NULL END`
