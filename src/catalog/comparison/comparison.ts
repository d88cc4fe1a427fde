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
import { translate, type WhenDenied } from './translate.ts'

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
