// What a role with no right but CREATE on a schema can put in the way of other people's SQL (CVE-2018-1058). Whatever of it is
// used raises LOG 'TRAP …', with the rights of whoever uses it.

import type { TestDatabase } from './database.ts'

const types = `ARRAY['bool','"char"','name','int8','int2','int2vector','int4','regproc','text','oid','xid','oidvector','json','float4',
  'float8','bpchar','varchar','timestamp','timestamptz','interval','numeric','regprocedure','regclass','regtype','regnamespace',
  'regrole','uuid','jsonb','inet','bytea','text[]','name[]','int2[]','int4[]','int8[]','oid[]','jsonb[]','"char"[]','xid8','pg_lsn']`

const operators = `ARRAY['=','<>','<','>','<=','>=','||','+','-','*','/','%','~','~*','!~','~~','!~~','~~*','->','->>','#>','#>>','?',
  '?|','?&','@>','<@','&&','^@']`

/** An operator for every pair of types and name that pg_catalog lacks exactly: a closer match than any of pg_catalog's. */
const closerOperators = `DO $$
DECLARE t1 text; t2 text; op text; rt text; n int := 0; r oid; l oid;
BEGIN
 FOREACH t1 IN ARRAY ${types} LOOP FOREACH t2 IN ARRAY ${types} LOOP
  l := format('pg_catalog.%s', t1)::regtype; r := format('pg_catalog.%s', t2)::regtype;
  FOREACH op IN ARRAY ${operators} LOOP
   IF EXISTS (SELECT FROM pg_operator WHERE oprname = op AND oprleft = l AND oprright = r AND oprnamespace = 'pg_catalog'::regnamespace) THEN CONTINUE; END IF;
   BEGIN
    EXECUTE format('SELECT pg_typeof(NULL::pg_catalog.%s OPERATOR(pg_catalog.%s) NULL::pg_catalog.%s)::text', t1, op, t2) INTO rt;
    EXECUTE format($f$CREATE FUNCTION public.trap_%s(a pg_catalog.%s, b pg_catalog.%s) RETURNS %s LANGUAGE plpgsql IMMUTABLE
      AS $g$ BEGIN RAISE LOG 'TRAP operator %s(%s,%s)'; RETURN a OPERATOR(pg_catalog.%s) b; END $g$ SET search_path = pg_catalog$f$,
      n, t1, t2, rt, replace(op, '%', '%%'), t1, t2, op);
    EXECUTE format('CREATE OPERATOR public.%s (leftarg = pg_catalog.%s, rightarg = pg_catalog.%s, function = public.trap_%s)', op, t1, t2, n);
    n := n + 1;
   EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP; END LOOP; END LOOP;
END $$`

/** pg_catalog's own operators once more: for a path that has pg_catalog behind the schema. */
const sameOperators = `DO $$
DECLARE o record; n int := 0;
BEGIN
 FOR o IN SELECT oprname, oprleft, oprright, oprresult FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprleft <> 0 LOOP
  BEGIN
   EXECUTE format($f$CREATE FUNCTION public.same_%s(%s, %s) RETURNS %s LANGUAGE plpgsql IMMUTABLE
     AS $g$ BEGIN RAISE LOG 'TRAP operator %s'; RETURN NULL; END $g$ $f$,
     n, format_type(o.oprleft, NULL), format_type(o.oprright, NULL), format_type(o.oprresult, NULL), replace(o.oprname, '%', '%%'));
   EXECUTE format('CREATE OPERATOR public.%s (leftarg = %s, rightarg = %s, function = public.same_%s)',
     o.oprname, format_type(o.oprleft, NULL), format_type(o.oprright, NULL), n);
   n := n + 1;
  EXCEPTION WHEN OTHERS THEN NULL; END;
 END LOOP;
END $$`

/** Functions of these names: the same arguments as pg_catalog's, each argument of another type, and any number of any type. */
const functions = (names: readonly string[]): string => `DO $$
DECLARE f record; args text[]; t text; i int;
BEGIN
 FOR f IN SELECT proname, array(SELECT format_type(a, NULL) FROM unnest(proargtypes) WITH ORDINALITY x(a, n) ORDER BY n) AS args,
    format_type(prorettype, NULL) AS result, proretset FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY ('{${names.join(',')}}') AND pronargs <= 5 LOOP
  CALL pg_temp.trap(f.proname, f.args, f.result, f.proretset);
  FOR i IN 1 .. cardinality(f.args) LOOP
   FOREACH t IN ARRAY ARRAY['text','name','varchar','int4','int8','oid','regclass','bool','jsonb','json','numeric','float8','"char"','text[]',
      'oid[]','anyelement','anycompatible','public.mood'] LOOP
    args := f.args; args[i] := t;
    CALL pg_temp.trap(f.proname, args, f.result, f.proretset);
   END LOOP;
  END LOOP;
  FOR i IN 1 .. 8 LOOP
   CALL pg_temp.trap(f.proname, array_fill('anycompatible'::text, ARRAY[i]), f.result, f.proretset);
   CALL pg_temp.trap(f.proname, array_fill('text'::text, ARRAY[i]), f.result, f.proretset);
  END LOOP;
 END LOOP;
END $$`

const makeTrap = `CREATE PROCEDURE pg_temp.trap(name text, args text[], result text, many boolean) LANGUAGE plpgsql AS $p$
BEGIN
 EXECUTE format($f$CREATE FUNCTION public.%I(%s) RETURNS %s %s LANGUAGE plpgsql IMMUTABLE AS $g$ BEGIN RAISE LOG 'TRAP function %s'; RETURN%s; END $g$ $f$,
   name, array_to_string(args, ', '), CASE WHEN many THEN 'SETOF' ELSE '' END, result, name, CASE WHEN many THEN '' ELSE ' NULL' END);
EXCEPTION WHEN OTHERS THEN NULL; END $p$`

const witness = `CREATE FUNCTION trap(what text) RETURNS boolean LANGUAGE plpgsql
  AS $g$ BEGIN RAISE LOG 'TRAP %', what; RETURN true; END $g$`

const shadowTypes = (schema: string): string => `DO $$
DECLARE t text;
BEGIN
 FOREACH t IN ARRAY ARRAY['text','name','oid','int4','int8','int2','json','jsonb','bool','numeric','float8','timestamptz','interval',
    'regclass','regtype','regnamespace','regprocedure','uuid','bytea','varchar'] LOOP
  EXECUTE format('CREATE DOMAIN ${schema}.%I AS pg_catalog.%I CHECK (${schema}.trap(%L))', t, t, 'type ' || t);
 END LOOP;
END $$`

/** A view for each relation of pg_catalog. */
const shadowRelations = (schema: string): string => `DO $$
DECLARE r record;
BEGIN
 FOR r IN SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') LOOP
  BEGIN
   EXECUTE format('CREATE VIEW ${schema}.%I AS SELECT * FROM pg_catalog.%I WHERE ${schema}.trap(%L)', r.relname, r.relname, 'relation ' || r.relname);
  EXCEPTION WHEN OTHERS THEN NULL; END;
 END LOOP;
END $$`

/** `names` are those of functions. All of it is mallory's. */
export const setTraps = async (
  { sql, name }: TestDatabase,
  names: readonly string[],
): Promise<void> => {
  const mallory = `mallory_of_${name}`
  await sql.unsafe(
    `CREATE ROLE ${mallory}; GRANT CREATE ON SCHEMA public TO ${mallory}; SET ROLE ${mallory}`,
  )
  await sql.unsafe(`SET search_path = pg_catalog, pg_temp; SET client_min_messages = error`)
  await sql.unsafe(witness.replace('FUNCTION trap', 'FUNCTION public.trap'))
  await sql.unsafe(
    `CREATE TYPE public.mood AS ENUM ('a'); CREATE CAST (pg_catalog.text AS public.mood) WITH INOUT AS IMPLICIT`,
  )
  await sql.unsafe(makeTrap)
  for (const text of [
    closerOperators,
    sameOperators,
    functions(names),
    shadowTypes('public'),
    shadowRelations('public'),
  ])
    await sql.unsafe(text)
  await sql.unsafe('RESET ROLE; RESET search_path; DROP PROCEDURE pg_temp.trap')
}

/** On one connection of a pooler, for whoever comes next. */
export const temporaryTraps = [
  'SET LOCAL search_path = pg_catalog, pg_temp',
  'SET LOCAL client_min_messages = error',
  'DISCARD TEMP',
  witness.replace('FUNCTION trap', 'FUNCTION pg_temp.trap'),
  shadowTypes('pg_temp'),
  shadowRelations('pg_temp'),
].join(';\n')

/** What was used of them. */
export const firedIn = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.includes('TRAP '))
