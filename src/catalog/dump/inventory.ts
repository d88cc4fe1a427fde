// What a database has, each thing by what the server calls it, whether a dump says anything of it or not: against this the
// proof of a base file is made, because two dumps leave out the same. Reads only.

import { literal } from '../../database/literal.ts'
import { readingInCleanSession } from '../../database/own-sql.ts'
import { rowsOf, type Session } from '../../database/session/session.ts'
import { firstOwnOid } from './queries/source.ts'

// Of triggers, those that the server makes for foreign keys are named by their oid.
const catalogs: Readonly<Record<string, string>> = {
  ...{ pg_class: "relkind NOT IN ('t')", pg_proc: '', pg_type: '', pg_constraint: '' },
  ...{ pg_attrdef: '', pg_rewrite: '', pg_trigger: 'NOT tgisinternal', pg_policy: '' },
  ...{ pg_namespace: '', pg_extension: '', pg_language: '', pg_cast: '', pg_collation: '' },
  ...{ pg_conversion: '', pg_operator: '', pg_opclass: '', pg_opfamily: '', pg_amop: '' },
  ...{ pg_amproc: '', pg_am: '', pg_ts_config: '', pg_ts_dict: '', pg_ts_parser: '' },
  ...{ pg_ts_template: '', pg_foreign_data_wrapper: '', pg_foreign_server: '' },
  ...{ pg_user_mapping: '', pg_event_trigger: '', pg_publication: '', pg_publication_rel: '' },
  ...{ pg_publication_namespace: '', pg_statistic_ext: '', pg_transform: '', pg_default_acl: '' },
}

const objects = (ledgerSchema: string): string => {
  const all = Object.entries(catalogs).map(
    ([catalog, where]) =>
      `SELECT '${catalog}'::regclass AS class, oid FROM ${catalog} WHERE oid >= ${firstOwnOid}${where === '' ? '' : ` AND ${where}`}`,
  )
  return `SELECT i.type || ' ' || i.identity AS line FROM (${all.join(' UNION ALL ')}) o, pg_identify_object(o.class, o.oid, 0) i
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
    AND coalesce(i.schema, '') NOT IN ('pg_toast', ${literal(ledgerSchema)})
    AND position(${literal(`${ledgerSchema}.schema_`)} IN i.identity) = 0 AND i.identity <> ${literal(ledgerSchema)}`
}

// What the server has no such name for.
const rest = `SELECT 'INVALID index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid
UNION ALL SELECT 'setting of the database: ' || c FROM pg_db_role_setting s, unnest(s.setconfig) c
  WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'grant on the database: ' || a FROM pg_database b, unnest(b.datacl) a WHERE b.datname = current_database()
UNION ALL SELECT 'comment on the database' FROM pg_shdescription d JOIN pg_database b ON b.oid = d.objoid
  WHERE d.classoid = 'pg_database'::regclass AND b.datname = current_database()
UNION ALL SELECT 'large object ' || oid FROM pg_largeobject_metadata
UNION ALL SELECT 'subscription ' || quote_ident(subname) FROM pg_subscription
  WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** In order; without the ledger. Throws `connection-lost`, `server-busy`, `server-refused`. */
export const readInventory = async (
  session: Session,
  ledgerSchema: string,
): Promise<readonly string[]> => {
  const query = `SELECT line FROM (${objects(ledgerSchema)} UNION ALL ${rest}) all_of_them(line) ORDER BY line COLLATE "C"`
  const reply = await session.send(readingInCleanSession(query))
  if (reply.kind === 'server error') await session.send('ROLLBACK')
  return rowsOf(session, reply).map(({ line }) => String(line))
}
