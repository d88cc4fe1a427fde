// One DO block that compares what files define with what the catalog has, on the server itself. Both sides are brought
// into the server's own words: it plans `SELECT <expression>` over the table's row type and shows it by EXPLAIN, which
// canonicalises types, casts, IN lists and names without creating or reading anything. So it runs in a read-only
// transaction, needs no privilege on the tables, and no more than a moment's ACCESS SHARE lock.
// https://www.postgresql.org/docs/current/sql-explain.html
// The planner runs functions, so what plannable.ts finds is never given to it: of such definitions the server compares
// the rest, and leaves them to those who can read their texts.

import { dollarQuoted, identifier, literal } from '../../database/literal.ts'
import { setOwnPath } from '../../database/own-sql.ts'
import type { ObjectKind } from '../../schema/effects/effect.ts'
import { otherIntrospection } from './introspect-other.ts'
import { tableIntrospection } from './introspect-tables.ts'
import { compare, fragmentKey, readings } from './match.ts'
import { hasForeignCode, notPlannable } from './plannable.ts'
import type { Candidate, CatalogQuery } from './catalog-query.ts'
import { insufficientPrivilege, passingInSql } from '../../errors/server/sqlstate.ts'

/**
 * What a missing privilege means: for recognising, that nothing is known, so it is raised; for what a migration has
 * just made, that only its being there is looked at.
 */
export type WhenDenied = 'raise' | 'pass'

/**
 * Must follow ownPath. `verdict` is PL/pgSQL that finds the result in `compared`: [{id, found, expected: [text], matches: [index],
 * doubts: [{n: index, alt, fragments}]}]. Doubts are those that differ in nothing that was compared, beside what is there.
 * Nine tenths of the time would go to planning: to machine code for lists that look long, and to the order of joins that are written
 * in the right one. And the planner would evaluate the CHECK constraints of partitions. So that is switched off.
 */
export const comparisonStatement = (
  queries: readonly CatalogQuery[],
  verdict: string,
  denied: WhenDenied,
): string => {
  const kinds = new Set(queries.map(({ object }) => object.kind))
  const objects = [...kinds].map((kind) => sources[kind])
  return `DO ${dollarQuoted(`DECLARE
  given jsonb := ${literal(JSON.stringify(queries.map(rowOf)))}::jsonb;
  own_path text;
  function_queries int[] := '{}';
  function_oids oid[] := '{}';
  function_oid oid;
  in_catalog jsonb;
  to_translate jsonb;
  paths jsonb;
  unplannable text[] := '{}';
  part_keys text[] := '{}';
  part_words text[] := '{}';
  item record;
  head jsonb;
  word text;
  answers text[];
  query text;
  plan json;
  compared jsonb;
BEGIN
  SET LOCAL search_path TO DEFAULT;
  own_path := pg_catalog.current_setting('search_path');
  PERFORM ${setOwnPath};
  own_path := concat_ws(', ', nullif(own_path, ''), 'pg_temp');
  PERFORM pg_catalog.set_config('jit', 'off', true), pg_catalog.set_config('join_collapse_limit', '1', true);
  PERFORM pg_catalog.set_config('constraint_exclusion', 'off', true);
${kinds.has('function') ? unindented(findFunctions) : ''}
  WITH queries AS (SELECT * FROM jsonb_to_recordset(given) AS x(id int, kind text, schema text, tab text, name text,
    property text, alternates boolean, on_table text, of_key boolean)),
  objects(id, alt, fragments) AS MATERIALIZED (${unindented([...new Set(objects)].join('\nUNION ALL'))})
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'alt', alt, 'fragments', fragments)), '[]') INTO in_catalog
    FROM objects WHERE fragments IS NOT NULL AND fragments <> '[null]';
${unindented([collect, translate(denied), compare].join('\n'))}
${verdict}
END`)}`
}

// The messages of a run are on their way together as far as they fit into the server's socket.
const unindented = (text: string): string =>
  text.replaceAll(/^\s+/gm, '').replaceAll(/^--.*\n/gm, '')

const { relations } = tableIntrospection

const sources: Readonly<Record<ObjectKind, string>> = {
  table: relations,
  view: relations,
  'materialized view': relations,
  sequence: relations,
  column: tableIntrospection.columns,
  index: tableIntrospection.indexes,
  constraint: tableIntrospection.constraints,
  type: otherIntrospection.types,
  function: otherIntrospection.functions,
  trigger: otherIntrospection.triggers,
  policy: otherIntrospection.policies,
  schema: otherIntrospection.schemas,
  extension: otherIntrospection.extensions,
}

const rowOf = (query: CatalogQuery, id: number): Readonly<Record<string, unknown>> => {
  const { object, property, named, on, ofKey, accepts } = query
  const candidates = query.candidates.map((each) => ({ ...each, path: pathOf(each) }))
  return {
    id,
    kind: object.kind,
    schema: object.schema,
    tab: object.table,
    name: object.name,
    property,
    alternates: named === 'by server',
    on_table: on?.name,
    of_key: ofKey,
    candidates,
    accepts,
    ...(object.kind === 'function'
      ? {
          signature: signatureOf(object),
          paths: [...candidates.map(({ path }) => path), undefined],
        }
      : {}),
  }
}

// pg_temp comes first where it is not named: behind a pooler, with the temporary tables of another client.
const pathOf = ({ path }: Candidate): string | undefined =>
  path === undefined ? undefined : [...(path === '' ? [] : [path]), 'pg_temp'].join(', ')

const signatureOf = ({ schema, name }: CatalogQuery['object']): string => {
  const bracket = name.indexOf('(')
  return `${identifier(schema)}.${identifier(name.slice(0, bracket))}${name.slice(bracket)}`
}

// One by one: before PostgreSQL 16 an argument type that is not there is an error. A type without a schema is looked for in
// the search path of the file that says it.
const findFunctions = `
  FOR item IN SELECT x.id, x.signature, p.path
    FROM pg_catalog.jsonb_to_recordset(given) AS x(id int, kind text, signature text, paths jsonb),
      pg_catalog.jsonb_array_elements_text(x.paths) WITH ORDINALITY p(path, at)
    WHERE x.kind = 'function' ORDER BY x.id, p.at
  LOOP
    CONTINUE WHEN item.id = ANY (function_queries);
    BEGIN
      PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
      function_oid := pg_catalog.to_regprocedure(item.signature)::pg_catalog.oid;
      PERFORM ${setOwnPath};
      CONTINUE WHEN function_oid IS NULL;
      function_oids := function_oids || function_oid;
      function_queries := function_queries || item.id;
    EXCEPTION WHEN OTHERS THEN
      NULL;
    END;
  END LOOP;`

const overRows = (aliases: string): string =>
  `' FROM ' || (SELECT pg_catalog.string_agg('pg_catalog.json_populate_recordset(NULL::' || (head ->> 'on') || ', ''[]'') AS ' || a, ', ')
    FROM pg_catalog.unnest(${aliases}) a)`

const ownName = `ARRAY[pg_catalog.quote_ident((SELECT i[pg_catalog.array_upper(i, 1)] FROM pg_catalog.parse_ident(head ->> 'on') i))]`

// The catalog's side has a column's bare name.
const inIndex = (output: string): string =>
  `CASE WHEN ${output} ~ '^[a-z_][a-z0-9_$]*$' THEN ${output}
    WHEN ${output} ~ '^"([^"]|"")+"$' THEN pg_catalog.replace(pg_catalog.substr(${output}, 2, pg_catalog.length(${output}) - 2), '""', '"')
    ELSE '(' || (${output}) || ')' END`

// Where the type has these labels, and others only of the added, these stand for all that it has.
const labels = `SELECT CASE WHEN coalesce(pg_catalog.array_agg(e.enumlabel::pg_catalog.text ORDER BY e.enumsortorder)
            FILTER (WHERE NOT head -> 'added' ? e.enumlabel::pg_catalog.text), '{}')
          = ARRAY(SELECT l FROM pg_catalog.jsonb_array_elements_text(head -> 'l') WITH ORDINALITY x(l, at) ORDER BY at)
          THEN coalesce(pg_catalog.string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder), '') ELSE head ->> 'words' END INTO word
        FROM pg_catalog.pg_enum e WHERE e.enumtypid = (head ->> 'on')::pg_catalog.regtype;`

// What must be put into the server's words, and what of it must not be planned. Of a type that must not, its name is enough:
// only types of the server and of extensions have a length or precision.
const collect = `
  WITH ${readings}
  SELECT coalesce(jsonb_agg(jsonb_build_object('key', ${fragmentKey('path', 'part')}, 'path', path, 'part', part)), '[]') INTO to_translate
    FROM (SELECT DISTINCT path, part FROM (
      SELECT asked.path, jsonb_array_elements(asked.fragments) AS part FROM asked WHERE asked.id IN (SELECT had.id FROM had)
      UNION ALL SELECT asked.path, jsonb_array_elements(had.fragments) FROM asked JOIN had USING (id)
        WHERE asked.n > 0 OR asked.id NOT IN (SELECT s.id FROM same s)) u
    WHERE jsonb_typeof(part) = 'object') d;
  IF to_translate @? '$[*].part ? (exists(@.e) || @.d != null || exists(@.w) || exists(@.q) || exists(@.t))' AND (${hasForeignCode}) THEN
    SELECT jsonb_object_agg(p.path, CASE WHEN set_config('search_path', coalesce(nullif(p.path, ''), own_path), true) IS NOT NULL
        THEN to_jsonb(current_schemas(true)) END) INTO paths
      FROM (SELECT DISTINCT coalesce(t.path, '') FROM jsonb_to_recordset(to_translate) t(path text)) p(path);
    PERFORM ${setOwnPath};
    unplannable := ARRAY(${notPlannable('to_translate', 'paths')});
  END IF;`

const isShort = `t.part ?| '{t,e,d}'`

// An item of the list of a SELECT.
const asked = `CASE
  WHEN p.part ? 't' THEN 'NULL::' || (p.part ->> 't')
  WHEN p.part ? 'd' OR p.part ? 's' THEN 'CAST((' || CASE
      WHEN p.part ? 's' THEN 'pg_catalog.nextval(' || pg_catalog.quote_literal(
        pg_catalog.pg_get_serial_sequence(p.part ->> 'on', p.part ->> 'column')) || '::pg_catalog.regclass)'
      ELSE coalesce(p.part ->> 'd', 'NULL') END || ') AS ' || (
    SELECT pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = (p.part ->> 'on')::regclass AND a.attname = p.part ->> 'column') || ')'
  ELSE '(' || coalesce(p.part ->> 'w', p.part ->> 'e') || ')' END`

const answered = `CASE WHEN p.part ? 'q' OR plan -> 'Plans' IS NOT NULL THEN plan::text
  WHEN p.part ? 't' THEN regexp_replace(output, '^NULL::', '')
  WHEN p.part ? 'd' AND output LIKE 'NULL::%' THEN 'no default'
  WHEN p.part ? 'in' THEN ${inIndex('output')}
  ELSE coalesce(output, '') END`

// The types and the expressions over one table are planned as one SELECT first; where one of them cannot be planned, or has a
// plan below its own, each is planned by itself in the second pass.
// An error is an answer too: the SQL stands for itself then, so that only what is written alike compares as equal. But
// what passes by itself (a lock that is held, a shutdown) is raised. Only the file's own words are read in the file's path; what
// fails there has taken the path back.
const translate = (denied: WhenDenied): string => `
  FOR pass IN 0..1 LOOP
  FOR item IN SELECT t.path, array_agg(t.key) AS keys, array_agg(t.part) AS parts
    FROM (SELECT x.key, x.path, CASE WHEN x.key = ANY (unplannable) THEN jsonb_build_object('r', x.part -> 't') ELSE x.part END AS part
      FROM jsonb_to_recordset(to_translate) AS x(key text, path text, part jsonb) WHERE x.key <> ALL (unplannable) OR x.part ? 't') t
    WHERE t.key <> ALL (part_keys) GROUP BY t.path, CASE WHEN pass = 0 AND ${isShort} THEN coalesce(t.part ->> 'on', '') ELSE t.key END
  LOOP
    head := item.parts[1];
    answers := NULL;
    BEGIN
      IF head ? 'pk' THEN
        SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY k.ord) INTO STRICT word FROM pg_catalog.pg_constraint c,
          pg_catalog.unnest(c.conkey) WITH ORDINALITY k(num, ord), pg_catalog.pg_attribute a
          WHERE c.conrelid = (head ->> 'pk')::regclass AND c.contype = 'p' AND a.attrelid = c.conrelid AND a.attnum = k.num;
      ELSIF head ? 'r' THEN
        query := head ->> 'r';
        PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
        word := query::pg_catalog.regtype::pg_catalog.text;
        PERFORM ${setOwnPath};
      ELSIF head ? 'co' THEN
        SELECT CASE WHEN count(*) > 0 THEN '' ELSE ' COLLATE ' || (head ->> 'co') END INTO word FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation WHERE a.attrelid = (head ->> 'on')::pg_catalog.regclass
            AND a.attname = head ->> 'column' AND o.collname = head ->> 'co';
      ELSIF head ? 'l' THEN
        ${labels}
      ELSIF head ? 'oc' THEN
        SELECT CASE WHEN o.opcdefault THEN '' ELSE ' ' || o.opcname END INTO STRICT word FROM pg_catalog.pg_opclass o
          JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = head ->> 'am'
          WHERE o.opcname = head ->> 'oc' LIMIT 1;
      ELSE
        query := 'EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ' || CASE WHEN head ? 'q' THEN head ->> 'q'
          ELSE 'SELECT ' || (SELECT string_agg(${asked}, ', ' ORDER BY at) FROM unnest(item.parts) WITH ORDINALITY p(part, at))
            || CASE WHEN head ? 't' THEN '' WHEN head ? 'w' THEN ${overRows(`ARRAY['old', 'new']`)} ELSE ${overRows(ownName)} END END;
        PERFORM pg_catalog.set_config('search_path', coalesce(item.path, own_path), true);
        EXECUTE query INTO plan;
        PERFORM ${setOwnPath};
        plan := plan -> 0 -> 'Plan';
        answers := ARRAY(SELECT ${answered} FROM unnest(item.parts) WITH ORDINALITY p(part, at), LATERAL (SELECT plan -> 'Output' ->> (at - 1)::int) o(output) ORDER BY at);
        CONTINUE WHEN cardinality(answers) > 1 AND (plan -> 'Plans' IS NOT NULL OR json_array_length(plan -> 'Output') <> cardinality(answers));
      END IF;
    EXCEPTION WHEN OTHERS THEN
      IF left(SQLSTATE, 2) IN (${passingInSql}) THEN RAISE; END IF;
      CONTINUE WHEN cardinality(item.keys) > 1;
      ${denied === 'raise' ? `IF SQLSTATE = '${insufficientPrivilege}' THEN RAISE; END IF;` : ''}
      word := CASE WHEN SQLSTATE = '${insufficientPrivilege}' THEN '(no privilege to compare it)' END;
      word := coalesce(word, head ->> 't', head ->> 'r', head ->> 'e', head ->> 'd', head ->> 'q', head ->> 'w',
        ' ' || (head ->> 'oc'), head ->> 'words', CASE WHEN head ? 's' THEN 'nextval() of a sequence of its own' END, '(' || SQLERRM || ')');
    END;
    part_keys := part_keys || item.keys;
    part_words := part_words || coalesce(answers, ARRAY[coalesce(word, '')]);
  END LOOP;
  END LOOP;`
