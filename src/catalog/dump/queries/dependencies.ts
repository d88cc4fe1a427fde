// What needs what, from pg_depend: from one object or piece to one that must be made before it. Where the catalog has several rows for
// what is one object to us, the rows stand for that: a table's row type for the table, a key's index for the key.
// https://www.postgresql.org/docs/current/catalog-pg-depend.html

import { firstOwnOid } from './source.ts'

// `from` is what follows FROM; each side is a catalog and the column with the oid.
const stands = (
  [catalog, oid]: readonly [string, string],
  [forCatalog, forOid]: readonly [string, string],
  from: string,
): string =>
  `SELECT '${catalog}'::regclass::oid, ${oid}, '${forCatalog}'::regclass::oid, ${forOid} FROM ${from}`

const standsFor = [
  // A composite type has a relation; a table has a row type.
  stands(
    ['pg_class', 't.typrelid'],
    ['pg_type', 't.oid'],
    "pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind = 'c'",
  ),
  stands(
    ['pg_type', 't.oid'],
    ['pg_class', 't.typrelid'],
    "pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind <> 'c'",
  ),
  stands(['pg_type', 'r.rngmultitypid'], ['pg_type', 'r.rngtypid'], 'pg_range r'),
  stands(
    ['pg_type', 'm.typarray'],
    ['pg_type', 'r.rngtypid'],
    'pg_range r JOIN pg_type m ON m.oid = r.rngmultitypid',
  ),
  stands(
    ['pg_class', 'k.conindid'],
    ['pg_constraint', 'k.oid'],
    "pg_constraint k WHERE k.contype IN ('p', 'u', 'x')",
  ),
  stands(
    ['pg_constraint', 'g.tgconstraint'],
    ['pg_trigger', 'g.oid'],
    'pg_trigger g WHERE g.tgconstraint <> 0 AND NOT g.tgisinternal',
  ),
  // A materialized view is never taken apart.
  stands(
    ['pg_rewrite', 'w.oid'],
    ['pg_class', 'w.ev_class'],
    "pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class WHERE c.relkind = 'm'",
  ),
  stands(['pg_publication_rel', 'r.oid'], ['pg_publication', 'r.prpubid'], 'pg_publication_rel r'),
  stands(
    ['pg_publication_namespace', 'r.oid'],
    ['pg_publication', 'r.pnpubid'],
    'pg_publication_namespace r',
  ),
  // What comes along with another object, and members of extensions.
  `SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
    AND d.deptype IN ('i', 'a') AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)`,
  `SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d WHERE d.deptype = 'e'`,
  `SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'`,
  `SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'`,
  stands(
    ['pg_type', 't.typarray'],
    ['pg_type', 't.oid'],
    'pg_type t WHERE t.typarray <> 0 AND t.typrelid = 0 AND NOT EXISTS (SELECT FROM pg_range r WHERE r.rngmultitypid = t.oid)',
  ),
  stands(
    ['pg_type', 't.typarray'],
    ['pg_class', 't.typrelid'],
    "pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE t.typarray <> 0 AND c.relkind <> 'c'",
  ),
  stands(
    ['pg_type', 't.typarray'],
    ['pg_type', 't.oid'],
    "pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE t.typarray <> 0 AND c.relkind = 'c'",
  ),
]

// A sequence that a column owns is there before the table, whose default names it; the table's paragraph says whose it is.
const isOwnedSequence = `d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
    AND EXISTS (SELECT FROM pg_class q WHERE q.oid = d.objid AND q.relkind = 'S')`

const edges = [
  `SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S') AND NOT (${isOwnedSequence})`,
  `SELECT 'pg_class'::regclass, d.refobjid, 'pg_class'::regclass, d.objid FROM pg_depend d WHERE ${isOwnedSequence}`,
  // Made before its partitions have theirs, the index of a partitioned table would make them under names of the server's.
  `SELECT 'pg_class'::regclass, i.indexrelid, 'pg_class'::regclass, h.inhrelid FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'I' JOIN pg_inherits h ON h.inhparent = i.indrelid`,
]

/** Rows of {class, oid, needs_class, needs_oid}, both sides as what stands for them. */
export const needsQuery = `WITH stands_for(class, oid, for_class, for_oid) AS MATERIALIZED (${standsFor.map((each) => `(${each})`).join('\nUNION ')}),
edges(class, oid, ref_class, ref_oid) AS (${edges.map((each) => `(${each})`).join('\nUNION ')})
SELECT DISTINCT coalesce(a.for_class, e.class)::regclass::text AS class, coalesce(a.for_oid, e.oid)::text AS oid,
  coalesce(b.for_class, e.ref_class)::regclass::text AS needs_class, coalesce(b.for_oid, e.ref_oid)::text AS needs_oid
FROM edges e LEFT JOIN stands_for a ON a.class = e.class AND a.oid = e.oid LEFT JOIN stands_for b ON b.class = e.ref_class AND b.oid = e.ref_oid
WHERE e.oid >= ${firstOwnOid} AND e.ref_oid >= ${firstOwnOid}`
