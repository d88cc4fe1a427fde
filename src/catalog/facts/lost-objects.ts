// What the database has of all that files would remove, and what would go with it: read from the catalog alone, so that no lock
// is waited for. https://www.postgresql.org/docs/current/catalog-pg-depend.html

import { literal } from '../../database/literal.ts'
import { readingInCleanSession } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import type { Row } from '../../database/session/reply.ts'
import type { TakenKind } from '../../schema/effects/rows/taken-name.ts'
import type { LostObject } from '../../reconcile/data-loss/loss.ts'
import type { LossQuery } from '../../reconcile/data-loss/removals.ts'

/** For each ask, what is there. Reads only. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readLostObjects = async (
  session: Session,
  queries: readonly LossQuery[],
  /** The role that migrations run under, when it is another than the login role. */
  role?: string,
): Promise<readonly (readonly LostObject[])[]> => {
  if (queries.length === 0) return []
  const reply = await session.send(readingInCleanSession(lostObjectsQuery(queries, role)))
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  const found = queries.map((): LostObject[] => [])
  for (const row of rowsOf(session, reply)) found[Number(row['ask'])]?.push(lostObjectOf(row))
  return found
}

const lostObjectOf = (row: Row): LostObject => ({
  name: {
    kind: String(row['kind']) as TakenKind,
    schema: String(row['schema']),
    table: String(row['tab']),
    name: String(row['name']),
  },
  via: String(row['via']) as LostObject['via'],
  type: typeof row['type'] === 'string' ? row['type'] : undefined,
  owner:
    typeof row['owner'] === 'string'
      ? { kind: 'table', schema: String(row['owner_schema']), table: '', name: row['owner'] }
      : undefined,
})

const lostObjectsQuery = (queries: readonly LossQuery[], role: string | undefined): string => {
  const rows = queries.flatMap(({ candidates, how, cascade }, ask) =>
    candidates.map(
      ({ kind, schema, table, name }, rank) =>
        `(${ask}, ${rank}, ${literal(how)}, ${cascade}, ${literal(kind)}, ${literal(schema)}, ${literal(table)}, ${literal(name)})`,
    ),
  )
  return `WITH RECURSIVE wanted (ask, rank, how, cascade, kind, schema, tab, name) AS (VALUES
  ${rows.join(',\n  ')}
), ${roots(role)}, ${going}, ${emptied}, ${all}
${named}`
}

const relationKinds = "('table', 'view', 'materialized view', 'sequence')"

// The first candidate that is there; of a function's name every one of its functions, of a role all that belongs to it.
const roots = (role: string | undefined): string => `found AS (
  SELECT w.ask, w.rank, w.how, w.cascade, 'pg_class'::regclass::oid AS classid, c.oid AS objid, 0 AS subid
  FROM wanted w JOIN pg_namespace s ON s.nspname = w.schema JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = w.name
  WHERE w.kind IN ${relationKinds} AND c.relkind NOT IN ('i', 'I', 'c')
  UNION ALL
  SELECT w.ask, w.rank, w.how, w.cascade, 'pg_class'::regclass::oid, c.oid, a.attnum
  FROM wanted w JOIN pg_namespace s ON s.nspname = w.schema JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = w.tab
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.name AND a.attnum > 0 AND NOT a.attisdropped
  WHERE w.kind = 'column' AND c.relkind IN ('r', 'p', 'f')
  UNION ALL
  SELECT w.ask, w.rank, w.how, w.cascade, o.classid, o.oid, 0
  FROM wanted w JOIN LATERAL (
    SELECT 'pg_namespace'::regclass::oid, n.oid FROM pg_namespace n WHERE w.kind = 'schema' AND n.nspname = w.name
    UNION ALL SELECT 'pg_extension'::regclass, e.oid FROM pg_extension e WHERE w.kind = 'extension' AND e.extname = w.name
    UNION ALL SELECT 'pg_type'::regclass, t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE w.kind = 'type' AND t.typname = w.name AND n.nspname = w.schema
    UNION ALL SELECT 'pg_proc'::regclass, f.oid FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
      WHERE w.kind = 'function' AND f.proname = w.name AND n.nspname = w.schema
    UNION ALL SELECT 'pg_collation'::regclass, k.oid FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace
      WHERE w.kind = 'collation' AND k.collname = w.name AND n.nspname = w.schema
    UNION ALL SELECT 'pg_foreign_server'::regclass, f.oid FROM pg_foreign_server f WHERE w.kind = 'server' AND f.srvname = w.name
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, f.oid FROM pg_foreign_data_wrapper f
      WHERE w.kind = 'foreign-data wrapper' AND f.fdwname = w.name
    UNION ALL SELECT 'pg_am'::regclass, m.oid FROM pg_am m WHERE w.kind = 'access method' AND m.amname = w.name
    UNION ALL SELECT 'pg_language'::regclass, l.oid FROM pg_language l WHERE w.kind = 'language' AND l.lanname = w.name
    UNION ALL SELECT 'pg_database'::regclass, d.oid FROM pg_database d WHERE w.kind = 'database' AND d.datname = w.name
  ) o (classid, oid) ON true
  UNION ALL
  SELECT w.ask, w.rank, w.how, w.cascade, o.classid, o.objid, 0
  FROM wanted w JOIN pg_roles r ON r.rolname = CASE w.name WHEN '' THEN ${role === undefined ? 'session_user' : literal(role)} ELSE w.name END
  JOIN pg_shdepend o ON o.refclassid = 'pg_authid'::regclass AND o.refobjid = r.oid AND o.deptype = 'o'
    AND o.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  WHERE w.kind = 'role'
), roots AS (
  SELECT f.* FROM found f WHERE f.rank = (SELECT min(first.rank) FROM found first WHERE first.ask = f.ask)
)`

// What belongs to it goes by itself ('a', 'i', a partition 'P', 'S'), what an extension has too ('e'), what depends on it by
// CASCADE. Of a view, what depends is its rule: what that belongs to ('i') goes.
const going = `going AS (
  SELECT r.ask, r.cascade, r.classid, r.objid, r.subid, 'named' AS via FROM roots r WHERE r.how = 'drop'
  UNION
  SELECT g.ask, g.cascade, d.classid, d.objid, d.subid, d.via
  FROM going g JOIN LATERAL (
    SELECT p.classid, p.objid, p.objsubid AS subid,
      CASE p.deptype WHEN 'n' THEN 'dependent' WHEN 'e' THEN 'member' ELSE 'belonging' END AS via
    FROM pg_depend p WHERE p.refclassid = g.classid AND p.refobjid = g.objid AND (g.subid = 0 OR p.refobjsubid = g.subid)
      AND (p.deptype <> 'n' OR g.cascade)
    UNION ALL
    SELECT p.refclassid, p.refobjid, p.refobjsubid, 'dependent'
    FROM pg_depend p WHERE g.via = 'dependent' AND g.classid = 'pg_rewrite'::regclass AND p.classid = g.classid AND p.objid = g.objid
      AND p.deptype = 'i'
  ) d ON true
)`

// TRUNCATE … CASCADE empties whatever refers to it; DELETE what refers to it with ON DELETE CASCADE. Through a view, DELETE takes
// the rows of what the view reads, or of what its rules name.
const emptied = `emptied AS (
  SELECT r.ask, r.how, r.cascade, r.objid, 'named' AS via FROM roots r WHERE r.how IN ('empty', 'delete')
  UNION
  SELECT e.ask, e.how, e.cascade, d.objid, 'dependent'
  FROM emptied e JOIN LATERAL (
    SELECT k.conrelid FROM pg_constraint k WHERE k.confrelid = e.objid AND k.contype = 'f'
      AND ((e.how = 'empty' AND e.cascade) OR (e.how = 'delete' AND k.confdeltype = 'c'))
    UNION ALL
    SELECT p.refobjid FROM pg_rewrite w JOIN pg_depend p ON p.classid = 'pg_rewrite'::regclass AND p.objid = w.oid
      AND p.refclassid = 'pg_class'::regclass
    WHERE e.how = 'delete' AND w.ev_class = e.objid AND w.ev_type IN ('1', '4')
  ) d (objid) ON d.objid <> e.objid
)`

// What also belongs to something else that goes is recognised by that.
const all = `gone AS (
  SELECT g.ask, g.classid, g.objid, g.subid,
    CASE WHEN bool_or(g.via = 'named') THEN 'named' WHEN bool_or(g.via = 'member') THEN 'member' ELSE 'dependent' END AS via
  FROM going g GROUP BY g.ask, g.classid, g.objid, g.subid
  HAVING bool_or(g.via = 'named') OR NOT bool_or(g.via = 'belonging')
  UNION ALL
  SELECT e.ask, 'pg_class'::regclass, e.objid, 0, min(CASE e.via WHEN 'named' THEN 'named' ELSE e.via END) FROM emptied e
  WHERE e.via = 'named' OR NOT EXISTS (SELECT FROM emptied o WHERE o.ask = e.ask AND o.objid = e.objid AND o.via = 'named')
  GROUP BY e.ask, e.objid
  UNION ALL
  SELECT r.ask, r.classid, r.objid, r.subid, 'named' FROM roots r WHERE r.how IN ('retype', 'detach')
)`

const named = `SELECT x.ask, x.via, CASE WHEN x.subid > 0 THEN 'column' WHEN c.relkind = 'm' THEN 'materialized view'
    WHEN c.relkind = 'S' THEN 'sequence' ELSE 'table' END AS kind,
  n.nspname AS schema, CASE WHEN x.subid > 0 THEN c.relname ELSE '' END AS tab,
  CASE WHEN x.subid > 0 THEN a.attname ELSE c.relname END AS name,
  CASE WHEN x.subid > 0 THEN format_type(a.atttypid, a.atttypmod) END AS type,
  owner.relname AS owner, owner.nspname AS owner_schema
FROM gone x JOIN pg_class c ON x.classid = 'pg_class'::regclass AND c.oid = x.objid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON x.subid > 0 AND a.attrelid = c.oid AND a.attnum = x.subid
LEFT JOIN LATERAL (SELECT t.relname, s.nspname FROM pg_depend p JOIN pg_class t ON t.oid = p.refobjid
  JOIN pg_namespace s ON s.oid = t.relnamespace
  WHERE c.relkind = 'S' AND p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.refclassid = 'pg_class'::regclass
    AND p.deptype IN ('a', 'i')) owner ON true
WHERE c.relkind IN ('r', 'p', 'f', 'm', 'S') AND n.nspname <> 'pg_toast'
  AND (x.subid = 0 OR NOT EXISTS (SELECT FROM gone w WHERE w.ask = x.ask AND w.classid = x.classid AND w.objid = x.objid AND w.subid = 0))
UNION ALL
SELECT x.ask, x.via, 'database', '', '', d.datname, NULL, NULL, NULL
FROM gone x JOIN pg_database d ON x.classid = 'pg_database'::regclass AND d.oid = x.objid`
