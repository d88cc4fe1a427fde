// As introspect-tables.ts, for what does not belong to a table's shape: types, functions, triggers, policies, schemas, extensions.

import { rowType } from './introspect-tables.ts'

const types = `
SELECT p.id, false, CASE
  WHEN p.property = 'existence' THEN jsonb_build_array(CASE t.typtype
    WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'base type' END)
  WHEN p.property = 'labels' THEN jsonb_build_array((SELECT coalesce(string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder), '')
    FROM pg_enum e WHERE e.enumtypid = t.oid))
  WHEN p.property LIKE 'label %' THEN jsonb_build_array(CASE WHEN EXISTS (
    SELECT FROM pg_enum e WHERE e.enumtypid = t.oid AND e.enumlabel = substr(p.property, 7)) THEN 'present' ELSE 'absent' END)
  WHEN t.typtype = 'd' THEN jsonb_build_array(jsonb_build_object('t', format_type(t.typbasetype, t.typtypmod)),
    CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END)
  ELSE coalesce((SELECT jsonb_agg(x.part ORDER BY a.attnum, x.at) FROM pg_attribute a, LATERAL (VALUES
      (0, to_jsonb(a.attname || ' ')), (1, jsonb_build_object('t', format_type(a.atttypid, a.atttypmod))), (2, to_jsonb('; '::text))) x(at, part)
    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]') END
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema JOIN pg_type t ON t.typnamespace = s.oid AND t.typname = p.name
WHERE p.kind = 'type' AND (t.typrelid = 0 OR (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c')`

// The oid is looked up before, one by one: a signature with a type that is not there is an error on older servers.
const functions = `
SELECT p.id, false, CASE p.property
  WHEN 'existence' THEN jsonb_build_array('function')
  WHEN 'body' THEN jsonb_build_array(f.prosrc)
  WHEN 'result' THEN jsonb_build_array(CASE WHEN f.proretset THEN 'SETOF ' ELSE '' END,
    jsonb_build_object('r', (SELECT '"' || replace(u.nspname, '"', '""') || '"."' || replace(y.typname, '"', '""') || '"'
      FROM pg_type y JOIN pg_namespace u ON u.oid = y.typnamespace WHERE y.oid = f.prorettype)))
  WHEN 'definition' THEN jsonb_build_array(CASE f.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END
    || ' LANGUAGE ' || l.lanname || CASE f.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' ELSE ' VOLATILE' END
    || CASE WHEN f.proisstrict THEN ' STRICT' ELSE '' END || CASE WHEN f.prosecdef THEN ' SECURITY DEFINER' ELSE '' END)
  END
FROM unnest(function_queries, function_oids) AS o(id, oid) JOIN queries p ON p.id = o.id
JOIN pg_proc f ON f.oid = o.oid JOIN pg_language l ON l.oid = f.prolang`

// Bytes with a zero behind each argument.
const triggerArguments = `(
    SELECT string_agg(convert_from(decode(a.bytes, 'escape'), getdatabaseencoding()), ', ' ORDER BY a.at)
    FROM regexp_split_to_table(regexp_replace(encode(g.tgargs, 'escape'), '\\\\000$', ''), '\\\\000') WITH ORDINALITY a(bytes, at))`

const triggers = `
SELECT p.id, false, CASE p.property WHEN 'existence' THEN jsonb_build_array('trigger') ELSE
  jsonb_build_array('type ' || g.tgtype || CASE WHEN g.tgattr <> '' THEN ' OF ' || (
    SELECT string_agg(a.attname, ', ' ORDER BY k.ord) FROM unnest(g.tgattr::int2[]) WITH ORDINALITY k(num, ord)
    JOIN pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = k.num) ELSE '' END)
  || CASE WHEN g.tgqual IS NULL THEN '[]' ELSE jsonb_build_array(' WHEN (', jsonb_build_object('w',
    substring(pg_get_triggerdef(g.oid) FROM ' WHEN \\((.*)\\) EXECUTE (?:FUNCTION|PROCEDURE) '),
    'on', ${rowType('g.tgrelid')}), ')') END
  || jsonb_build_array(' EXECUTE ' || n.nspname || '.' || f.proname || '('
    || ${triggerArguments} || ')') END
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = p.tab
JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgname = p.name AND NOT g.tgisinternal
JOIN pg_proc f ON f.oid = g.tgfoid JOIN pg_namespace n ON n.oid = f.pronamespace
WHERE p.kind = 'trigger'`

const clause = (words: string, column: string): string =>
  `CASE WHEN y.${column} IS NULL THEN '[]' ELSE jsonb_build_array(' ${words} (', jsonb_build_object(
    'e', pg_get_expr(y.${column}, y.polrelid), 'on', ${rowType('y.polrelid')}), ')') END`

const policies = `
SELECT p.id, false, CASE p.property WHEN 'existence' THEN jsonb_build_array('policy') ELSE
  jsonb_build_array(CASE WHEN y.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END
    || ' FOR ' || CASE y.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
    || ' TO ' || (SELECT string_agg(CASE WHEN r.oid = 0 THEN 'public' ELSE pg_get_userbyid(r.oid)::text END, ', '
      ORDER BY CASE WHEN r.oid = 0 THEN 'public' ELSE pg_get_userbyid(r.oid)::text END COLLATE "C") FROM unnest(y.polroles) r(oid)))
  || ${clause('USING', 'polqual')} || ${clause('WITH CHECK', 'polwithcheck')} END
FROM queries p JOIN pg_namespace s ON s.nspname = p.schema JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = p.tab
JOIN pg_policy y ON y.polrelid = c.oid AND y.polname = p.name
WHERE p.kind = 'policy'`

const schemas = `
SELECT p.id, false, jsonb_build_array('schema') FROM queries p JOIN pg_namespace n ON n.nspname = p.name WHERE p.kind = 'schema'`

const extensions = `
SELECT p.id, false, jsonb_build_array('extension') FROM queries p JOIN pg_extension x ON x.extname = p.name WHERE p.kind = 'extension'`

export const otherIntrospection = { types, functions, triggers, policies, schemas, extensions }
