// Kinds of objects that files define, each with what can be done to it.

import type { Files } from './gate.ts'

export type Kind = {
  /** As the ledger has it. */
  readonly name: string
  readonly described: string
  /** Other files. */
  readonly needs: Files
  readonly file: string
  readonly text: string
  /** The same in other words. */
  readonly respelled?: string
  readonly edits: readonly string[]
  readonly byHand: readonly string[]
  readonly drop: string
  /** Owner and comment by hand. */
  readonly said: readonly string[]
  /** Files that are other ones, so that it must be made again. */
  readonly need?: Files
  /** Queries: what it is, with what is said of it; that alone; the version of its row. */
  readonly state: string
  readonly saidOf: string
  readonly row: string
}

/** A superuser, so that it may own all of them. */
export const role = 'object_kinds'

const equals = (name: string, arguments_: string): string =>
  `CREATE FUNCTION app.${name}(${arguments_}) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 = $2 $$;\n`

const operator: Kind = {
  name: 'operator',
  described: 'operator app.===(integer, integer)',
  needs: {
    'objects/z_equals.sql': equals('z_equals', 'a int, b int'),
    'objects/a_alike.sql': 'CREATE VIEW app.alike AS SELECT 1 OPERATOR(app.===) 2 AS yes;\n',
    'objects/z_other.sql': equals('z_other', 'int, int'),
  },
  file: 'objects/operator.sql',
  text: `CREATE OPERATOR app.=== (FUNCTION = app.z_equals, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(app.===));
COMMENT ON OPERATOR app.=== (int, int) IS 'the same';
`,
  respelled: `CREATE OPERATOR app.=== (LEFTARG = integer, RIGHTARG = integer,
  PROCEDURE = app.z_equals, COMMUTATOR = OPERATOR(app.===));
COMMENT ON OPERATOR app.===(integer, int) IS 'the same';
`,
  edits: [
    'CREATE OPERATOR app.=== (FUNCTION = app.z_other, LEFTARG = int, RIGHTARG = int, RESTRICT = eqsel, HASHES, MERGES);\n',
    "CREATE OPERATOR app.=== (FUNCTION = app.z_equals, LEFTARG = int, RIGHTARG = int, JOIN = eqjoinsel);\nCOMMENT ON OPERATOR app.=== (int, int) IS 'x';\n",
  ],
  byHand: ['ALTER OPERATOR app.=== (int, int) SET (RESTRICT = eqsel)'],
  drop: 'DROP OPERATOR app.=== (int, int) CASCADE',
  said: [
    `ALTER OPERATOR app.=== (int, int) OWNER TO ${role}`,
    "COMMENT ON OPERATOR app.=== (int, int) IS 'by hand'",
  ],
  need: { 'objects/z_equals.sql': equals('z_equals', 'one int, b int') },
  state: `SELECT concat_ws(' ', o.oid::regoperator, o.oprcode, o.oprcom::regoperator, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge, pg_get_userbyid(o.oprowner), obj_description(o.oid, 'pg_operator'))
    FROM pg_operator o WHERE o.oprnamespace = 'app'::regnamespace`,
  saidOf: `SELECT pg_get_userbyid(o.oprowner) FROM pg_operator o WHERE o.oprnamespace = 'app'::regnamespace`,
  row: `SELECT xmin::text || oid FROM pg_operator WHERE oprnamespace = 'app'::regnamespace`,
}

const toPair = (name: string, argument: string): string =>
  `CREATE FUNCTION app.${name}(${argument}) RETURNS app.pair LANGUAGE sql IMMUTABLE AS $$ SELECT ROW($1, $1)::app.pair $$;\n`

const cast: Kind = {
  name: 'cast',
  described: 'cast integer AS app.pair',
  needs: {
    'objects/z_pair.sql': toPair('z_pair', 'a int'),
    'objects/a_pairs.sql': 'CREATE VIEW app.pairs AS SELECT 1::app.pair AS p;\n',
    'objects/z_other.sql': toPair('z_other', 'int'),
  },
  file: 'objects/cast.sql',
  text: `CREATE CAST (int AS app.pair) WITH FUNCTION app.z_pair(int);
COMMENT ON CAST (int AS app.pair) IS 'twice';
`,
  respelled: `CREATE CAST (integer AS app.pair)
  WITH FUNCTION app.z_pair(int4);
COMMENT ON CAST (int AS app.pair) IS 'twice';
`,
  edits: [
    'CREATE CAST (int AS app.pair) WITH FUNCTION app.z_pair(int) AS ASSIGNMENT;\n',
    "CREATE CAST (int AS app.pair) WITH FUNCTION app.z_other(int) AS IMPLICIT;\nCOMMENT ON CAST (int AS app.pair) IS 'x';\n",
  ],
  byHand: [
    `DROP CAST (int AS app.pair); CREATE CAST (int AS app.pair) WITH FUNCTION app.z_pair(int) AS IMPLICIT; COMMENT ON CAST (int AS app.pair) IS 'twice'`,
  ],
  drop: 'DROP CAST (int AS app.pair)',
  said: [],
  need: { 'objects/z_pair.sql': toPair('z_pair', 'n int') },
  state: `SELECT concat_ws(' ', k.castsource::regtype, k.casttarget::regtype, k.castfunc::regprocedure, k.castcontext, k.castmethod, obj_description(k.oid, 'pg_cast')) FROM pg_cast k WHERE k.oid >= 16384`,
  saidOf: 'SELECT 1',
  row: 'SELECT xmin::text || oid FROM pg_cast WHERE oid >= 16384',
}

const told = (name: string, more = ''): string =>
  `CREATE FUNCTION app.${name}(${more}) RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'ddl'; END $$;\n`

const eventTrigger: Kind = {
  name: 'event trigger',
  described: 'event trigger watch',
  needs: { 'objects/z_told.sql': told('z_told'), 'objects/z_other.sql': told('z_other') },
  file: 'objects/event.sql',
  text: `CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE INDEX') EXECUTE FUNCTION app.z_told();
COMMENT ON EVENT TRIGGER watch IS 'who makes tables';
`,
  respelled: `CREATE EVENT TRIGGER watch ON ddl_command_end
  WHEN tag IN ('CREATE TABLE', 'CREATE INDEX')
  EXECUTE PROCEDURE app.z_told();
COMMENT ON EVENT TRIGGER watch IS 'who makes tables';
`,
  edits: [
    'CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION app.z_other();\n',
    `CREATE EVENT TRIGGER watch ON ddl_command_start EXECUTE FUNCTION app.z_told();\nALTER EVENT TRIGGER watch DISABLE;\nCOMMENT ON EVENT TRIGGER watch IS 'x';\n`,
  ],
  byHand: ['ALTER EVENT TRIGGER watch DISABLE', 'ALTER EVENT TRIGGER watch ENABLE ALWAYS'],
  drop: 'DROP EVENT TRIGGER watch',
  said: [
    `ALTER EVENT TRIGGER watch OWNER TO ${role}`,
    "COMMENT ON EVENT TRIGGER watch IS 'by hand'",
  ],
  state: `SELECT concat_ws(' ', e.evtname, e.evtevent, e.evtfoid::regprocedure, e.evtenabled, e.evttags, pg_get_userbyid(e.evtowner), obj_description(e.oid, 'pg_event_trigger')) FROM pg_event_trigger e`,
  saidOf: 'SELECT pg_get_userbyid(e.evtowner) FROM pg_event_trigger e',
  row: 'SELECT xmin::text || oid FROM pg_event_trigger',
}

const aclState = `SELECT concat_ws(' ', pg_get_userbyid(d.defaclrole), d.defaclnamespace, d.defaclobjtype, a) FROM pg_default_acl d, unnest(d.defaclacl) a ORDER BY 1`

const aclRow = 'SELECT xmin::text || oid FROM pg_default_acl'

const inSchema: Kind = {
  name: 'default privileges',
  described: `default privileges app.tables of ${role}`,
  needs: { 'objects/one.sql': 'CREATE VIEW app.one AS SELECT 1 AS n;\n' },
  file: 'objects/privileges.sql',
  text: `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app GRANT SELECT, INSERT ON TABLES TO pg_monitor;\n`,
  respelled: `ALTER DEFAULT PRIVILEGES IN SCHEMA app FOR USER ${role}
  GRANT INSERT, SELECT ON TABLES TO pg_monitor;\n`,
  edits: [
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app GRANT SELECT ON TABLES TO pg_monitor;
ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app GRANT ALL ON TABLES TO pg_read_all_data WITH GRANT OPTION;
`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app GRANT UPDATE ON TABLES TO PUBLIC;\n`,
  ],
  byHand: [
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app GRANT DELETE ON TABLES TO PUBLIC`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app REVOKE SELECT ON TABLES FROM pg_monitor`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app GRANT SELECT ON TABLES TO pg_monitor WITH GRANT OPTION`,
  ],
  drop: `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA app REVOKE ALL ON TABLES FROM pg_monitor`,
  said: [],
  state: aclState.replace('d.defaclnamespace,', 'd.defaclnamespace::regnamespace,'),
  saidOf: 'SELECT 1',
  row: aclRow,
}

const everywhere: Kind = {
  ...inSchema,
  described: `default privileges functions of ${role}`,
  file: 'objects/functions.sql',
  text: `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT EXECUTE ON FUNCTIONS TO pg_monitor;
`,
  respelled: `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT ALL ON ROUTINES TO pg_monitor;
ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE ALL ON ROUTINES FROM PUBLIC;
`,
  edits: [
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT EXECUTE ON FUNCTIONS TO pg_monitor;\n`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE ALL ON FUNCTIONS FROM PUBLIC, ${role};\n`,
  ],
  byHand: [
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT EXECUTE ON FUNCTIONS TO PUBLIC`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE ALL ON FUNCTIONS FROM ${role}`,
  ],
  drop: `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE ALL ON FUNCTIONS FROM pg_monitor; ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT EXECUTE ON FUNCTIONS TO PUBLIC`,
  state: aclState,
}

export const kinds: readonly Kind[] = [operator, cast, eventTrigger, inSchema, everywhere]
