// Foreign data, publications, event triggers, default privileges: what belongs to the database and to no schema of it.

import { foreignOptions, qualified, roleName, type Source } from './source.ts'

const option = (word: string, oid: string): string =>
  `' ${word} ' || nullif(${oid}::oid, 0)::regproc::text`

const table = qualified('tn.nspname', 'tc.relname')

const publishedTables = `(SELECT string_agg(format('TABLE ONLY %s', ${table})
      || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = tc.oid AND a.attnum = ANY (r.prattrs)) || ')', '')
      || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', ''), ', ' ORDER BY tn.nspname COLLATE "C", tc.relname COLLATE "C")
    FROM pg_publication_rel r JOIN pg_class tc ON tc.oid = r.prrelid JOIN pg_namespace tn ON tn.oid = tc.relnamespace WHERE r.prpubid = b.oid)`

const publishedSchemas = `(SELECT 'TABLES IN SCHEMA ' || string_agg(quote_ident(tn.nspname), ', ' ORDER BY tn.nspname COLLATE "C")
    FROM pg_publication_namespace r JOIN pg_namespace tn ON tn.oid = r.pnnspid WHERE r.pnpubid = b.oid)`

const publicationOptions = `concat_ws(', ', 'publish = ' || quote_literal(concat_ws(', ', CASE WHEN b.pubinsert THEN 'insert' END,
    CASE WHEN b.pubupdate THEN 'update' END, CASE WHEN b.pubdelete THEN 'delete' END, CASE WHEN b.pubtruncate THEN 'truncate' END)),
    CASE WHEN b.pubviaroot THEN 'publish_via_partition_root = true' END,
    CASE WHEN to_jsonb(b) ->> 'pubgencols' = 's' THEN 'publish_generated_columns = stored' END)`

export const otherSources: readonly Source[] = [
  {
    class: 'pg_foreign_data_wrapper',
    kind: "'foreign data wrapper'",
    phase: 'foreign data',
    from: 'pg_foreign_data_wrapper w',
    name: 'w.fdwname',
    target: "format('FOREIGN DATA WRAPPER %I', w.fdwname)",
    owner: 'w.fdwowner',
    statements: `concat('CREATE FOREIGN DATA WRAPPER ', quote_ident(w.fdwname), ${option('HANDLER', 'w.fdwhandler')}, ${option('VALIDATOR', 'w.fdwvalidator')}, ${foreignOptions('w.fdwoptions')})`,
  },
  {
    class: 'pg_foreign_server',
    kind: "'foreign server'",
    phase: 'foreign data',
    from: 'pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw',
    name: 's.srvname',
    target: "format('SERVER %I', s.srvname)",
    owner: 's.srvowner',
    statements: `concat('CREATE SERVER ', quote_ident(s.srvname), ' TYPE ' || quote_literal(s.srvtype), ' VERSION ' || quote_literal(s.srvversion),
      ' FOREIGN DATA WRAPPER ', quote_ident(w.fdwname), ${foreignOptions('s.srvoptions')})`,
  },
  {
    class: 'pg_event_trigger',
    kind: "'event trigger'",
    phase: 'event trigger',
    from: 'pg_event_trigger e',
    name: 'e.evtname',
    target: "format('EVENT TRIGGER %I', e.evtname)",
    owner: 'e.evtowner',
    statements: `format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', e.evtname, e.evtevent,
        (SELECT ' WHEN TAG IN (' || string_agg(quote_literal(tag), ', ' ORDER BY at) || ')' FROM unnest(e.evttags) WITH ORDINALITY tags(tag, at)), e.evtfoid::regproc::text),
      CASE e.evtenabled WHEN 'D' THEN format('ALTER EVENT TRIGGER %I DISABLE', e.evtname) WHEN 'R' THEN format('ALTER EVENT TRIGGER %I ENABLE REPLICA', e.evtname)
        WHEN 'A' THEN format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', e.evtname) END`,
  },
  {
    class: 'pg_publication',
    kind: "'publication'",
    phase: 'publication',
    from: 'pg_publication b',
    name: 'b.pubname',
    target: "format('PUBLICATION %I', b.pubname)",
    owner: 'b.pubowner',
    statements: `format('CREATE PUBLICATION %I%s WITH (%s)', b.pubname, CASE WHEN b.puballtables THEN ' FOR ALL TABLES'
      ELSE ' FOR ' || nullif(concat_ws(', ', ${publishedTables}, ${publishedSchemas}), '') END, ${publicationOptions})`,
  },
]

const kindOfObjects = `CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
    WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END`

// What is granted by default in all schemas replaces PostgreSQL's own; in one schema it is added to that.
const standard = `CASE WHEN d.defaclnamespace = 0 THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) END`

const difference = (
  verb: 'GRANT' | 'REVOKE',
  more: string,
  less: string,
): string => `(SELECT string_agg(format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s ${verb} %s ON %s ${verb === 'GRANT' ? 'TO' : 'FROM'} %s%s', ${roleName('d.defaclrole')},
      (SELECT format(' IN SCHEMA %I', dn.nspname) FROM pg_namespace dn WHERE dn.oid = d.defaclnamespace), gained.rights, ${kindOfObjects}, gained.role,
      CASE WHEN gained.is_grantable THEN ' WITH GRANT OPTION' END), E';\\n' ORDER BY gained.role COLLATE "C", gained.is_grantable)
    FROM (SELECT x.role, x.is_grantable, string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type COLLATE "C") AS rights FROM (
      SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE ${roleName('a.grantee')} END AS role, a.privilege_type, ${verb === 'GRANT' ? 'a.is_grantable' : 'false AS is_grantable'}
        FROM aclexplode(${more}) a
      EXCEPT SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE ${roleName('a.grantee')} END, a.privilege_type, ${verb === 'GRANT' ? 'a.is_grantable' : 'false'}
        FROM aclexplode(${less}) a) x GROUP BY 1, 2) gained)`

// 'REVOKE … ON TABLES FROM app', for each of a list of grants.
const each = (
  verb: 'GRANT' | 'REVOKE',
  acl: string,
): string => `(SELECT string_agg(format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s ${verb} ALL ON %s ${verb === 'GRANT' ? 'TO' : 'FROM'} %s', ${roleName('d.defaclrole')},
      (SELECT format(' IN SCHEMA %I', dn.nspname) FROM pg_namespace dn WHERE dn.oid = d.defaclnamespace), ${kindOfObjects}, x.role), E';\n' ORDER BY x.role COLLATE "C")
    FROM (SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE ${roleName('a.grantee')} END AS role FROM aclexplode(${acl}) a) x)`

/** Statements after which there are PostgreSQL's own default privileges. */
export const standardAgain = `concat_ws(E';\n', ${each('REVOKE', 'd.defaclacl')}, ${each('GRANT', standard)})`

/** Part of a whole dump; of some schemas, what is granted in them. */
export const defaultPrivileges = (extent: 'all' | 'in schemas'): Source => ({
  class: 'pg_default_acl',
  kind: "'default privileges'",
  phase: 'default privileges',
  from: `pg_default_acl d LEFT JOIN pg_namespace dn ON dn.oid = d.defaclnamespace`,
  where:
    extent === 'all'
      ? '(d.defaclnamespace = 0 OR d.defaclnamespace IN (SELECT sp.oid FROM spaces sp))'
      : 'd.defaclnamespace IN (SELECT sp.oid FROM spaces sp)',
  schema: "coalesce(dn.nspname, '')",
  name: `lower(${kindOfObjects}) || ' of ' || pg_get_userbyid(d.defaclrole)`,
  target: "''",
  statements: `${difference('REVOKE', standard, 'd.defaclacl')}, ${difference('GRANT', 'd.defaclacl', standard)}`,
})
